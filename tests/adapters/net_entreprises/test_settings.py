"""Settings say what is wrong with them before anything is sent anywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from adapters.net_entreprises.conftest import Connect

from vaguemestre.api import ConfigurationError, Credential, Declaration, Profile
from vaguemestre_net_entreprises.adapter import NetEntreprises
from vaguemestre_net_entreprises.presets import PRESETS
from vaguemestre_net_entreprises.settings import Settings, completed, mistakes

URLS = {
    "authentication_url": "https://a.example.org/authentifier/1.0",
    "deposit_url": "https://d.example.org/deposer-dsn/2.0",
    "consultation_url": "https://c.example.org:8443/base",
}


def names(**settings: Any) -> set[str]:
    return {name for name, _message in mistakes(Settings(**settings))}


def adapter(**settings: Any) -> NetEntreprises:
    credential = Credential(name="c", fields={})
    return NetEntreprises(
        Profile(
            name="p",
            platform="net-entreprises",
            mode="real",
            credential=credential,
            settings=Settings(**settings),
            base=Path(),
        )
    )


@pytest.mark.parametrize("preset", ["rg-production", "rg-test", "ra-production"])
def test_a_preset_needs_nothing_else(preset: Any) -> None:
    assert names(preset=preset) == set()
    full = completed(Settings(preset=preset))
    assert full.download_hosts[0].startswith("telechargement")
    assert full.download_url == f"https://{full.download_hosts[0]}/"
    assert full.service == PRESETS[preset].service


def test_the_address_that_is_not_published_is_asked_for() -> None:
    assert names(preset="ra-test") == {"consultation_url"}
    assert names(preset="ra-test", consultation_url="https://c.example.org/") == set()


def test_without_preset_all_addresses_are_asked_for() -> None:
    assert names() == set(URLS)
    assert names(**URLS) == set()


def test_what_is_configured_wins_over_the_preset() -> None:
    full = completed(Settings(preset="rg-production", deposit_url="https://x/", service="97"))
    assert (full.deposit_url, full.service) == ("https://x/", "97")
    assert full.authentication_url == PRESETS["rg-production"].authentication_url


def test_words_of_addresses_are_for_known_services_only() -> None:
    assert names(**URLS, paths={"lister-depots": "suivi/depots"}) == set()
    assert names(**URLS, paths={"lister": "a", "lister-depots": "../a?b"}) == {
        "paths.lister",
        "paths.lister-depots",
    }


def test_a_trailing_slash_does_not_matter() -> None:
    full = completed(Settings(**URLS))
    assert full.deposit_url.endswith("/deposer-dsn/2.0/")
    assert full.authentication_url.endswith("/authentifier/1.0/")
    with_slash = {name: f"{url}/" for name, url in URLS.items()}
    assert completed(Settings(**with_slash)).deposit_url == full.deposit_url
    assert full.download_hosts == ("c.example.org:8443",)
    own = completed(Settings(**{**URLS, "deposit_url": "https://d.example.org/own"}))
    assert own.deposit_url == "https://d.example.org/own"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("authentication_url", "http://a.example.org/"),
        ("deposit_url", "http://127.0.0.1.example.org/"),
        ("consultation_url", "ftp://c.example.org/"),
        ("consultation_url", "c.example.org"),
        ("consultation_url", "https://"),
        ("consultation_url", "https://user@c.example.org/"),
        ("consultation_url", "https://c.example.org/?x"),
        ("consultation_url", "https://c.example.org:port/"),
        ("download_url", "http://t.example.org/"),
        ("download_hosts", ("https://t.example.org/",)),
        ("download_hosts", ("t.example.org:x",)),
        ("download_hosts", ("",)),
        ("proxy", "socks5://p.example.org"),
        ("time_zone", "Europe/Pariss"),
        ("time_zone", "../etc"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: Any) -> None:
    assert names(**{**URLS, name: value}) == {name}


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:1", "[::1]:8080"])
def test_plain_http_is_for_this_machine_only(host: str) -> None:
    assert names(**dict.fromkeys(URLS, f"http://{host}/x/")) == set()


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"preset": "rg-test", "motdepasse": "x"}, Settings)


async def test_a_ca_file_that_cannot_be_read_is_a_mistake_of_the_configuration(
    connect: Connect, tmp_path: Path
) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    for name in ("no.pem", "missing.pem"):
        async with connect(ca_file=str(tmp_path / name)) as opened:
            with pytest.raises(ConfigurationError, match=name):
                await opened.check()


@pytest.mark.parametrize(
    ("settings", "point", "carried"),
    [
        ({"preset": "rg-production"}, "01", True),
        ({"preset": "rg-production"}, "02", False),
        ({"preset": "ra-test"}, "02", True),
        ({"preset": "ra-test"}, "01", False),
        ({"service": "26"}, "01", False),
        ({"service": "98"}, "01", True),
        ({}, "02", True),
        ({"preset": "rg-test"}, "", True),
    ],
)
def test_a_file_for_the_other_regime_is_not_carried(
    settings: dict[str, Any], point: str, carried: bool
) -> None:
    declaration = Declaration(kind="dsn", module="dsn", deposit_point=point)
    reason = adapter(**settings).carries(declaration)
    assert (reason is None) is carried
    assert carried or point in str(reason)


def test_the_adapter_keeps_the_profiles_rhythm() -> None:
    made = adapter(poll_seconds=7, settling_seconds=3)
    assert made.poll_seconds == 7
    assert made.settling_seconds > 3  # and the seconds that a search leaves out


def test_the_plugin_is_loaded_without_network_or_xml_libraries() -> None:
    code = (
        "import sys, vaguemestre_net_entreprises.plugin\n"
        "heavy = {'httpx', 'httpcore', 'lxml', 'ssl', 'h11', 'trio', 'cryptography'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    before = (
        "import sys, vaguemestre.api\n"
        "heavy = {'httpx', 'httpcore', 'lxml', 'ssl', 'h11', 'trio', 'cryptography'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    for program in (before, code):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
