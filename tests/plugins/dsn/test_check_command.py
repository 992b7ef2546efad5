"""`vaguemestre check` on DSN files: what a person sees, prints and passes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from plugins.dsn.editing import edited

from vaguemestre.cli import root
from vaguemestre_dsn import samples

LOT = Path(__file__).parents[3].parent / "shared/reference/samples/fctu-P25V01-lot.dsn"
BROKEN = edited(samples.mensuelle(employees=4), "71.002=RETC").replace(b"'LYON'", b"'LYON '")


def run(*words: str) -> Result:
    return CliRunner().invoke(root, ["check", *words], catch_exceptions=False)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "paie.dsn"
    file.write_bytes(BROKEN)
    return file


def test_a_finding_is_told_with_code_label_lines_and_what_to_do(broken: Path) -> None:
    result = run(str(broken))
    told = " ".join(result.output.split())
    assert result.exit_code == 1
    assert "S21.G00.30.010/CSL-00 « Localité »" in told
    assert "(4 fois en tout)" in told
    assert "supprimez-le" in told
    assert "3 bloquante(s), 0 avertissement(s)" in told


def test_the_json_groups_what_repeats(broken: Path) -> None:
    (verdict,) = json.loads(run(str(broken), "--json").stdout)
    grouped = {finding["code"]: finding for finding in verdict["findings"]}
    city = grouped["S21.G00.30.010/CSL-00"]
    assert (city["label"], city["count"], len(city["lines"])) == ("Localité", 4, 3)
    assert city["line"] == city["lines"][0]


def test_personal_values_are_shown_only_when_asked_for(broken: Path) -> None:
    assert "LYON" not in run(str(broken)).output
    assert "Valeur : LYON" in run(str(broken), "--values").output
    # A finding about what is missing has no value, whatever stands where it was missed.
    missing = edited(samples.mensuelle(employees=1), "-40.020")
    broken.write_bytes(missing)
    shown = json.loads(run(str(broken), "--values", "--json").stdout)[0]["findings"]
    assert [f["value"] for f in shown if f["code"] == "S21.G00.40.020/CST-03"] == [""]


def test_a_page_with_personal_values_is_for_its_owner_and_says_so(
    broken: Path, tmp_path: Path
) -> None:
    page = tmp_path / "rapport.html"
    run(str(broken), "--values", "--html", str(page))
    assert page.stat().st_mode & 0o077 == 0
    assert "données personnelles" in page.read_text("utf-8")


def test_lines_are_no_wider_than_the_terminal(
    broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = run(str(broken)).output.splitlines()[1:]
    assert max(map(len, told)) <= 80
    assert not [line for line in told if line.endswith("«") or line.lstrip().startswith("»")]


def test_what_would_drive_a_terminal_stays_out_of_the_page(tmp_path: Path) -> None:
    file, page = tmp_path / "paie.dsn", tmp_path / "rapport.html"
    file.write_bytes(BROKEN.replace(b"SOCIETE FICTIVE", b"SOCIETE \x1b[31m\x00"))
    run(str(file), "--html", str(page))
    assert "\x1b" not in page.read_text("utf-8")


def test_the_page_holds_the_same_and_needs_nothing_else(broken: Path, tmp_path: Path) -> None:
    good = tmp_path / "<b>bon.dsn"
    good.write_bytes(samples.fctu())
    page = tmp_path / "rapport.html"
    assert run(str(broken), str(good), "--html", str(page)).exit_code == 1
    text = page.read_text("utf-8")
    for part in ("paie.dsn", "S21.G00.71.002/CCH-13", "Localité", "peut être déposé", 'lang="fr"'):
        assert part in text, part
    assert "<b>bon" not in text
    assert "LYON" not in text
    for foreign in ("<script", "http:", "https:", "src=", "href=", "@import"):
        assert foreign not in text, foreign


def test_a_page_that_cannot_be_written_is_said(broken: Path, tmp_path: Path) -> None:
    told = run(str(broken), "--html", str(tmp_path / "nowhere" / "rapport.html"))
    assert told.exit_code == 2
    assert "nowhere" in told.output


def test_a_lot_is_refused_and_names_what_looks_inside() -> None:
    if not LOT.exists():
        pytest.skip("the anonymised lot is not here")
    told = run(str(LOT))
    assert told.exit_code == 1
    assert "--lot" in told.output


def inside() -> list[dict[str, Any]]:
    if not LOT.exists():
        pytest.skip("the anonymised lot is not here")
    verdicts: list[dict[str, Any]] = json.loads(run(str(LOT), "--lot", "--json").stdout)
    return verdicts


def test_the_declarations_of_a_lot_are_controlled_one_by_one() -> None:
    verdicts = inside()
    assert [v["name"].endswith(f", {n} sur 3") for n, v in enumerate(verdicts, 1)] == [True] * 3
    assert {v["file"] for v in verdicts} == {str(LOT)}
    # What the organism added is not held against the sender: neither notes nor counters.
    codes = {f["code"] for v in verdicts for f in v["findings"]}
    assert not [c for c in codes if c.startswith(("S90", "S05", "S06", "S10.G00.95", "S20.G00.96"))]
    assert not [c for c in codes if c[10:12] == ".9"]


def test_the_lines_are_those_of_the_lot() -> None:
    lines = LOT.read_bytes().splitlines() if LOT.exists() else []
    for verdict in inside():
        for finding in verdict["findings"]:
            if "/CSL" in finding["code"]:
                shown = lines[finding["line"] - 1].decode("latin-1")
                assert shown.startswith(finding["rubrique"])


def test_a_file_that_is_no_lot_is_controlled_as_it_is(broken: Path) -> None:
    assert run(str(broken), "--lot").output == run(str(broken)).output


def test_a_hostile_counter_of_a_lot_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "lot.dsn"
    counted = edited(samples.fctu(), "").replace(
        b"S90.G00.90.001,'", b"S90.G00.90.001,'" + b"9" * 200
    )
    file.write_bytes(b"S05.G51.00.001,'V01R02'\r\n" + counted)
    (verdict,) = json.loads(run(str(file), "--lot", "--json").stdout)
    assert "S90.G00.90.001/CST-11" in [finding["code"] for finding in verdict["findings"]]
