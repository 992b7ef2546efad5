"""The logs are read from where they were left, whatever happens to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre_sofie.log_file import position_at_end, read_since
from vaguemestre_sofie.log_text import Position, complete_lines
from vaguemestre_sofie.patterns import TECHNICAL_KINDS, Kind, Patterns, Reader

TRANSPORT = "SOFI.20261123190001.123456789.123456789"


@pytest.mark.parametrize(
    ("line", "kind", "original", "transport"),
    [
        (f"19:00 ENC DECSAL.dta {TRANSPORT}", Kind.ENCRYPTED, "DECSAL.dta", TRANSPORT),
        (rf"ENC {TRANSPORT} <- C:\cetrel\DECSAL.dta", Kind.ENCRYPTED, "DECSAL.dta", TRANSPORT),
        (f"SND {TRANSPORT}", Kind.SENT, "", TRANSPORT),
        (
            f"DEC {TRANSPORT} SALRET.1948072337999_000586_26112414284681.DTA",
            Kind.DECRYPTED,
            "SALRET.1948072337999_000586_26112414284681.DTA",
            TRANSPORT,
        ),
        (
            f"!!! DEC {TRANSPORT} CALCUL.xml already exists",
            Kind.ALREADY_DECRYPTED,
            "CALCUL.xml",
            TRANSPORT,
        ),
        ("!!! ENC DECSAL.dta no certificate", Kind.FAILED, "DECSAL.dta", ""),
        ("!!! ENC DECSAL.dta Nok: name", Kind.REFUSED, "DECSAL.dta", ""),
        ("!!! LOG password expired", Kind.PASSWORD_EXPIRED, "", ""),
    ],
)
def test_the_lines_of_an_audit_log_are_understood_by_default(
    line: str, kind: Kind, original: str, transport: str
) -> None:
    event = Reader(Patterns()).event(line)
    assert event is not None
    assert (event.kind, event.original, event.transport) == (kind, original, transport)


def test_lines_of_no_interest_are_none() -> None:
    reader = Reader(Patterns())
    assert reader.events(["", "starting", "update of lib done", "DECSAL.dta"]) == []
    trouble = reader.event("10:00 ERROR unknown host", TECHNICAL_KINDS)
    assert trouble is not None
    assert trouble.message == "unknown host"
    assert reader.event("10:00 INFO password expires in 20 days", TECHNICAL_KINDS) is None


@given(
    st.lists(st.text(st.characters(exclude_categories=["C", "Z"]))),
    st.sampled_from(["", "utf-8", "utf-16-le", "cp1252"]),
    st.integers(0, 400),
)
def test_a_log_that_grows_is_read_whole_wherever_it_was_cut(
    lines: list[str], encoding: str, cut: int
) -> None:
    whole = "".join(f"{line}\r\n" for line in lines).encode(encoding or "utf-8", "replace")
    first, taken = complete_lines(whole[:cut], encoding)
    rest, _taken = complete_lines(whole[taken:], encoding)
    assert first + rest == complete_lines(whole, encoding)[0]
    assert len(first + rest) == len(lines)


def test_a_line_counts_once_its_end_is_written(tmp_path: Path) -> None:
    log = tmp_path / "log_audit.log"
    log.write_bytes(b"one\ntw")
    reading = read_since(log, Position())
    assert reading.lines == ["one"]
    assert reading.rest
    log.write_bytes(b"one\ntwo\n")
    assert read_since(log, reading.position).lines == ["two"]


def test_after_a_rotation_the_rest_of_the_old_log_is_read_first(tmp_path: Path) -> None:
    log = tmp_path / "log_audit.log"
    log.write_bytes(b"one\n")
    since = position_at_end(log)
    log.write_bytes(b"one\ntwo\n")
    log.rename(tmp_path / "log_audit.2026-11-23.log")
    assert read_since(log, since).lines == ["two"]
    log.write_bytes(b"three\n")
    reading = read_since(log, since)
    assert (reading.lines, reading.gap) == (["two", "three"], False)
    assert read_since(log, reading.position).lines == []


def test_a_log_that_was_copied_away_and_cut_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "log_audit.log"
    log.write_bytes(b"one\ntwo\n")
    since = position_at_end(log)
    (tmp_path / "log_audit.log.1").write_bytes(b"one\ntwo\nthree\n")
    log.write_bytes(b"four\n")
    assert read_since(log, since).lines == ["three", "four"]


def test_what_is_lost_is_told(tmp_path: Path) -> None:
    log = tmp_path / "log_audit.log"
    log.write_bytes(b"one\n")
    since = position_at_end(log)
    log.write_bytes(b"x\n")
    reading = read_since(log, since)
    assert (reading.lines, reading.gap) == (["x"], True)


def test_a_log_that_does_not_exist_yet_has_no_lines(tmp_path: Path) -> None:
    log = tmp_path / "log_audit.log"
    since = position_at_end(log)
    assert read_since(log, since).lines == []
    log.write_bytes(b"\xef\xbb\xbfone\n")
    assert read_since(log, since).lines == ["one"]


def test_bytes_that_are_no_text_are_read_all_the_same(tmp_path: Path) -> None:
    log = tmp_path / "log_audit.log"
    log.write_bytes(b"\xff\xfe\x00garbage\x81\nchiffr\xe9\n\xc3\xa9\n")
    assert read_since(log, Position(), "utf-8").lines[1:] == ["chiffr�", "é"]
    log.write_bytes(b"chiffr\xe9\n\xc3\xa9\n")
    assert read_since(log, Position()).lines == ["chiffré", "é"]
