"""The norm as data: reads the `.norm` files of this folder, one a version, once, when needed.

A file says which version it is, and after which it comes if it only says what differs. Each of its
lines is a fact: a type, a place in the tree of a nature, a rubrique, or a control in the language
of `rules`. Source: cahier technique, annexes of the same year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent
#: The natures of which the norm publishes usage letters, in the order of the letters.
NATURES = ("01", "04", "05", "07", "08", "09")
#: Usage of a rubrique in a nature.
MANDATORY, FORBIDDEN, ABSENT = "O", "I", "N"

_TYPE = re.compile(
    r"type (?P<name>\S+) (?P<nature>[XND]) (?P<least>\d+)\.\.(?P<most>\d+)"
    r"(?: ~ (?P<form>.*?))?(?: = (?P<codes>[\w ]+))?"
)
_PLACE = re.compile(
    r"(?P<blanks> +)(?P<block>S\d\d\.G\d\d\.\d\d) (?P<least>\d+)\.\.(?P<most>\d+|\*)"
)
_RUBRIQUE = re.compile(r"  (?P<number>\d{3}) (?P<type>\S+) (?P<usage>[OCFIN?]{6}) (?P<label>.+)")
#: A control that a day, or a day of birth, must exist.
_DAY = re.compile(r"\bkey (?:birth)?day\b")


class NormError(Exception):
    """A norm file cannot be read: the message says which line."""


@dataclass(frozen=True, slots=True)
class Type:
    """The form of a value. `nature`: X text, N number, D date. `least`, `most`: characters.
    `form`: a regular expression of XML Schema for the whole value, or "". `codes`: the permitted
    values, empty if any."""

    name: str
    nature: str
    least: int
    most: int
    form: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RubriqueRow:
    """One rubrique of the norm. `usage`: its letter in each nature."""

    code: str
    label: str
    type: Type
    usage: dict[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands in the tree of a nature. `most` is None if there is no limit."""

    block: str
    parent: str
    depth: int
    rank: int
    least: int
    most: int | None


@dataclass
class Norm:
    """One version of the norm. `controls`: the rows of each code, in the order of the file."""

    version: str
    types: dict[str, Type] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, dict[str, RubriqueRow]] = field(default_factory=dict)
    trees: dict[str, dict[str, Place]] = field(default_factory=dict)
    controls: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def day_controls(self) -> dict[str, str]:
        """The controls that say that a day must exist, by their rubrique."""
        return {
            code[:14]: code for code, texts in self.controls.items() if any(map(_DAY.search, texts))
        }

    def label(self, code: str) -> str:
        """What the norm calls a rubrique or a block, or ""."""
        row = self.blocks.get(code[:10], {}).get(code)
        return row.label if row else self.labels.get(code, "")


def versions() -> tuple[str, ...]:
    """The versions that there are files of."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.norm")))


@lru_cache
def load(version: str) -> Norm:
    """The norm of that name (`P26V01`). Raises NormError, FileNotFoundError."""
    return read((FOLDER / f"{version}.norm").read_text("utf-8"))


def read(text: str) -> Norm:
    """The norm that a text describes. Raises NormError with the line."""
    lines = _lines(text)
    number, head = next(lines, (0, ""))
    words = head.split()
    if words[:1] != ["norm"] or len(words) not in (2, 4) or words[2:3] not in ([], ["after"]):
        raise NormError(f"line {number}: expected «norm VERSION [after VERSION]», found «{head}»")
    norm = Norm(words[1])
    if len(words) == 4:
        _inherit(norm, load(words[3]))
    _Reading(norm).take(lines)
    return norm


def _inherit(norm: Norm, before: Norm) -> None:
    norm.types.update(before.types)
    norm.labels.update(before.labels)
    norm.blocks.update({block: dict(rows) for block, rows in before.blocks.items()})
    norm.trees.update(before.trees)
    norm.controls.update(before.controls)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.rstrip()


class _Reading:
    """The part of the file that is being read: what an indented line belongs to."""

    def __init__(self, norm: Norm) -> None:
        self._norm = norm
        self._block = ""
        self._nature = ""
        self._above: list[str] = []
        self._controls = False
        self._replaced: set[str] = set()

    def take(self, lines: Iterator[tuple[int, str]]) -> None:
        for number, line in lines:
            if not self._take(line):
                raise NormError(f"{self._norm.version}, line {number}: not understood: «{line}»")
        for block, rows in self._norm.blocks.items():
            self._norm.blocks[block] = {code: self._current(rows[code]) for code in sorted(rows)}

    def _current(self, row: RubriqueRow) -> RubriqueRow:
        """The row, with the type as this version has it."""
        current = self._norm.types[row.type.name]
        return row if row.type is current else replace(row, type=current)

    def _take(self, line: str) -> bool:
        if self._controls:
            return self._control(line)
        if line.startswith("type "):
            return self._type(line)
        if line.startswith(("block ", "nature ")) or line == "controls":
            return self._section(line)
        return self._place(line) if self._nature else self._rubrique(line)

    def _section(self, line: str) -> bool:
        kind, _blank, rest = line.partition(" ")
        self._block = self._nature = ""
        if kind == "controls":
            self._controls = True
        elif kind == "nature":
            self._nature, self._above = rest, ["S20.G00.05"]
            self._norm.trees[rest] = {}
        else:
            self._block, _blank, label = rest.partition(" ")
            self._norm.labels[self._block] = label
            self._norm.blocks.setdefault(self._block, {})
        return True

    def _type(self, line: str) -> bool:
        found = _TYPE.fullmatch(line)
        if found is None:
            return False
        self._norm.types[found["name"]] = Type(
            found["name"],
            found["nature"],
            int(found["least"]),
            int(found["most"]),
            found["form"] or "",
            tuple((found["codes"] or "").split()),
        )
        return True

    def _place(self, line: str) -> bool:
        found = _PLACE.fullmatch(line)
        if found is None:
            return False
        depth = len(found["blanks"]) // 2
        if depth > len(self._above):
            return False
        del self._above[depth:]
        tree = self._norm.trees[self._nature]
        tree[found["block"]] = Place(
            found["block"],
            self._above[-1],
            depth,
            len(tree),
            int(found["least"]),
            None if found["most"] == "*" else int(found["most"]),
        )
        self._above.append(found["block"])
        return True

    def _rubrique(self, line: str) -> bool:
        rows = self._norm.blocks.get(self._block)
        if rows is None:
            return False
        if line.startswith("  -"):
            return rows.pop(f"{self._block}.{line[3:]}", None) is not None
        found = _RUBRIQUE.fullmatch(line)
        if found is None or found["type"] not in self._norm.types:
            return False
        code = f"{self._block}.{found['number']}"
        usage = dict(zip(NATURES, found["usage"], strict=True))
        rows[code] = RubriqueRow(code, found["label"], self._norm.types[found["type"]], usage)
        return True

    def _control(self, line: str) -> bool:
        if line.startswith("-"):
            return self._norm.controls.pop(line[1:], None) is not None
        code, blank, row = line.partition(" ")
        before = self._norm.controls.get(code, ()) if code in self._replaced else ()
        self._replaced.add(code)
        self._norm.controls[code] = (*before, row.strip())
        return bool(blank) and "/" in code
