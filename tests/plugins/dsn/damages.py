"""Every kind of single damage to a DSN file, made by the tables of the norm.

A damage is one change: a value, a line, a block, the file as a whole. It names the rubrique or the
block on which a control must find it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vaguemestre_dsn.norm.tables import Norm, RubriqueRow, load

#: What a line is: its code and its value.
Line = tuple[str, str]
FOOTER = "S90.G00.90"
ENVELOPE = ("S10.G00.00", "S10.G00.01", "S10.G00.02", "S20.G00.05", FOOTER)
#: Blocks of which each person has one: what is said twice must not be the same person.
_LONG = "X" * 200


@dataclass(frozen=True)
class Damage:
    """`kind`: what was done to what; `on`: where it must be found; `payload`: the damaged file."""

    kind: str
    on: str
    payload: bytes


def lines_of(payload: bytes) -> list[Line]:
    found = []
    for line in payload.decode("latin-1").splitlines():
        code, _comma, value = line.partition(",")
        found.append((code, value[1:-1]))
    return found


def written(lines: list[Line], *, recount: bool = True) -> bytes:
    """The file; its footer counts what is there."""
    if recount:
        counts = {"001": len(lines), "002": sum(code == "S20.G00.05.001" for code, _v in lines)}
        lines = [
            (code, str(counts[code[-3:]]) if code[:10] == FOOTER else value)
            for code, value in lines
        ]
    return "".join(f"{code},'{value}'\r\n" for code, value in lines).encode("latin-1")


class Sample:
    """A valid file, cut into the occurrences of its blocks: `spans` of line numbers."""

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.lines = lines_of(payload)
        values = dict(reversed(self.lines))
        self.nature = values["S20.G00.05.001"]
        self.norm: Norm = load(values["S10.G00.00.006"])
        self.tree = self.norm.trees[self.nature]
        self.spans: list[tuple[str, int, int]] = []
        start = 0
        for number in range(1, len(self.lines) + 1):
            if number == len(self.lines) or self._begins(number):
                self.spans.append((self.lines[start][0][:10], start, number))
                start = number

    def _begins(self, number: int) -> bool:
        here, before = self.lines[number][0], self.lines[number - 1][0]
        return here[:10] != before[:10] or here <= before

    def first_spans(self) -> Iterator[tuple[int, str, int, int]]:
        """The first occurrence of each block."""
        seen: set[str] = set()
        for index, (block, start, end) in enumerate(self.spans):
            if block not in seen:
                seen.add(block)
                yield index, block, start, end

    def depth(self, index: int) -> int:
        place = self.tree.get(self.spans[index][0])
        return place.depth if place else 0

    def below(self, index: int) -> int:
        """The number of the span behind an occurrence and all below it."""
        end = index + 1
        while end < len(self.spans) and self.depth(end) > self.depth(index):
            end += 1
        return end

    def damages(self) -> Iterator[Damage]:
        yield from self._of_values()
        yield from self._of_lines()
        yield from self._of_blocks()
        yield from self._of_file()

    # -- values

    def _of_values(self) -> Iterator[Damage]:
        seen: set[str] = set()
        for number, (code, value) in enumerate(self.lines):
            if code in seen or code[:10] == FOOTER:
                continue
            seen.add(code)
            row = self.norm.blocks[code[:10]][code]
            for word, damaged in _values(row, value):
                changed = [*self.lines]
                changed[number] = (code, damaged)
                yield Damage(f"{word} {code}", code, written(changed))

    # -- lines

    def _of_lines(self) -> Iterator[Damage]:
        for _index, block, start, end in self.first_spans():
            if block == FOOTER:
                continue
            rows = self.norm.blocks[block]
            mandatory = [c for c, row in rows.items() if row.usage[self.nature] == "O"]
            for number in range(start, end):
                code = self.lines[number][0]
                # Without its only rubrique an optional block is gone as a whole, as it may be.
                place = self.tree.get(block)
                if code in mandatory and (end - start > 1 or place is None or place.least):
                    on = block if end - start == 1 else code
                    yield Damage(f"removed {code}", on, self._without(number, number + 1))
                if [c for c in mandatory if c != code]:
                    yield Damage(f"twice {code}", block, self._twice(number, number + 1))
                if number + 1 < end and mandatory:
                    swapped = [*self.lines]
                    swapped[number : number + 2] = reversed(swapped[number : number + 2])
                    yield Damage(f"swapped {code}", block, written(swapped))
            for code, why in self._foreign(block):
                added = [*self.lines[:end], (code, "01"), *self.lines[end:]]
                added[start : end + 1] = sorted(added[start : end + 1])
                yield Damage(f"{why} {code}", code, written(added))

    def _foreign(self, block: str) -> Iterator[tuple[str, str]]:
        """Rubriques that may not stand in a block."""
        yield f"{block}.999", "unknown rubrique"
        for code, row in self.norm.blocks[block].items():
            if row.usage[self.nature] == "I":
                yield code, "forbidden rubrique"

    # -- blocks

    def _of_blocks(self) -> Iterator[Damage]:
        for index, block, start, end in self.first_spans():
            place = self.tree.get(block)
            after = self.below(index)
            stop = self.spans[after][1] if after < len(self.spans) else len(self.lines)
            if block in ENVELOPE[:3]:
                yield Damage(f"block removed {block}", block, self._without(start, end))
                yield Damage(f"block twice {block}", block, self._twice(start, end))
            if place is None:
                continue
            alone = sum(b == block for b, *_rest in self.spans) == 1
            if place.least and alone:
                yield Damage(f"block removed {block}", block, self._without(start, stop))
            if place.most == 1:
                yield Damage(f"block twice {block}", block, self._twice(start, stop))
            if after > index + 1:
                child = self.spans[index + 1][0]
                yield Damage(f"parent removed {block}", child, self._without(start, end))
            yield from self._moved(index, block, start, stop)
        yield from self._strange_blocks()

    def _moved(self, index: int, block: str, start: int, stop: int) -> Iterator[Damage]:
        """A block behind its next sibling of another kind."""
        after = self.below(index)
        if after >= len(self.spans) or self.depth(after) != self.depth(index):
            return
        other, begin, _end = self.spans[after]
        if other == block or self.tree[other].parent != self.tree[block].parent:
            return
        behind = self.below(after)
        end = self.spans[behind][1] if behind < len(self.spans) else len(self.lines)
        moved = self.lines[:start] + self.lines[begin:end] + self.lines[start:stop]
        yield Damage(f"block moved {block}", block, written(moved + self.lines[end:]))

    def _strange_blocks(self) -> Iterator[Damage]:
        footer = next(start for block, start, _end in self.spans if block == FOOTER)
        for block, rows in self.norm.blocks.items():
            if block not in self.tree and block not in ENVELOPE:
                first: list[Line] = [(next(iter(rows)), "01")]
                lines = self.lines[:footer] + first + self.lines[footer:]
                yield Damage(f"block of another nature {block}", block, written(lines))
        strange = [*self.lines[:footer], ("S21.G00.99.001", "01"), *self.lines[footer:]]
        yield Damage("unknown block", "S21.G00.99", written(strange))

    def _without(self, start: int, end: int) -> bytes:
        return written(self.lines[:start] + self.lines[end:])

    def _twice(self, start: int, end: int) -> bytes:
        return written(self.lines[:end] + self.lines[start:end] + self.lines[end:])

    # -- the file as a whole

    def _of_file(self) -> Iterator[Damage]:
        count = len(self.lines)
        for number, wrong in ((count - 2, count + 1), (count - 1, 2)):
            lines = [*self.lines]
            lines[number] = (lines[number][0], str(wrong))
            code = lines[number][0]
            yield Damage(f"wrong counter {code}", code, written(lines, recount=False))
        for part in (3, 2):
            cut = written(self.lines[: count * (part - 1) // part], recount=False)
            yield Damage(f"truncated at {part - 1}/{part}", FOOTER, cut)
        torn = self.payload[: len(self.payload) // 2]
        yield Damage("torn in a line", FOOTER, torn)
        yield Damage("lot", "S05.G51.00", b"S05.G51.00.001,'V01R02'\r\n" + self.payload)
        yield Damage("lines end with CR", "file/lines", self.payload.replace(b"\r\n", b"\r"))
        accent = self.payload.replace(b"PARIS'", "ÉVRY'".encode("latin-1"), 1)
        utf_8 = accent.decode("latin-1").encode()
        yield Damage("UTF-8", "file/encoding", utf_8)
        yield Damage("byte order mark", "file/encoding", b"\xef\xbb\xbf" + self.payload)
        yield Damage("UTF-16", "file/encoding", self.payload.decode("latin-1").encode("utf-16"))
        yield Damage(
            "empty line inside", "file/lines", self.payload.replace(b"\r\nS20", b"\r\n\r\nS20")
        )
        yield Damage(
            "no rubrique", "file/lines", self.payload.replace(b"\r\nS20", b"\r\nrien\r\nS20")
        )


def _values(row: RubriqueRow, value: str) -> Iterator[tuple[str, str]]:
    """Ways to damage a value."""
    kind = row.type
    yield "emptied", ""
    yield "blank", "  "
    yield "led by a blank", f" {value}"
    yield "followed by a blank", f"{value} "
    yield "control character", f"{value[:1]}\x07{value[1:]}"
    yield "windows-1252", f"{value[:1]}\x92{value[1:]}"
    yield "too long", (value + _LONG)[: kind.most + 1]
    if kind.least > 1:
        yield "too short", value[: kind.least - 1]
    if kind.codes:
        length = len(value)
        yield (
            "wrong code",
            next(code for code in _codes(length) if code not in kind.codes and len(code) == length),
        )
    elif kind.form:
        yield "wrong form", "?" * len(value)
        yield "wrong end", value[:-1] + "?"
    elif kind.nature == "N":
        yield "no number", "?" * len(value)
    if kind.nature == "D" and len(value) == 8:
        yield (
            "no day",
            f"3102{value[4:]}" if value[:2] != "01" or "Mois" not in kind.name else "01132026",
        )


def _codes(length: int) -> Iterator[str]:
    yield from (f"{number:0{length}d}" for number in range(10**length - 1, -1, -1))
