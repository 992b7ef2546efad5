"""`config check` finds all mistakes at once, and says of each where it is and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.platform import Platform

from vaguemestre.api import Notice, Notifier
from vaguemestre.config import (
    Configuration,
    NotifierConfig,
    Outbox,
    ProfileConfig,
    check,
    load,
    to_toml,
)
from vaguemestre.errors import ConfigurationError
from vaguemestre.plugins import PluginInfo, Registry


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str
    weight: Annotated[int, msgspec.Meta(ge=1)] = 1


class PostSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    service: Literal[25, 97]
    addresses: tuple[Address, ...] = ()
    hosts: tuple[str, ...] = ()
    ca_file: Path | None = None
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 30.0


class Post(Platform):
    platform = "post"
    settings = PostSettings
    credential_fields = ("motdepasse",)

    @classmethod
    def check_settings(cls, settings: Any) -> Sequence[tuple[str, str]]:
        plain = [n for n, a in enumerate(settings.addresses) if a.url.startswith("http:")]
        return [(f"addresses.{n}.url", "plain http") for n in plain]


class Single(Platform):
    platform = "single"
    exclusive = True


class BellSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tone: str


class Bell(Notifier):
    kind = "bell"
    settings = BellSettings

    async def send(self, notice: Notice) -> None:
        return


Check = Callable[[str], list[str]]


def registry() -> Registry:
    found = Registry()
    found.adapters.update({a.platform: a for a in (Platform, Post, Single)})
    found.notifiers["bell"] = Bell
    return found


@pytest.fixture
def mistakes(tmp_path: Path, speak: Callable[[str], None]) -> Check:
    """The mistakes in a text, in English, without the name of the file."""

    def find(text: str) -> list[str]:
        file = tmp_path / "site.toml"
        file.write_text('locale = "en"\n' + text, "utf-8", newline="")
        return [str(p).removeprefix(f"{file}:") for p in check(file, registry())]

    return find


def test_a_mistake_names_file_line_and_key(tmp_path: Path) -> None:
    file = tmp_path / "vaguemestre.toml"
    file.write_text('locale = "en"\n[[outbox]]\nname = "a"\npath = "a"\nquiet_secs = 2\n')
    (problem,) = check(file, registry())
    assert str(problem) == (
        f"{file}:5: outbox[0].quiet_secs: unknown key; did you mean quiet_seconds?"
    )
    assert (problem.file, problem.line, problem.key) == (file, 5, "outbox[0].quiet_secs")


SECRET = "a secret must not stand in this file; set it with: vaguemestre secrets set NAME"


def test_all_mistakes_are_found_at_once_in_the_order_of_the_file(mistakes: Check) -> None:
    assert mistakes(
        """\
[store]
path = 3
[[outbox]]
name = "paie"
path = "out"
hold = "yes"
quiet_secs = 2
[[outbox]]
name = "Paie"
scan_seconds = 0
[[profile]]
name = "acme"
platform = "pots"
scope = { company = "1", dossier = "2" }
concurrency = 65
motdepasse = "Secret"
[[notifier]]
kind = "bel"
[[activation]]
module = "dsn"
active = 1
[webb]
x = 1
"""
    ) == [
        "3: store.path: must be a text in quotes, not a whole number",
        "7: outbox[0].hold: must be true or false, not a text in quotes",
        "8: outbox[0].quiet_secs: unknown key; did you mean quiet_seconds?",
        "9: outbox[1].path: missing",
        "11: outbox[1].scan_seconds: must be >= 0.05",
        "14: profile[0].platform: no installed plugin provides pots; did you mean post?",
        "15: profile[0].scope: give only one of directory, company, dossier",
        "16: profile[0].concurrency: must be <= 64",
        f"17: profile[0].motdepasse: {SECRET}",
        "19: notifier[0].kind: no installed plugin provides bel; did you mean bell?",
        "20: activation[0].user: missing",
        "22: activation[0].active: must be true or false, not a whole number",
        "23: webb: unknown key",
    ]


PROFILE = '[[profile]]\nname = "p"\nplatform = "post"\ncredential = "c"\n[profile.settings]\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("service = 26", "7: profile[0].settings.service: must be one of: 25, 97"),
        ("servic = 25\nservice = 25", "7: profile[0].settings.servic: unknown key; did you mean"),
        ("", "6: profile[0].settings.service: missing"),
        (
            'service = 25\naddresses = [\n  { url = "https://a" },\n  { weight = 0, url = "" }]',
            "10: profile[0].settings.addresses[1].weight: must be >= 1",
        ),
        (
            'service = 25\n[[profile.settings.addresses]]\nurl = "http://a"',
            "9: profile[0].settings.addresses[0].url: plain http",
        ),
        (
            'service = 25\nhosts = ["a",\n 2]',
            "9: profile[0].settings.hosts[1]: must be a text in quotes, not a whole number",
        ),
        ("service = 25\nca_file = ''", "8: profile[0].settings.ca_file: must be a path"),
        ("service = 25\ntimeout_seconds = 0", "8: profile[0].settings.timeout_seconds: must be >"),
        ('service = 25\npassword = "x"', "8: profile[0].settings.password: a secret must not"),
    ],
)
def test_each_mistake_in_a_plugins_settings_has_its_own_line(
    mistakes: Check, text: str, problem: str
) -> None:
    (found,) = mistakes(PROFILE + text + "\n")
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[outbox]\nname = "a"', "2: outbox: write [[outbox]], with double brackets"),
        ("[[store]]\n", "2: store: write [store], with single brackets"),
        ("store = 1", "2: store: must be a table, not a whole number"),
        ("outbox = [1]", "2: outbox[0]: must be a table, not a whole number"),
        ('outbox = "x"', "2: outbox: must be a list, not a text in quotes"),
        ("notifier = [1]", "2: notifier[0]: must be a table, not a whole number"),
        ("profile = [1]", "2: profile[0]: must be a table, not a whole number"),
        ('[[notifier]]\ntone = "a"', "2: notifier[0].kind: missing"),
        ('[[notifier]]\nkind = "bell"\ntone = 1', "4: notifier[0].tone: must be a text in quotes"),
        ('[[notifier]]\nkind = "bell"', "2: notifier[0].tone: missing"),
        ('[[notifier]]\nkind = "x"', "3: notifier[0].kind: no installed plugin provides x; must"),
        ('[log]\nlevel = "LOUD"', "3: log.level: must be one of: DEBUG, INFO, WARNING, ERROR"),
        ('[store]\nurl = "postgresql://x"', "3: store.url: this version keeps its state in an"),
        ('[[outbox]]\nname = ""\npath = "a"', "3: outbox[0].name: must not be empty"),
        ('[[outbox]]\nname = "a/b"\npath = "a"', "3: outbox[0].name: must be usable as the name"),
        ('[[outbox]]\nname = "a"\npath = "a"\nquiet_seconds = nan', "5: outbox[0].quiet_seconds"),
        ('[[outbox]]\nname = "a"\npath = "a"\nquiet_seconds = inf', "5: outbox[0].quiet_seconds"),
        ('[[profile]]\nname = "p"\nplatform = "post"\nsettings = { service = 25 }',
         "2: profile[0].credential: missing: the name of a secret"),
        ('[[profile]]\nname = "p"\nplatform = "single"\nconcurrency = 2',
         "5: profile[0].concurrency: this platform takes one deposit at a time"),
        ('[[activation]]\nuser = "m"\nmodule = "x"\n[[activation]]\nuser = "m"\nmodule = "x"',
         "5: activation[1]: user and module are already those of activation[0]"),
        ("[[deadline]]\ndue_day = 32", "3: deadline[0].due_day: must be <= 31"),
        ("[[deadline]]\nscope = {}", "2: deadline[0].due_day: missing"),
        ("[[deadline]]\ndue_day = 5\n[[deadline]]\ndue_day = 15",
         "4: deadline[1].scope: the same scope as deadline[0]"),
        ('[[deadline]]\ndue_day = 5\nscope = { company = "1", dossier = "2" }',
         "4: deadline[0].scope: give only one of directory, company, dossier"),
    ],
)  # fmt: skip
def test_other_mistakes(mistakes: Check, text: str, problem: str) -> None:
    (found,) = mistakes(text + "\n")
    assert found.startswith(problem)


def outboxes(*paths: str) -> str:
    return "".join(f'[[outbox]]\nname = "o{n}"\n{path}\n' for n, path in enumerate(paths))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (outboxes('path = "a"', 'path = "./b/../a"'), "outbox[1].path"),
        (outboxes('path = "a"', 'path = "a/b"'), "outbox[1].path"),
        (outboxes('path = "a/b"', 'path = "a"'), "outbox[0].path"),
        (outboxes('path = "a"\ntaken = "."'), "outbox[0].taken"),
        (outboxes('path = "a"\nrejected = ".."'), "outbox[0].rejected"),
        (outboxes('path = "a"\nrejected = "Pris en charge"'), "outbox[0].rejected"),
        (outboxes('path = "a"', 'path = "b"\ntaken = "../a/x"'), "outbox[1].taken"),
        (outboxes('path = "a"') + '[inbox]\npath = "a/Retours"', "inbox.path"),
        (outboxes('path = "in/a"') + '[inbox]\npath = "in"', "outbox[0].path"),
        (outboxes('path = "a"') + '[store]\npath = "a/state.db"', "store.path"),
        (outboxes('path = "a"') + '[vault]\nkey_file = "a/key"', "vault.key_file"),
        (outboxes('path = "a"') + '[log]\nfile = "a/log"', "log.file"),
        (outboxes('path = "."') + '[inbox]\npath = "../in"', "outbox[0].path"),
    ],
)
def test_folders_that_would_feed_each_other_are_mistakes(
    mistakes: Check, text: str, key: str
) -> None:
    (found,) = mistakes(text + "\n")
    assert f": {key}: " in found


def test_one_folder_under_two_names_is_found(mistakes: Check, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to("a")
    (found,) = mistakes(outboxes('path = "a"', 'path = "b"'))
    assert "outbox[1].path: the same folder as outbox[0]" in found


def profiles(*lines: str) -> str:
    return "".join(f'[[profile]]\nname = "p{n}"\n{text}\n' for n, text in enumerate(lines))


def test_profiles_that_cannot_be_told_apart_are_a_mistake(mistakes: Check) -> None:
    memory = 'platform = "memory"\n'
    (found,) = mistakes(profiles(memory, 'platform = "single"'))
    assert "profile[1].scope: the same scope and mode as profile[0]" in found
    (found,) = mistakes(
        profiles(
            memory + 'scope = { company = "732 829 320" }',
            memory + 'scope = { company = "732829320" }',
        )
    )
    assert found.startswith("9: profile[1].scope")
    assert not mistakes(profiles(memory, memory + 'mode = "test"'))
    assert not mistakes(profiles(memory, memory + 'scope = { directory = "d" }'))


def test_a_misspelt_mode_is_not_also_told_as_a_tie(mistakes: Check) -> None:
    memory = 'platform = "memory"\n'
    assert mistakes(profiles(memory, memory + 'mode = "tset"')) == [
        "9: profile[1].mode: must be one of: real, test"
    ]


def test_a_plugin_that_could_not_be_loaded_is_named(tmp_path: Path) -> None:
    broken = registry()
    info = PluginInfo("gone", "", "")
    info.error = "ImportError"
    broken.plugins.append(info)
    file = tmp_path / "a.toml"
    file.write_text('locale = "en"\n[[profile]]\nname = "p"\nplatform = "zzzzz"\n')
    (problem,) = check(file, broken)
    assert problem.message.endswith("not loaded because of an error: gone")


def test_load_tells_all_mistakes_in_the_language_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('locale = "en"\n[store]\npth = "x"\n[inbox]\npath = 1\n')
    with pytest.raises(ConfigurationError) as caught:
        load(file, Registry())
    assert str(caught.value).splitlines() == [
        f"{file}:3: store.pth: unknown key; did you mean path?",
        f"{file}:5: inbox.path: must be a text in quotes, not a whole number",
    ]
    file.write_text("[store]\npth = 'x'\n")
    assert "clé inconnue" in str(check(file, Registry())[0])


STRUCTS = (Configuration, Outbox, ProfileConfig, NotifierConfig, PostSettings, Address)
FIELDS = {field.name for struct in STRUCTS for field in msgspec.structs.fields(struct)}
keys = st.sampled_from([*sorted(FIELDS), "tone", "x", "a b"])
scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.dates(),
    st.sampled_from(["", "memory", "post", "single", "bell", "a", "fr", "test", "\x00", "../.."]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=30,
)


@settings(max_examples=300)
@given(st.dictionaries(keys, values, max_size=6))
def test_whatever_stands_in_the_file_there_is_an_answer(
    tmp_path_factory: pytest.TempPathFactory, tables: dict[str, Any]
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(to_toml(tables), "utf-8")
    problems = check(file, registry())
    assert all(p.line >= 1 and p.message for p in problems)
    if not problems:
        load(file, registry())
