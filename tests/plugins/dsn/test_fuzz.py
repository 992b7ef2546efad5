"""Whatever bytes come, the control ends, raises nothing, tells at most fifty findings in bounded
memory, and its quick way and its slow way tell the same.

By hand, for so many seconds with other files each time: `python tests/plugins/dsn/test_fuzz.py 60`.
"""

from __future__ import annotations

import io
import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache

import pytest

from vaguemestre.api import Finding, Severity
from vaguemestre_dsn import samples
from vaguemestre_dsn.autocontrol import check
from vaguemestre_dsn.engine.shapes import Shape, shapes
from vaguemestre_dsn.findings import MOST
from vaguemestre_dsn.norm.tables import NATURES, versions

TODAY = date(2026, 11, 23)
#: Rounds in a normal run, each with every sample: of any damage, and held against the slow way.
ROUNDS, HELD_ROUNDS = 60, 20
#: Most lines that one random file has more than its sample.
_MANY = 400
_END = b"\r\n"


@cache
def files() -> dict[str, bytes]:
    return {
        "mensuelle": samples.mensuelle(),
        "many": samples.mensuelle(employees=6),
        "neant": samples.mensuelle(kind="02"),
        "arret": samples.arret(),
        "reprise": samples.reprise(),
        "fctu": samples.fctu(),
        "amorcage": samples.amorcage(),
        "full": samples.full(),
        "full_fctu": samples.full_fctu(),
        "full_amorcage": samples.full_amorcage(),
        "several": samples.several(samples.mensuelle(), samples.arret(), samples.fctu()),
    }


# -- what is done to a file: random edits of its lines, or of its bytes

Lines = list[bytes]


def swap(chance: random.Random, lines: Lines) -> None:
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def delete(chance: random.Random, lines: Lines) -> None:
    at = chance.randrange(len(lines))
    del lines[at : at + chance.choice((1, 1, 1, 5, 50))]
    lines.append(b"S90.G00.90.002,'1'")


def duplicate(chance: random.Random, lines: Lines) -> None:
    at, count = chance.randrange(len(lines)), chance.choice((1, 1, 3, 30))
    to = chance.choice((at, at + count, chance.randrange(len(lines))))
    lines[to:to] = lines[at : at + count] * chance.choice((1, 1, 2, 20))
    del lines[_MANY + len(files()["full"]) :]


def cut(chance: random.Random, lines: Lines) -> None:
    at = chance.randrange(len(lines))
    lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]


def value(chance: random.Random, lines: Lines) -> None:
    """Another value: that of some other line, or a strange one."""
    at = chance.randrange(len(lines))
    strange = (
        b"",
        b"'",
        b"' '",
        b"0",
        b"-0.00",
        b"99999999",
        b"31022026",
        b"9" * 250,
        b"\xe9",
        b"1_0",
    )
    values = (*strange, chance.choice(lines)[16:-1], chance.randbytes(8))
    lines[at] = lines[at][:16] + chance.choice(values) + b"'"


def code(chance: random.Random, lines: Lines) -> None:
    """Another rubrique: of another line, or with other digits."""
    at = chance.randrange(len(lines))
    digits = b"%03d" % chance.randrange(130)
    blocks = (lines[at][:10], chance.choice(lines)[:10], b"S21.G00.%02d" % chance.randrange(100))
    lines[at] = chance.choice(blocks) + b"." + digits + lines[at][14:]


def insert(chance: random.Random, lines: Lines) -> None:
    strange = (
        b"",
        b"'" * chance.randrange(600),
        b"S21.G00.30.001,'" + b"1" * chance.choice((13, 240, 70_000)) + b"'",
        b"S21.G00.30.001,'" * chance.randrange(1, 40),
        chance.randbytes(chance.randrange(80)),
        b"S20.G00.05.001,'%02d'" % chance.randrange(12),
        b"S10.G00.00.006,'P25V01'",
    )
    lines.insert(chance.randrange(len(lines)), chance.choice(strange))


def tangle(chance: random.Random, lines: Lines) -> None:
    """A part of the file in any order."""
    at = chance.randrange(len(lines))
    part = lines[at : at + 30]
    chance.shuffle(part)
    lines[at : at + 30] = part


def flip(chance: random.Random, content: bytearray) -> None:
    for _time in range(chance.choice((1, 3, 40))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def tear(chance: random.Random, content: bytearray) -> None:
    at = chance.randrange(len(content))
    del content[at : at + chance.choice((1, 2, 17, 900))]


def end_otherwise(chance: random.Random, content: bytearray) -> None:
    content[:] = content.replace(
        _END, chance.choice((b"\n", b"\r", b"", b"\n\r", b"\r\r\n", b"\0"))
    )


def sprinkle(chance: random.Random, content: bytearray) -> None:
    at = chance.randrange(len(content))
    content[at:at] = chance.choice((b"\xc3\xa9", b"\xff\xfe", b"\n", b"\r", b"\0", b"'", b"\x92"))


OF_LINES = (swap, delete, duplicate, cut, value, value, code, insert, tangle)
OF_BYTES = (flip, tear, end_otherwise, sprinkle)


def fuzzed(chance: random.Random, payload: bytes) -> bytes:
    """The file after one to four random edits."""
    lines = payload.split(_END)[:-1]
    for _time in range(chance.randrange(4)):
        chance.choice(OF_LINES)(chance, lines)
    content = bytearray(_END.join([*lines, b""]))
    if not chance.randrange(3):
        chance.choice(OF_BYTES)(chance, content)
    return bytes(content)


def bounded(payload: bytes) -> list[Finding]:
    """The findings, of which there are never too many."""
    findings = check(payload, TODAY)
    assert len(findings) <= MOST
    return findings


# -- the slow way


@contextmanager
def without_expressions() -> Iterator[None]:
    """No occurrence is taken by the expression of its block: every line is looked at."""
    every = [
        shape
        for version in versions()
        for nature in NATURES
        for shape in shapes(version, nature).by_block.values()
    ]
    kept: list[tuple[Shape, Callable[..., object]]] = [(shape, shape.match) for shape in every]
    try:
        for shape in every:
            shape.match = _never
        yield
    finally:
        for shape, match in kept:
            shape.match = match


def _never(_data: bytes, _at: int) -> None:
    return None


def told(payload: bytes) -> set[tuple[str, tuple[int, ...]]]:
    """What blocks, and where."""
    return {(f.code, f.lines) for f in bounded(payload) if f.severity is Severity.BLOCKING}


def both_ways(payload: bytes) -> bool:
    """Whether the quick and the slow way agree on whether the file may be deposited.

    What is told besides may differ behind a line that is torn: the slow way begins another
    occurrence with it, the quick way has already left the occurrence before.
    """
    quick = told(payload)
    with without_expressions():
        return bool(told(payload)) == bool(quick)


@pytest.mark.parametrize("name", files())
def test_random_edits_raise_nothing_and_end(name: str) -> None:
    chance = random.Random(name)
    for _round in range(ROUNDS):
        bounded(fuzzed(chance, files()[name]))


@pytest.mark.parametrize("name", files())
def test_the_quick_and_the_slow_way_agree_on_random_edits(name: str) -> None:
    chance = random.Random(f"{name} both ways")
    for _round in range(HELD_ROUNDS):
        payload = fuzzed(chance, files()[name])
        assert both_ways(payload), payload


def test_random_bytes_raise_nothing_and_end() -> None:
    chance = random.Random("bytes")
    for size in (0, 1, 2, 17, 300, 5_000, 100_000):
        bounded(chance.randbytes(size))
        bounded(files()["mensuelle"][:90] + chance.randbytes(size))


@pytest.mark.parametrize("line", [b"\x00", b"S21.G00.30.001,'1'\r\n", b"\r\n", b"'" * 700])
def test_the_memory_for_nonsense_without_end_is_bounded(line: bytes) -> None:
    whole = files()["mensuelle"] + line * (1_000_000 // len(line))
    check(files()["mensuelle"], TODAY)
    tracemalloc.start()
    try:
        check(io.BytesIO(whole), TODAY)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000


def by_hand(seconds: float) -> int:
    """Fuzzes with other files each time; says how many, and how many were told differently."""
    chance, ends = random.Random(), time.monotonic() + seconds
    count = differing = 0
    while time.monotonic() < ends:
        payload = fuzzed(chance, chance.choice(list(files().values())))
        count += 1
        differing += not both_ways(payload)
    sys.stdout.write(f"{count} files, {differing} judged differently by the two ways\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(by_hand(float(sys.argv[1]) if len(sys.argv) > 1 else 60))
