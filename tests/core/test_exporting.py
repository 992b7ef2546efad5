"""Tables as spreadsheets and payroll programs take them, documents in a ZIP under names that every
system takes."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre.exporting import Entry, Form, cell, write_archive, write_table


def table(rows: list[dict[str, str]], **form: str) -> list[list[str]]:
    stream = io.BytesIO()
    assert write_table(rows, stream, Form(**form)) == len(rows)
    text = stream.getvalue().decode(form.get("encoding", "utf-8-sig"))
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_columns_stand_in_one_order_whatever_the_rows_have() -> None:
    rows = [{"rate": "3.5", "deposit": "1", "other": "x"}, {"nir": "1", "deposit": "2"}]
    assert table(rows) == [
        ["deposit", "nir", "rate", "other"],
        ["1", "", "3.5", "x"],
        ["2", "1", "", ""],
    ]


def test_a_spreadsheet_sees_the_letters_and_the_record_ends_that_it_expects() -> None:
    stream = io.BytesIO()
    write_table([{"name": "HÉLÈNE"}], stream, Form())
    assert stream.getvalue() == b"\xef\xbb\xbfname\r\nH\xc3\x89L\xc3\x88NE\r\n"
    assert table([{"name": "HÉLÈNE"}], encoding="cp1252")[1] == ["HÉLÈNE"]


def test_letters_that_the_encoding_lacks_are_not_replaced() -> None:
    with pytest.raises(UnicodeEncodeError):
        write_table([{"name": "Ŝ"}], io.BytesIO(), Form(encoding="cp1252"))


@pytest.mark.parametrize(
    ("value", "decimal", "written"),
    [
        ("14.50", ",", "14,50"),
        ("-12.00", ".", "-12.00"),
        ("+166.09", ",", "+166,09"),
        ("=1+1", ".", "'=1+1"),
        ("@sum", ".", "'@sum"),
        ("-x", ".", "'-x"),
        ("01.10.2026", ",", "01.10.2026"),
        ("1850575001001", ",", "1850575001001"),
    ],
)
def test_numbers_stay_numbers_and_nothing_becomes_a_formula(
    value: str, decimal: str, written: str
) -> None:
    assert cell(value, decimal) == written


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.text()), min_size=1))
def test_json_gives_back_every_row(rows: list[dict[str, str]]) -> None:
    stream = io.BytesIO()
    write_table(rows, stream, Form("json"))
    assert json.loads(stream.getvalue()) == rows


def test_hundreds_of_thousands_of_rows_need_little_memory() -> None:
    def rows() -> Iterator[dict[str, str]]:
        for number in range(100_000):
            yield {"nir": str(number), "rate": "3.5"}

    class Sink(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            return len(bytes(data))  # type: ignore[call-overload, no-any-return]

    tracemalloc.start()
    try:
        assert write_table(rows(), Sink(), Form()) == 100_000  # type: ignore[arg-type]
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


def test_documents_of_one_name_are_told_apart_also_by_capitals() -> None:
    stream = io.BytesIO()
    entries = [
        Entry("2026-10", "DUPONT (7)", ".pdf", b"1"),
        Entry("2026-10", "Dupont (7)", ".pdf", b"2"),
        Entry("2026-11", "DUPONT (7)", ".pdf", b"3"),
        Entry("", "DUPONT (7)", ".pdf", b"4"),
    ]
    assert write_archive(entries, stream) == 4
    with zipfile.ZipFile(stream) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "2026-10/DUPONT (7).pdf": b"1",
            "2026-10/Dupont (7) (2).pdf": b"2",
            "2026-11/DUPONT (7).pdf": b"3",
            "DUPONT (7).pdf": b"4",
        }
