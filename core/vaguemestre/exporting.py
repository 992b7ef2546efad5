"""Writes what returns say into one file: their tables for payroll, or their documents in a ZIP.

One return is in memory at a time. Of a return that the platform overwrote only the latest version
counts. Which returns, and where to, is left to the command line.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO

from msgspec import Struct

#: Columns before those of the table, which say where a row comes from.
ORIGIN = ("deposit", "issuer", "period", "organism", "reference", "published_at")
#: Columns that the tables of the first-party readers have, in the order that people expect.
KNOWN = (
    *("establishment", "nir", "ntt", "matricule", "family_name", "given_names", "birth_date"),
    *("rate", "rate_identifier", "code", "parameter", "value", "valid_from", "valid_to"),
)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
#: What a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NEVER = (1980, 1, 1, 0, 0, 0)

Row = Mapping[str, str]


class Form(Struct, frozen=True):
    """How a table is written: `kind` csv or json, the characters' `encoding`, the sign before
    decimals, and what stands between fields."""

    kind: str = "csv"
    encoding: str = "utf-8-sig"
    decimal: str = "."
    separator: str = ";"


def write_table(rows: Iterable[Row], target: IO[bytes], form: Form) -> int:
    """Write rows, with every column that any of them has; how many there were.

    Raises UnicodeEncodeError if the encoding lacks a letter.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as kept:
        titles: dict[str, None] = {}
        count = 0
        for row in rows:
            titles.update(dict.fromkeys(row))
            kept.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
        kept.seek(0)
        there = (json.loads(line) for line in kept)
        if form.kind == "json":
            _write_json(there, target)
        else:
            _write_csv(there, ordered(titles), target, form)
    return count


def ordered(titles: Iterable[str]) -> list[str]:
    """The columns: where rows come from, what everybody knows, then the rest as it came."""
    given = list(titles)
    first = [title for title in (*ORIGIN, *KNOWN) if title in given]
    return first + [title for title in given if title not in first]


def _write_json(rows: Iterator[Row], target: IO[bytes]) -> None:
    target.write(b"[")
    for number, row in enumerate(rows):
        text = json.dumps(row, ensure_ascii=False)
        target.write((",\n " if number else "\n ").encode() + text.encode())
    target.write(b"\n]\n")


def _write_csv(rows: Iterator[Row], titles: list[str], target: IO[bytes], form: Form) -> None:
    text = io.TextIOWrapper(target, encoding=form.encoding, newline="", write_through=True)
    try:
        writer = csv.writer(text, delimiter=form.separator, lineterminator="\r\n")
        writer.writerow(titles)
        for row in rows:
            writer.writerow([cell(row.get(title, ""), form.decimal) for title in titles])
    finally:
        text.detach()


def cell(value: str, decimal: str) -> str:
    """A value as a spreadsheet takes it: numbers with their decimal sign, never a formula."""
    if _NUMBER.fullmatch(value):
        return value.replace(".", decimal)
    return f"'{value}" if value.startswith(_FORMULA) else value


# -- documents


class Entry(Struct, frozen=True):
    """A document for the archive: the folder it belongs to, its name, its ending, its bytes."""

    folder: str
    name: str
    ending: str
    content: bytes


def write_archive(entries: Iterable[Entry], target: IO[bytes]) -> int:
    """Write documents into a ZIP, each under a name of its own; how many there were."""
    taken: set[str] = set()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries:
            path = _free(entry, taken)
            taken.add(path.casefold())
            info = zipfile.ZipInfo(path, date_time=_NEVER)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, entry.content)
    return len(taken)


def _free(entry: Entry, taken: set[str]) -> str:
    """A path that nothing has yet; names that differ in capitals only are one on Windows."""
    number = 1
    while True:
        name = entry.name if number == 1 else f"{entry.name} ({number})"
        path = str(PurePosixPath(entry.folder) / f"{name}{entry.ending}")
        if path.casefold() not in taken:
            return path
        number += 1
