"""Rates for payroll and certificates of employees, exported from a deployment."""

from __future__ import annotations

import csv
import json
import os
import zipfile
from pathlib import Path

import pytest
from support.office import Office

from vaguemestre.lifecycle import Event

DEPOSITED = (Event.PASS, Event.ATTEMPT, Event.RECEIPT)


def answered(office: Office, reference: str, content: bytes, name: str = "a.txt") -> int:
    deposit = office.deposit(*DEPOSITED, name=name, issuer="12345678900011", period="2026-10")
    office.refer(deposit, reference)
    return office.returned(reference, content)


def test_tables_become_a_csv_that_says_where_each_row_comes_from(office: Office) -> None:
    answered(office, "F1", b"RATE 1")
    answered(office, "F2", b"RATE 2", "b.txt")
    answered(office, "F3", b"nothing to see", "c.txt")
    target = office.folder / "out" / "rates.csv"
    words = ("returns", "export", "--nature", "11", "--format", "csv", "--output", str(target))
    (told,) = office.json(*words)
    assert told == {"rows": 2, "returns": 2, "path": str(target)}
    with target.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    assert [(row["issuer"], row["reference"], row["taux"]) for row in rows] == [
        ("12345678900011", "F1", "3.5"),
        ("12345678900011", "F2", "3.5"),
    ]
    assert "lignes : 2" in office.run(*words).stdout


def test_an_exported_file_is_for_its_owner_only(office: Office) -> None:
    answered(office, "F1", b"RATE 1")
    target = office.folder / "rates.json"
    office.run("returns", "export", "--nature", "11", "--format", "json", "--output", str(target))
    assert json.loads(target.read_bytes())[0]["taux"] == "3.5"
    if os.name == "posix":
        assert target.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (["--company", "123456789"], 2),
        (["--company", "999999999"], 0),
        (["--period", "2026-10"], 2),
        (["--profile", "acme"], 2),
        (["--nature", "94"], 0),
        (["--until", "2020-01-01", "--nature", "11"], 0),
    ],
)
def test_each_filter_narrows_what_is_written(
    office: Office, filters: list[str], count: int
) -> None:
    answered(office, "F1", b"RATE 1")
    answered(office, "F2", b"RATE 2", "b.txt")
    target = office.folder / "all.zip"
    words = ("returns", "export", *filters, "--output", str(target))
    if count:
        (told,) = office.json(*words)
        assert told["documents"] == count
    else:
        office.run(*words, code=1)
        assert not target.exists()
        assert list(office.folder.glob(".*part")) == []


def test_of_an_overwritten_return_only_the_latest_version_is_written(office: Office) -> None:
    answered(office, "F1", b"RATE old")
    office.returned("F1", b"RATE new")
    folder = office.folder / "documents"
    office.run("returns", "export", "--nature", "11", "--to", str(folder))
    assert [path.read_bytes() for path in folder.iterdir()] == [b"RATE new"]


def test_certificates_are_named_by_their_employee_in_folders(office: Office) -> None:
    answered(office, "F1", b"%PDF-1", "x to DUPONT")
    answered(office, "F2", b"%PDF-2", "y to DUPONT")
    answered(office, "F3", b"%PDF-3", "z to DUPONT to MARTIN")
    target = office.folder / "certificates.zip"
    office.run("returns", "export", "--nature", "11", "--output", str(target))
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == [
            "2026-10/DUPONT (7).pdf",
            "2026-10/DUPONT (7) (2).pdf",
            "2026-10/11 CCO F3.pdf",
        ]


@pytest.mark.parametrize(("by", "folder"), [("company", "12345678900011/"), ("selection", "")])
def test_the_folders_of_a_zip_can_be_chosen(office: Office, by: str, folder: str) -> None:
    answered(office, "F1", b"%PDF-1", "x to DUPONT")
    target = office.folder / "a.zip"
    office.run("returns", "export", "--nature", "11", "--by", by, "--output", str(target))
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == [f"{folder}DUPONT (7).pdf"]


@pytest.mark.parametrize(
    "words",
    [
        ["--to", "x"],
        ["--nature", "11"],
        ["--nature", "11", "--to", "x", "--output", "y"],
        ["--nature", "11", "--format", "csv", "--to", "x"],
        ["--nature", "11", "--format", "csv", "--output", "x", "--encoding", "klingon"],
    ],
)
def test_what_is_missing_or_contradicts_itself_is_told(office: Office, words: list[str]) -> None:
    answered(office, "F1", b"RATE 1")
    assert office.run("returns", "export", *words, code=2).stderr.strip()


def test_an_export_onto_a_folder_without_rights_names_it(office: Office, tmp_path: Path) -> None:
    answered(office, "F1", b"RATE 1")
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    words = ("--nature", "11", "--format", "csv", "--output", str(blocked / "x.csv"))
    assert "x.csv" in office.run("returns", "export", *words, code=2).stderr
