"""A right file becomes a configuration whose paths are absolute and whose settings are decoded."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.platform import Platform, Settings

from vaguemestre.api import Credential, Notice, Notifier
from vaguemestre.config import build_profile, check, load, show, to_toml
from vaguemestre.config.schema import ScopeLevel
from vaguemestre.locale import language
from vaguemestre.plugins import Registry

SAMPLE = """\
locale = "fr"
[store]
path = "vaguemestre.db"
[vault]
key_file = "keys/vault.key"
[[outbox]]
name = "paie"
path = "Départ"
user = "marie"
hold = false
quiet_seconds = 2.0
taken = "Pris en charge"
rejected = "../Rejetés"
directory = "paie-2026"
[[outbox]]
name = "other"
path = "/somewhere/else"
taken = "/archive"
scan_seconds = 1
done_suffix = ".ok"
[inbox]
path = "Retours"
[[profile]]
name = "acme"
platform = "memory"
credential = "acme"
mode = "real"
scope = { company = "732829320" }
concurrency = 8
pace_seconds = 0.5
[profile.settings]
[[profile]]
name = "single"
platform = "single"
[[activation]]
user = "marie"
module = "fctu"
active = false
[[notifier]]
kind = "bell"
tone = "high"
where = "here"
[log]
level = "DEBUG"
format = "json"
file = "log/site.log"
"""


class Single(Platform):
    platform = "single"
    modules = frozenset({"other"})
    exclusive = True


class BellSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tone: str
    where: Path | None = None


class Bell(Notifier):
    kind = "bell"
    settings = BellSettings

    async def send(self, notice: Notice) -> None:
        return


class WebSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bind: str = "127.0.0.1:8443"


def registry() -> Registry:
    found = Registry()
    found.adapters.update({"memory": Platform, "single": Single})
    found.notifiers["bell"] = Bell
    return found


def write(folder: Path, text: str) -> Path:
    file = folder / "site.toml"
    file.write_text(text, "utf-8")
    return file


def test_relative_paths_count_from_the_files_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "deployment"
    folder.mkdir()
    write(folder, SAMPLE)
    monkeypatch.chdir(tmp_path)
    config = load(Path("deployment/site.toml"), registry())
    assert (config.file, config.base) == (folder / "site.toml", folder)
    assert config.store.path == folder / "vaguemestre.db"
    assert config.vault.key_file == folder / "keys/vault.key"
    assert config.inbox.path == folder / "Retours"
    assert config.log.file == folder / "log/site.log"
    first, second = config.outbox
    assert (first.path, first.taken) == (folder / "Départ", folder / "Départ/Pris en charge")
    assert first.rejected == folder / "Rejetés"
    assert (second.path, second.taken) == (Path("/somewhere/else"), Path("/archive"))


def test_what_plugins_own_is_decoded_into_their_structs(tmp_path: Path) -> None:
    config = load(write(tmp_path, SAMPLE), registry())
    assert config.profile[0].settings == Settings()
    assert config.notifier[0].settings == BellSettings(tone="high", where=Path("here"))
    assert config.profile[0].scope.level is ScopeLevel.COMPANY
    assert not config.activation[0].active


def test_an_empty_file_is_a_configuration_of_defaults(tmp_path: Path) -> None:
    config = load(write(tmp_path, ""), registry())
    assert config.outbox == config.profile == config.notifier == ()
    assert config.store.path == tmp_path / "vaguemestre.db"
    assert config.log.file is None


def test_an_exclusive_platform_gets_one_deposit_at_a_time(tmp_path: Path) -> None:
    config = load(write(tmp_path, SAMPLE), registry())
    credential = Credential(name="acme", fields={"motdepasse": "x"})
    built = [build_profile(config, p, credential, registry()) for p in config.profile]
    assert [p.concurrency for p in built] == [8, 1]
    assert (built[0].settings, built[0].base) == (Settings(), tmp_path)


def test_a_section_is_known_when_a_plugin_declares_it(tmp_path: Path) -> None:
    file = write(tmp_path, '[web]\nbind = "0.0.0.0:1"\n')
    assert load(file, registry(), {"web": WebSection}).sections["web"].bind == "0.0.0.0:1"
    (problem,) = check(file, registry())
    assert problem.key == "web"
    (problem,) = check(write(tmp_path, "[web]\nbnd = 1\n"), registry(), {"web": WebSection})
    assert (problem.key, problem.line) == ("web.bnd", 2)


def test_checking_a_file_leaves_the_language_alone(
    tmp_path: Path, speak: Callable[[str], None]
) -> None:
    check(write(tmp_path, 'locale = "en"\nx = 1\n'), registry())
    assert language() == "fr"


def test_what_is_shown_means_the_same_as_the_file(tmp_path: Path) -> None:
    shown = show(load(write(tmp_path, SAMPLE), registry()))
    assert shown["outbox"][0]["scan_seconds"] == 10.0
    assert shown["notifier"][0]["tone"] == "high"
    again = load(write(tmp_path, to_toml(shown)), registry())
    assert show(again) == shown


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    file = write(tmp_path, '[[notifier]]\nkind = "bell"\ntone = "http://u:hunter22@proxy:80"\n')
    assert show(load(file, registry()))["notifier"][0]["tone"] == "http://***@proxy:80"


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), texts, st.datetimes())
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(texts, values, max_size=5))
def test_plain_data_survives_as_toml(tables: dict[str, Any]) -> None:
    assert tomllib.loads(to_toml(tables)) == tables
