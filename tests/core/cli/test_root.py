"""The command line as a whole: what it offers, in which language, how quickly, and how it fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support.office import Office, words
from support.site import command

from vaguemestre.cli import root
from vaguemestre.cli.site import Site

#: Section 10 of the architecture, as far as it exists: commands with their options.
CONTRACT = {
    "demo": {"--stay", "--json"},
    "run": {"--log-json"},
    "config check": {"--json"},
    "config show": {"--json"},
    "check": {"--json"},
    "deposits list": {
        *("--state", "--kind", "--module", "--issuer", "--period", "--from", "--to"),
        *("--blocking", "--json"),
    },
    "deposits show": {"--json"},
    "deposits release": {"--all", "--outbox"},
    "deposits hold": set(),
    "deposits recheck": set(),
    "deposits retry": set(),
    "deposits withdraw": set(),
    "deposits checked": set(),
    "deposits settle": {"--deposited", "--absent", "--withdraw", "--note"},
    "returns list": {"--json"},
    "returns show": {"--json", "--save"},
    "returns read": {"--json"},
    "returns export": {"--to"},
    "returns fetch": {"--timeout"},
    "send": {"--timeout"},
    "receive": {"--timeout"},
    "profiles list": {"--json"},
    "profiles test": {"--json"},
    "secrets set": set(),
    "secrets list": {"--json"},
    "secrets remove": set(),
    "secrets rotate": set(),
    "notices list": {"--json"},
    "plugins list": {"--json"},
    "doctor": {"--json"},
}

HEAVY = ("trio", "httpx", "rich", "cryptography", "lxml", "aiosql", "loguru", "h11", "msgspec")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real command, in a child process."""
    return subprocess.run(
        [*command(), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )


def find(path: str, office: Office) -> click.Command:
    found: click.Command = root
    context = click.Context(root, obj=Site(office.registry))
    for word in path.split():
        assert isinstance(found, click.Group)
        inner = found.get_command(context, word)
        assert inner is not None, path
        found = inner
    return found


@pytest.mark.parametrize("path", CONTRACT)
def test_every_command_of_the_contract_is_there_with_its_options(path: str, office: Office) -> None:
    found = find(path, office)
    options = {name for param in found.params for name in param.opts}
    assert options >= CONTRACT[path]
    assert office.bare(*path.split(), "--help").stdout


def test_help_lists_every_command_with_a_line(office: Office) -> None:
    shown = office.bare("--help").stdout
    for path in CONTRACT:
        name = path.split()[0]
        assert any(line.split()[:1] == [name] for line in shown.splitlines()), name


def test_help_imports_nothing_heavy() -> None:
    """What keeps `vaguemestre --help` quick, with every installed plugin."""
    script = (
        "import sys\n"
        "sys.argv = ['vaguemestre', '--help']\n"
        "from vaguemestre.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n"
        f"    print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


# -- plugins' commands


def test_a_plugins_command_appears_in_its_place(office: Office) -> None:
    shown = office.bare("--help").stdout
    assert "simulate" in shown
    assert "Imiter le courrier." in office.bare("simulate", "--help").stdout


def test_a_plugins_command_that_cannot_be_imported_says_what_to_do(office: Office) -> None:
    failed = office.bare("broken", code=2)
    assert "no.such:thing" in failed.stderr


def test_an_unknown_command_is_a_usage_error(office: Office) -> None:
    assert "depositz" in office.bare("depositz", code=2).stderr
    assert "lst" in office.bare("deposits", "lst", code=2).stderr


# -- language


def test_people_are_spoken_to_in_french_clicks_own_words_included(office: Office) -> None:
    assert office.bare("--help").stdout.startswith("Utilisation")
    failed = words(office.bare("deposits", "show", code=2).stderr)
    assert "Erreur" in failed
    assert "Error" not in failed
    assert "Missing" not in failed


def test_the_configuration_decides_the_language(office: Office) -> None:
    text = office.config.read_text("utf-8")
    office.config.write_text(text.replace('locale = "fr"', 'locale = "en"'), "utf-8")
    assert office.run("deposits", "show", code=2).stderr.startswith("Usage:")
    assert "there is no deposit 1" in office.run("deposits", "show", "1", code=1).stderr


def test_before_a_configuration_is_read_the_environment_decides(tmp_path: Path) -> None:
    assert run("--help", VAGUEMESTRE_LOCALE="en").stdout.startswith("Usage:")
    assert run("--help", VAGUEMESTRE_LOCALE="xx").stdout.startswith("Utilisation")


def test_english_help_is_english(office: Office, speak: Callable[[str], None]) -> None:
    speak("en")
    shown = words(office.bare("check", "--help").stdout)
    assert "Check declaration files" in shown
    assert "Show this message and exit." in shown


# -- configuration


def test_without_a_configuration_the_way_to_name_one_is_said(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "out")
    monkeypatch.delenv("VAGUEMESTRE_CONFIG", raising=False)
    failed = office.bare("deposits", "list", code=2)
    assert "vaguemestre.toml" in failed.stderr
    assert "-c" in failed.stderr


def test_the_environment_names_the_configuration_and_the_option_wins(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_CONFIG", str(office.config))
    assert json.loads(office.bare("deposits", "list", "--json").stdout) == []
    monkeypatch.setenv("VAGUEMESTRE_CONFIG", "/nowhere.toml")
    assert office.json("deposits", "list") == []


def test_vaguemestre_toml_here_is_the_default(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VAGUEMESTRE_CONFIG", raising=False)
    office.config.rename(tmp_path / "vaguemestre.toml")
    monkeypatch.chdir(tmp_path)
    office.bare("config", "check")


def test_config_check_names_all_mistakes_with_line_and_key(office: Office) -> None:
    text = office.config.read_text("utf-8")
    text = text.replace('path = "in"', "path = 3").replace("[vault]", "[volt]")
    office.config.write_text(text + "[[profile]]\nplatform = 'moon'\n", "utf-8")
    problems = office.json("config", "check", code=2)
    assert all(set(p) == {"file", "line", "key", "message"} for p in problems)
    keys = {p["key"] for p in problems}
    assert {"inbox.path", "volt", "profile[2].platform", "profile[2].name"} <= keys
    people = office.run("config", "check", code=2).stdout
    assert all(f":{p['line']}" in people for p in problems)


def test_config_check_of_a_sound_file_gives_0(office: Office) -> None:
    assert office.json("config", "check") == []
    assert str(office.config) in office.run("config", "check").stdout


def test_config_show_gives_what_is_in_force(office: Office) -> None:
    shown = office.json("config", "show")
    assert shown["store"]["path"] == str(office.folder / "store.db")
    assert shown["outbox"][0]["quiet_seconds"] == 2.0
    assert "quiet_seconds = 2.0" in office.run("config", "show").stdout


def test_a_configuration_that_is_missing_or_wrong_gives_2_for_every_command(
    office: Office,
) -> None:
    office.config.write_text("[[outbox]]\n", "utf-8")
    for words_ in (["deposits", "list"], ["doctor"], ["returns", "list"], ["secrets", "list"]):
        expected = 1 if words_ == ["doctor"] else 2
        office.run(*words_, code=expected)


# -- failure


def test_something_unexpected_is_one_line_with_the_place_of_the_details(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(_registry: object) -> None:
        raise RuntimeError("motdepasse=Secret-123")

    monkeypatch.setattr(Site, "registry", property(explode))
    failed = office.run("plugins", "list", code=3)
    assert "RuntimeError" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "Secret-123" not in failed.stderr
    details = Path(failed.stderr.split()[-1])
    assert "Traceback" in details.read_text("utf-8")
    assert "Secret-123" not in details.read_text("utf-8")
    details.unlink()


def test_a_reader_that_goes_away_is_no_error_to_look_at() -> None:
    with subprocess.Popen(
        [*command(), "deposits", "list", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_output_is_whole_in_a_console_that_knows_only_ascii(office: Office) -> None:
    done = run("--help", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.startswith("Utilisation")


def test_the_version_is_told() -> None:
    result = CliRunner().invoke(root, ["--version"])
    assert result.exit_code == 0
    assert "0.1" in result.output


def test_plugins_are_listed_with_what_they_provide_or_why_they_are_left_out(
    office: Office,
) -> None:
    (found,) = office.json("plugins", "list")
    assert set(found) == {"name", "distribution", "version", "provides", "error"}
    assert "format letter" in found["provides"]
    assert "adapter mail" in office.run("plugins", "list").stdout
