"""Small changes to a DSN file, written as a support person would say them on the telephone.

`40.007=02` sets a rubrique of the first S21.G00.40, `40.007#2=02` of the second; `-40.010` takes
it away. `-62` takes a block away with all below it, `-71*` all of them; `*51#2` says the second
S21.G00.51 twice; `+62: 001=31102026, 002=059` puts a block in its place below the first parent,
`+62@2: …` below the second. The footer counts what there is in the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from vaguemestre_dsn.norm.tables import Place, load

_SET = re.compile(r"(?P<block>\d\d)\.(?P<number>\d{3})(?:#(?P<nth>\d+))?=(?P<value>.*)", re.DOTALL)
_DROP = re.compile(r"-(?P<block>\d\d)\.(?P<number>\d{3})(?:#(?P<nth>\d+))?")
_REMOVE = re.compile(r"-(?P<block>\d\d)(?:#(?P<nth>\d+)|(?P<all>\*))?")
_TWICE = re.compile(r"\*(?P<block>\d\d)(?:#(?P<nth>\d+))?")
_ADD = re.compile(r"\+(?P<block>\d\d)(?:@(?P<nth>\d+))?:(?P<values>.*)")
ENVELOPE = ("S10.G00.00", "S10.G00.01", "S10.G00.02", "S20.G00.05", "S90.G00.90")


@dataclass
class Occurrence:
    block: str
    values: dict[str, str] = field(default_factory=dict)


def edited(payload: bytes, edits: str) -> bytes:
    """The file after the edits, which stand between semicolons."""
    editor = _Editor(payload)
    for edit in filter(None, (part.strip() for part in edits.split(";"))):
        editor.apply(edit)
    return editor.bytes()


class _Editor:
    def __init__(self, payload: bytes) -> None:
        self.occurrences: list[Occurrence] = []
        for line in payload.decode("latin-1").splitlines():
            code, _comma, value = line.partition(",")
            block, number = code[:10], code[-3:]
            last = self.occurrences[-1] if self.occurrences else None
            if last is None or last.block != block or number <= max(last.values):
                self.occurrences.append(Occurrence(block))
            self.occurrences[-1].values[number] = value[1:-1]
        first = {o.block: o for o in reversed(self.occurrences)}
        self.tree = load(first["S10.G00.00"].values["006"]).trees[first["S20.G00.05"].values["001"]]
        self.blocks = {block[-2:]: block for block in (*ENVELOPE, *self.tree)}

    def apply(self, edit: str) -> None:
        if found := _SET.fullmatch(edit):
            occurrence = self.occurrences[self._find(found["block"], found["nth"])]
            values = {**occurrence.values, found["number"]: found["value"]}
            occurrence.values = dict(sorted(values.items()))
        elif found := _DROP.fullmatch(edit):
            at = self._find(found["block"], found["nth"])
            del self.occurrences[at].values[found["number"]]
            if not self.occurrences[at].values:
                del self.occurrences[at]
        elif found := _REMOVE.fullmatch(edit):
            self._remove(found["block"], found["nth"], every=bool(found["all"]))
        elif found := _TWICE.fullmatch(edit):
            at = self._find(found["block"], found["nth"])
            below = self._below(at)
            copy = [Occurrence(o.block, dict(o.values)) for o in self.occurrences[at:below]]
            self.occurrences[below:below] = copy
        elif found := _ADD.fullmatch(edit):
            self._add(found["block"], found["nth"], found["values"])
        else:
            raise ValueError(edit)

    def _find(self, digits: str, nth: str | None) -> int:
        block = self.blocks[digits]
        places = [at for at, o in enumerate(self.occurrences) if o.block == block]
        wanted = int(nth or 1)
        if len(places) < wanted:
            raise ValueError(f"there is no occurrence {wanted} of {block}")
        return places[wanted - 1]

    def _remove(self, digits: str, nth: str | None, *, every: bool) -> None:
        block = self.blocks[digits]
        while True:
            at = self._find(digits, nth)
            del self.occurrences[at : self._below(at)]
            if not every or all(o.block != block for o in self.occurrences):
                return

    def _place(self, at: int) -> Place | None:
        return self.tree.get(self.occurrences[at].block)

    def _depth(self, at: int) -> int:
        place = self._place(at)
        return place.depth if place else 0

    def _below(self, at: int) -> int:
        """The position behind an occurrence and all below it."""
        end = at + 1
        while end < len(self.occurrences) and self._depth(end) > self._depth(at):
            end += 1
        return end

    def _add(self, digits: str, nth: str | None, values: str) -> None:
        place = self.tree[self.blocks[digits]]
        at = self._find(place.parent[-2:], nth)
        end = self._below(at)
        where = at + 1
        while where < end:
            other = self._place(where)
            if other is not None and other.depth == place.depth and other.rank > place.rank:
                break
            where += 1
        pairs = (pair.strip().split("=", 1) for pair in values.split(",") if pair.strip())
        self.occurrences.insert(where, Occurrence(place.block, dict(pairs)))

    def bytes(self) -> bytes:
        count = sum(len(o.values) for o in self.occurrences)
        declarations = sum(o.block == "S20.G00.05" for o in self.occurrences)
        for occurrence in self.occurrences:
            if occurrence.block == "S90.G00.90":
                occurrence.values.update({"001": str(count), "002": str(declarations)})
        return "".join(_lines(self.occurrences)).encode("latin-1")


def _lines(occurrences: Iterable[Occurrence]) -> Iterable[str]:
    for occurrence in occurrences:
        for number, value in occurrence.values.items():
            yield f"{occurrence.block}.{number},'{value}'\r\n"
