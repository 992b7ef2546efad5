"""What people can rely on whatever they call their files."""

from __future__ import annotations

import os
from typing import Any

import pytest

Desk = Any

NAMES = {
    "accents": "Déclaration n° 1 – août.dsn",
    "blanks": "  two  words .txt",
    "quotes": 'l\'"été".txt',
    "newline": "two\nlines.txt",
    "control": "bell\a.txt",
    "odd bytes": os.fsdecode(b"latin-\xe9t\xe9.txt"),
    "longest": "x" * 251 + ".txt",
    "longest in bytes": "é" * 125 + ".txt",
    "long ending": "a." + "b" * 253,
    "percent": "100%s %(x)s {name} {}.txt",
    "no ending": "DSN",
    "looks like an option": "-rf",
    "right to left": "\u202etxt.exe",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
async def test_any_name_is_taken_and_shown_as_printable_text(desk: Desk, name: str) -> None:
    desk.drop(name, "S10")
    assert (await desk.intake.scan()).taken == 1
    assert desk.taken() == {name: b"S10"}
    (row,) = desk.rows("SELECT name, source, source_path FROM file")
    assert os.fsdecode(row["source_path"]) == str(desk.path(name))
    assert row["name"].isprintable()
    assert row["source"].isprintable()
    row["name"].encode()
    desk.assert_settled(deposits=1)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
async def test_any_name_can_come_again(desk: Desk, name: str) -> None:
    for content in ("1", "2", "3"):
        desk.drop(name, content)
        await desk.intake.scan()
    assert sorted(desk.taken().values()) == [b"1", b"2", b"3"]
    assert desk.waiting() == set()
    assert desk.notices() == []


@pytest.mark.parametrize(
    "name", [".hidden", "a.part", "a.PART", "a.tmp", "a.txt~", "a.crdownload", "a.filepart"]
)
async def test_what_is_not_finished_is_left_alone_silently(desk: Desk, name: str) -> None:
    desk.path(name).write_text("S10")
    report = await desk.intake.scan()
    assert (report.taken, report.waiting) == (0, 0)
    assert desk.waiting() == {name}
    assert desk.notices() == []


async def test_a_file_renamed_in_when_it_is_finished_is_taken(desk: Desk) -> None:
    desk.path("a.part").write_text("S10")
    await desk.intake.scan()
    desk.path("a.part").rename(desk.path("a.txt"))
    await desk.intake.scan()
    assert desk.deposits() == {"a.txt": b"S10"}
