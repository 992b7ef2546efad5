"""Every byte of a file comes out of the reader at its place, whatever the file holds."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from vaguemestre_dsn import samples
from vaguemestre_dsn.reader import Bad, Rubrique, looks_like_dsn, read

CODES = st.from_regex(r"S[0-9]{2}\.G[0-9]{2}\.[0-9]{2}\.[0-9]{3}", fullmatch=True)
VALUES = st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"'"))


def only(line: bytes) -> Rubrique | Bad:
    (found,) = read(line)
    return found


def test_a_value_ends_at_the_last_apostrophe() -> None:
    found = only(b"S21.G00.30.002,'O'CONNOR'\r\n")
    assert found == Rubrique("S21.G00.30.002", b"O'CONNOR", 1, 0)


def test_lines_may_end_with_crlf_or_lf_or_with_the_file() -> None:
    for end in (b"\r\n", b"\n", b""):
        assert only(b"S10.G00.00.005,'02'" + end) == Rubrique("S10.G00.00.005", b"02", 1, 0)


def test_an_empty_value_is_a_rubrique_and_an_unclosed_one_is_not() -> None:
    assert only(b"S10.G00.00.005,''\n") == Rubrique("S10.G00.00.005", b"", 1, 0)
    for line in (b"S10.G00.00.005,'", b"S10.G00.00.005,'02", b"S10.G00.00.005,02'", b"S10"):
        for end in (b"\r\n", b"\n", b""):
            assert isinstance(only(line + end), Bad)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert only(b"\xef\xbb\xbfS10.G00.00.005,'02'\n") == Rubrique("S10.G00.00.005", b"02", 1, 3)


@given(st.lists(st.tuples(CODES, VALUES)), st.sampled_from([b"\n", b"\r\n"]))
def test_rubriques_in_are_rubriques_out_with_their_positions(
    rows: list[tuple[str, bytes]], end: bytes
) -> None:
    lines = [code.encode() + b",'" + value + b"'" + end for code, value in rows]
    payload = b"".join(lines)
    found = list(read(payload))
    assert [(r.code, r.value) for r in found if isinstance(r, Rubrique)] == rows
    for number, (line, rubrique) in enumerate(zip(lines, found, strict=True), start=1):
        assert rubrique.line == number
        assert payload[rubrique.offset :].startswith(line)


@given(st.binary(max_size=400) | st.text("S10.G05,'\r\n", max_size=200).map(str.encode))
def test_any_bytes_can_be_read_and_every_line_is_accounted_for(payload: bytes) -> None:
    found = list(read(payload))
    assert len(found) == len(io.BytesIO(payload).readlines())
    assert [line.line for line in found] == list(range(1, len(found) + 1))
    for line in found:
        assert payload[line.offset :].startswith(
            line.content if isinstance(line, Bad) else line.code.encode()
        )


def test_bytes_a_view_of_them_and_a_file_read_alike() -> None:
    payload = samples.mensuelle()
    wanted = list(read(payload))
    assert list(read(memoryview(payload))) == wanted
    assert list(read(bytearray(payload))) == wanted
    assert list(read(io.BytesIO(payload))) == wanted


def test_a_file_is_read_no_further_than_it_is_asked_for() -> None:
    stream = io.BytesIO(samples.mensuelle(employees=50))
    lines = read(stream)
    assert isinstance(next(lines), Rubrique)
    assert stream.tell() < 100


def test_a_dsn_is_known_by_one_of_its_first_lines() -> None:
    assert looks_like_dsn(b"garbage\nS10.G00.00.001,'x'\n")
    assert looks_like_dsn(b"\xef\xbb\xbfS10.G00.00.001,'x'")
    assert not looks_like_dsn(b"")
    assert not looks_like_dsn(b"nom;prenom\n")
    assert not looks_like_dsn(b"see S10.G00.00.001,'x'\n")
    assert not looks_like_dsn(b"\n" * 20 + b"S10.G00.00.001,'x'\n")
