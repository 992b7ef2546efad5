"""Tables that people can read in 80 columns, in a pipe, and copy from."""

from __future__ import annotations

import io
import json
import re
import sys

import pytest

from vaguemestre.cli.output import Cell, Column, print_json, print_table, time_of

REFERENCE = "A1234567890.123456789-X"
COLUMNS = (Column("N°", fixed=True), Column("Référence", fixed=True), Column("Message"))
ROWS = [("1", REFERENCE, Cell("mot " * 40 + "fin", "red"))]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_in_80_columns_nothing_is_cut_off_and_references_stay_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    print_table(COLUMNS, ROWS, empty="")
    assert "\x1b[31m" in terminal.getvalue()
    shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert REFERENCE in shown
    assert shown.count("mot") == 40
    assert "fin" in shown


def test_in_a_pipe_each_row_is_one_line_without_colours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(COLUMNS, [*ROWS, ("2", "", "deux\nlignes")], empty="")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "\x1b" not in "".join(lines)
    assert lines[1].endswith("fin")
    assert lines[2].endswith("deux  lignes")


def test_an_empty_table_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(COLUMNS, [], empty="Rien.")
    assert capsys.readouterr().out == "Rien.\n"


def test_json_is_utf_8_and_holds_names_that_are_no_text(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    print_json({"file": "Départ/\udce9.dsn"})
    out = capsysbinary.readouterr().out
    assert "Départ".encode() in out
    assert json.loads(out) == {"file": "Départ/\udce9.dsn"}


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2026-07-01T10:00:00.000000Z", "01/07/2026 12:00:00"),
        ("2026-11-23T23:30:00.000000Z", "24/11/2026 00:30:00"),
        (None, ""),
        ("tampered", "tampered"),
    ],
)
def test_times_are_shown_in_french_legal_time(stored: str | None, shown: str) -> None:
    assert time_of(stored) == shown
