"""A profile that cannot work is a mistake of the configuration, named with its line and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vaguemestre.cli.credentials import required_fields
from vaguemestre.config import check
from vaguemestre.deployment import Deployment
from vaguemestre.plugins import Registry
from vaguemestre_izilio.adapter import Izilio
from vaguemestre_izilio.settings import Settings, mistakes

HEAD = """\
[[outbox]]
name = "paie"
path = "out"
[[profile]]
name = "acme"
platform = "izilio"
"""
URLS = {
    "authentication_url": "https://m2m.example.org/authentifier/1.0/",
    "deposit_url": "https://m2m.example.org/deposer-dsn/1.0/",
    "consultation_url": "https://m2m.example.org/",
}


@pytest.fixture
def problems(tmp_path: Path) -> Any:
    """What `config check` says of a profile that goes on with `more`."""
    registry = Registry().load()

    def found(more: str) -> list[tuple[int, str, str]]:
        file = tmp_path / "site.toml"
        file.write_text(HEAD + more, "utf-8")
        return [(p.line or 0, str(p.key), p.message) for p in check(file, registry)]

    return found


def names(**settings: Any) -> set[str]:
    return {name for name, _message in mistakes(Settings(**settings))}


def test_without_addresses_each_is_asked_for_and_none_is_presumed(problems: Any) -> None:
    found = problems('credential = "acme"\n')
    assert {key for _line, key, _message in found} == {
        f"profile[0].settings.{name}" for name in URLS
    }
    assert all(line == 4 for line, _key, _message in found)
    assert all("IZILIO ne publie aucune adresse" in message for *_place, message in found)
    assert all("hand-over" in message for *_place, message in found)


def test_a_complete_profile_of_either_transport_is_in_order(problems: Any) -> None:
    lines = [f'{name} = "{url}"' for name, url in URLS.items()]
    assert not problems("\n".join(['credential = "acme"', "[profile.settings]", *lines]))
    assert not problems('[profile.settings]\ntransport = "hand-over"\nfolder = "izilio"\n')


def test_by_line_a_credential_is_wanted_by_hand_none(problems: Any) -> None:
    lines = [f'{name} = "{url}"' for name, url in URLS.items()]
    (found,) = problems("\n".join(["[profile.settings]", *lines]))
    assert found[1] == "profile[0].credential"
    assert Izilio.needs(Settings()) == ("siret", "nom", "prenom", "motdepasse", "courriel")
    assert Izilio.needs(Settings(authentication_body="declarant"))[-1] == "motdepasse"
    assert Izilio.needs(Settings(authentication_body="msa")) == ("siret", "motdepasse")
    assert Izilio.needs(Settings(transport="hand-over")) == ()


@pytest.mark.parametrize(
    ("settings", "last"),
    [
        ({}, "courriel"),
        ({"authentication_body": "declarant"}, "motdepasse"),
        ({"transport": "hand-over", "folder": "f"}, "courriel"),
    ],
)
def test_the_fields_that_are_sent_are_those_that_a_secret_is_asked_for(
    tmp_path: Path, settings: dict[str, str], last: str
) -> None:
    lines = [f'{name} = "{value}"' for name, value in {**URLS, **settings}.items()]
    file = tmp_path / "site.toml"
    file.write_text(
        HEAD + "\n".join(['credential = "acme"', "[profile.settings]", *lines]), "utf-8"
    )
    with Deployment.open(file, Registry().load()) as deployment:
        assert required_fields(deployment, "acme")[-1] == last


def test_the_addresses_of_net_entreprises_are_not_taken_for_those_of_izilio(
    problems: Any,
) -> None:
    found = problems('credential = "a"\n[profile.settings]\npreset = "rg-production"\n')
    assert [(line, key) for line, key, _message in found] == [(9, "profile[0].settings.preset")]


def test_by_hand_the_folder_is_asked_for(problems: Any) -> None:
    found = problems('[profile.settings]\ntransport = "hand-over"\n')
    assert [key for _line, key, _message in found] == ["profile[0].settings.folder"]


@pytest.mark.parametrize("name", ["", "a/b", "..", ".caché", "a\\b", "nul?", " a"])
@pytest.mark.parametrize("setting", ["returns", "filed"])
def test_folders_below_it_have_plain_names(setting: str, name: str) -> None:
    settings: dict[str, Any] = {setting: name}
    assert names(transport="hand-over", folder="f", **settings) == {setting}


def test_returns_are_not_filed_where_they_are_dropped() -> None:
    settings = Settings(transport="hand-over", folder="f", returns="A", filed="a")
    assert [name for name, _message in mistakes(settings)] == ["filed"]


def test_both_transports_are_different_places() -> None:
    """So that a doubt about one is never settled by asking the other."""
    line, hand = Settings(**URLS), Settings(**URLS, transport="hand-over", folder="f")
    assert Izilio.endpoint(line) == "m2m.example.org"
    assert Izilio.endpoint(hand) == "hand-over:f"
    written_otherwise = Settings(transport="hand-over", folder="./f/")
    assert Izilio.endpoint(written_otherwise) == Izilio.endpoint(hand)


def test_plain_http_is_refused_as_by_the_national_client() -> None:
    assert names(**{**URLS, "deposit_url": "http://m2m.example.org/"}) == {"deposit_url"}
