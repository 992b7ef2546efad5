"""What `vaguemestre check` promises: an honest verdict on each file, and an exit code that scripts
can trust."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.office import Office

from vaguemestre.plugins import PluginInfo

KEYS = {"file", "name", "kind", "depositable", "findings"}
FINDING_KEYS = {
    *("severity", "code", "rubrique", "label", "line", "lines", "count", "value", "message")
}


def checked(office: Office, payload: bytes, *, code: int) -> Any:
    file = office.folder / "file.txt"
    file.write_bytes(payload)
    (verdict,) = json.loads(office.bare("check", str(file), "--json", code=code).stdout)
    assert set(verdict) == KEYS
    assert verdict["file"] == str(file)
    assert all(set(finding) == FINDING_KEYS for finding in verdict["findings"])
    return verdict


def test_a_sound_file_is_depositable_and_the_exit_code_is_0(office: Office) -> None:
    verdict = checked(office, b"LETTER", code=0)
    assert verdict["depositable"] is True
    assert verdict["kind"] == "letter"
    assert verdict["findings"] == []


def test_a_warning_does_not_block(office: Office) -> None:
    verdict = checked(office, b"LETTER hint", code=0)
    assert verdict["depositable"] is True
    assert [f["severity"] for f in verdict["findings"]] == ["warning"]


def test_a_blocking_finding_gives_1_and_says_where(office: Office) -> None:
    verdict = checked(office, b"LETTER mistake", code=1)
    assert verdict["depositable"] is False
    assert verdict["findings"] == [
        {
            "severity": "blocking",
            "code": "S21.G00.30.001/mistake",
            "rubrique": "S21.G00.30.001",
            "label": "",
            "line": 1,
            "lines": [],
            "count": 1,
            "value": "2***",
            "message": "Corrigez.",
        }
    ]


@pytest.mark.parametrize(
    ("payload", "code"), [(b"", "file/empty"), (b"Dear Sir", "format/unknown")]
)
def test_what_no_plugin_knows_is_blocking_and_explained(
    office: Office, payload: bytes, code: str
) -> None:
    verdict = checked(office, payload, code=1)
    assert verdict["kind"] == ""
    assert [f["code"] for f in verdict["findings"]] == [code]
    assert verdict["findings"][0]["message"]


def test_a_control_that_fails_is_never_a_green_light(office: Office) -> None:
    verdict = checked(office, b"LETTER crash", code=1)
    assert verdict["depositable"] is False
    assert [f["code"] for f in verdict["findings"]] == ["control/failed"]
    assert "spelling" in verdict["findings"][0]["message"]
    assert "NIR" not in verdict["findings"][0]["message"]


def test_each_declaration_of_a_file_with_several_is_controlled(office: Office) -> None:
    verdict = checked(office, b"LETTERS|LETTER one|LETTER mistake", code=1)
    assert verdict["kind"] == "letters"
    assert [f["code"] for f in verdict["findings"]] == ["S21.G00.30.001/mistake"]
    assert checked(office, b"LETTERS|LETTER one|LETTER two", code=0)["depositable"] is True


def test_a_file_that_cannot_be_cut_is_blocking(office: Office) -> None:
    assert [f["code"] for f in checked(office, b"TORN", code=1)["findings"]] == ["file/split"]


def test_several_files_are_judged_one_by_one(office: Office) -> None:
    good, bad = office.folder / "good", office.folder / "bad"
    good.write_bytes(b"LETTER")
    bad.write_bytes(b"LETTER mistake")
    result = office.bare("check", str(good), str(bad), "--json", code=1)
    assert [v["depositable"] for v in json.loads(result.stdout)] == [True, False]
    people = office.bare("check", str(good), str(bad), code=1).stdout
    assert str(good) in people
    assert "S21.G00.30.001/mistake" in people
    assert "Corrigez." in people


def test_a_file_that_cannot_be_read_is_a_usage_error_that_names_it(office: Office) -> None:
    good = office.folder / "good"
    good.write_bytes(b"LETTER")
    missing = office.folder / "missing"
    result = office.bare("check", str(good), str(missing), str(office.folder), code=2)
    assert str(missing) in result.stderr
    assert str(office.folder) in result.stderr
    assert result.stdout == ""


def test_without_a_file_it_is_a_usage_error(office: Office) -> None:
    office.bare("check", code=2)


def test_a_plugin_that_was_left_out_is_told(office: Office, tmp_path: Path) -> None:
    lost = PluginInfo("lost", "lost-controls", "1")
    lost.error = "ImportError: gone"
    office.registry.plugins.append(lost)
    file = tmp_path / "file"
    file.write_bytes(b"LETTER")
    assert "lost" in office.bare("check", str(file)).stderr
