"""What the person whose file was rejected finds beside it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vaguemestre.model import Finding, Severity
from vaguemestre.rejected import write_rejected

Desk = Any

FINDINGS = (
    Finding(
        severity=Severity.BLOCKING,
        code="S21.G00.30.001/CSL-00",
        rubrique="S21.G00.30.001",
        line=12,
        value="1850…",
        message="Le NIR n'a pas la bonne clé.",
    ),
    Finding(severity=Severity.WARNING, code="S90-1", message="Un total étonne."),
)


def row(number: int = 7, name: str = "paie août.dsn") -> Any:
    return {"id": number, "name": name}


def text(report: Path) -> str:
    return report.read_bytes().decode("utf-8-sig")


def test_a_copy_and_its_report_stand_side_by_side(desk: Desk) -> None:
    report = write_rejected(desk.outbox, row(), FINDINGS, b"S10\r\n\xe9")
    found = {p.name: p.read_bytes() for p in desk.outbox.rejected.iterdir()}
    copy = report.name.removesuffix(".rapport.txt")
    assert set(found) == {report.name, copy, f"{copy}.rapport.html"}
    assert "paie août.dsn" in report.name
    assert found[report.name.removesuffix(".rapport.txt")] == b"S10\r\n\xe9"


def test_the_report_says_of_each_finding_what_where_and_what_to_do(desk: Desk) -> None:
    said = text(write_rejected(desk.outbox, row(), FINDINGS, b"S10"))
    for part in (
        "paie août.dsn",
        "S21.G00.30.001/CSL-00",
        "ligne 12",
        "1850…",
        "Le NIR n'a pas la bonne clé.",
        "S90-1",
        "Un total étonne.",
        "Que faire",
    ):
        assert part in said, part


def test_windows_editors_show_the_report_as_it_is(desk: Desk) -> None:
    report = write_rejected(desk.outbox, row(), FINDINGS, b"S10").read_bytes()
    assert report.startswith(b"\xef\xbb\xbf"), "without the mark accents are taken for others"
    assert report.count(b"\n") == report.count(b"\r\n")


def test_the_report_is_in_the_chosen_language(desk: Desk, speak: Callable[[str], None]) -> None:
    speak("en")
    assert "line 12" in text(write_rejected(desk.outbox, row(), FINDINGS, b"S10"))


def test_written_again_after_a_crash_it_stands_there_once(desk: Desk) -> None:
    first = write_rejected(desk.outbox, row(), FINDINGS, b"S10")
    again = write_rejected(desk.outbox, row(), FINDINGS[:1], b"S10")
    assert first == again
    assert len(list(desk.outbox.rejected.iterdir())) == 3
    assert "S90-1" not in text(again)


def test_two_deposits_of_the_same_name_do_not_meet(desk: Desk) -> None:
    write_rejected(desk.outbox, row(1), FINDINGS, b"one")
    write_rejected(desk.outbox, row(2), FINDINGS, b"two")
    assert {p.read_bytes() for p in desk.outbox.rejected.glob("*.dsn")} == {b"one", b"two"}


@pytest.mark.parametrize(
    "name",
    [
        "x" * 251 + ".dsn",
        "é" * 125 + ".dsn",
        "漢" * 80 + ".dsn",
        "../../etc/passwd.dsn",
        "C:\\paie\\août.dsn",
        ".dsn",
        "CON.dsn",
        "odd\\xe9.dsn",
    ],
)
def test_any_name_leads_into_the_folder_and_keeps_its_ending(desk: Desk, name: str) -> None:
    report = write_rejected(desk.outbox, row(name=name), FINDINGS, b"S10")
    copy = report.with_name(report.name.removesuffix(".rapport.txt"))
    assert report.parent == desk.outbox.rejected
    assert copy.read_bytes() == b"S10"
    assert copy.name.endswith("dsn")


@pytest.mark.parametrize("name", ["a." + "b" * 200, "DSN", "a."])
def test_a_name_without_a_real_ending_works_as_well(desk: Desk, name: str) -> None:
    report = write_rejected(desk.outbox, row(name=name), FINDINGS, b"S10")
    assert report.with_name(report.name.removesuffix(".rapport.txt")).read_bytes() == b"S10"


def test_a_folder_that_cannot_be_written_is_the_callers_to_tell(desk: Desk) -> None:
    desk.outbox.rejected.write_bytes(b"in the way")
    with pytest.raises(OSError, match=os.strerror(errno.EEXIST)):
        write_rejected(desk.outbox, row(), FINDINGS, b"S10")
    assert desk.outbox.rejected.read_bytes() == b"in the way"
