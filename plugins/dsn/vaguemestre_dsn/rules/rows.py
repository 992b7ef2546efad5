"""The controls of a norm file, made ready for one nature: each row names a pattern of `patterns`.

A row: the natures it applies to (`*`: all), the block that it is about if that is not its code's,
`warn` if it must not block, the pattern with its rubriques, and the condition under which it
applies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vaguemestre.api import Severity
from vaguemestre_dsn.engine.layout import Layout
from vaguemestre_dsn.rules.alone import Exactly
from vaguemestre_dsn.rules.around import Key
from vaguemestre_dsn.rules.keys import KEYS
from vaguemestre_dsn.rules.language import Reader
from vaguemestre_dsn.rules.logic import Test
from vaguemestre_dsn.rules.meaning import Meaning, Nowhere
from vaguemestre_dsn.rules.pattern import Fails, Pattern
from vaguemestre_dsn.rules.patterns import PATTERNS
from vaguemestre_dsn.rules.reads import Mode, Read, alike_part, are_alike, reads
from vaguemestre_dsn.rules.syntax import All, Condition, Ref, RuleError
from vaguemestre_dsn.rules.wording import Wording

_HEAD = re.compile(r"(?P<natures>\*|\d\d(?:,\d\d)*)\s+(?:@(?P<block>\d\d)\s+)?(?P<warn>warn\s+)?")


@dataclass(frozen=True)
class Written:
    """A row as it is written, understood but not bound to a nature."""

    code: str
    natures: tuple[str, ...]
    block: str
    severity: Severity
    pattern: Pattern
    condition: Condition | None


@dataclass(frozen=True, eq=False)
class Row:
    """A control of one nature.

    `fails`: whether an occurrence breaks it; `rest`: the same, if `arms` is known to hold.
    `index`: position of the rubrique that the finding shows, -1 for the block's first line.
    `looks`: all that it looks at, None if nobody can tell; `own`: positions of the occurrence's
    values among that; `around`: other blocks of the person among that; `of_one`: position of the
    value that decides alone, or None; `plain`: tells by such a value whether it is right, if no
    more is needed. `alike`: it only looks at what many persons share;
    `not_alike`: what of persons it looks at beside that. `arms`: holds wherever it can be broken,
    and only looks at what many share; `seen`: what of persons must be known to say so. `late`,
    `final`: decided when the person, or the declaration, is complete. `keeps`: it remembers from
    one person to the next. `notes`, `holds`: see `Meaning`.
    """

    code: str
    severity: Severity
    block: str
    index: int
    fails: Fails
    rest: Fails
    wording: Wording
    alike: bool
    arms: Test
    seen: frozenset[Read]
    own: tuple[int, ...]
    looks: frozenset[Read] | None
    not_alike: frozenset[Read] | None
    around: frozenset[str] | None
    of_one: int | None
    plain: Callable[[bytes], bool] | None
    late: bool
    final: bool
    keeps: bool
    notes: dict[str, set[int]]
    holds: frozenset[tuple[str, int]]


def written(code: str, text: str) -> Written:
    """Understand a row. Raises RuleError that says what is not understood."""
    head = _HEAD.match(text)
    if head is None:
        raise RuleError(f"{code}: expected natures at «{text}»")
    reader = Reader(text[head.end() :])
    try:
        pattern = PATTERNS.get(reader.word(), _unknown)(reader)
        condition = reader.condition() if reader.accept("if") else None
        if not reader.ended():
            raise reader.fail("the end")
    except RuleError as error:
        raise RuleError(f"{code}: {error}") from error
    warns = head["warn"] or "/SIG" in code
    return Written(
        code,
        () if head["natures"] == "*" else tuple(head["natures"].split(",")),
        head["block"] or "",
        Severity.WARNING if warns else Severity.BLOCKING,
        pattern,
        condition,
    )


def _unknown(reader: Reader) -> Pattern:
    raise reader.fail("a pattern in front")


def bound(row: Written, layout: Layout) -> Row | None:
    """The row in a nature, or None if it says nothing there. Raises RuleError."""
    if row.natures and layout.nature not in row.natures:
        return None
    block = layout.block(row.block) if row.block else row.code[:10]
    if block not in layout.kinds:
        return None
    meaning = Meaning(layout, block)
    try:
        when = None if row.condition is None else meaning.test(row.condition)
        fails = row.pattern.fails(meaning, when)
        rest = fails if row.pattern.keeps else row.pattern.fails(meaning, _rest(row, meaning))
        looks = _looks(row, layout, block)
        necessary = alike_part(layout, block, All(tuple(_necessary(row)))) or All(())
        arms = Meaning(layout, block).test(necessary)
    except Nowhere:
        return None
    except RuleError as error:
        raise RuleError(f"{row.code}: {error}") from error
    around = _around(looks, layout, block)
    if meaning.final and layout.kinds[block].person and around:
        raise RuleError(f"{row.code}: the declaration decides, and the person is gone by then")
    keeps = row.pattern.keeps and not row.pattern.is_of_person(meaning)
    alike = looks is not None and not keeps and are_alike(layout, looks)
    shown = row.code[11:14] if row.code[:10] == block else ""
    return Row(
        code=row.code,
        severity=row.severity,
        block=block,
        index=layout.kinds[block].index.get(shown, -1),
        fails=fails,
        rest=rest,
        wording=Wording(layout, block, row.pattern, row.condition),
        alike=alike,
        arms=arms,
        seen=looks if alike and looks is not None else reads(layout, block, [necessary]),
        own=tuple(sorted({r.at for r in looks or () if r.block == block and r.at >= 0})),
        looks=looks,
        not_alike=_not_alike(looks, layout),
        around=around,
        plain=_plain(row),
        of_one=None if row.pattern.keeps else _of_one(looks, layout, block),
        late=meaning.late and bool(layout.kinds[block].person),
        final=meaning.final,
        keeps=keeps,
        notes=meaning.notes,
        holds=frozenset(meaning.holds),
    )


def _necessary(row: Written) -> Sequence[Condition]:
    """What must hold before the row can be broken."""
    if isinstance(row.pattern, Exactly):
        return ()
    condition = () if row.condition is None else (row.condition,)
    return [*row.pattern.arms(), *condition]


def _rest(row: Written, meaning: Meaning) -> Test | None:
    """The condition without what follows from `arms`."""
    if row.condition is None:
        return None
    layout, anchor = meaning.layout, meaning.anchor
    if isinstance(row.pattern, Exactly):
        return meaning.test(row.condition)
    parts = row.condition.parts if isinstance(row.condition, All) else (row.condition,)
    left = [part for part in parts if not are_alike(layout, reads(layout, anchor, [part]))]
    return meaning.test(All(tuple(left))) if left else None


def _looks(row: Written, layout: Layout, block: str) -> frozenset[Read] | None:
    looks = row.pattern.looks()
    if looks is None:
        return None
    condition = [] if row.condition is None else [row.condition]
    return reads(layout, block, [*looks, *condition])


def _around(looks: frozenset[Read] | None, layout: Layout, block: str) -> frozenset[str] | None:
    if looks is None:
        return None
    person = layout.kinds[block].person
    blocks = {read.block for read in looks if person and layout.kinds[read.block].person == person}
    return frozenset(blocks - {block, *layout.kinds[block].ancestors})


def _not_alike(looks: frozenset[Read] | None, layout: Layout) -> frozenset[Read] | None:
    if looks is None:
        return None
    return frozenset(read for read in looks if not are_alike(layout, [read]))


def _of_one(looks: frozenset[Read] | None, layout: Layout, block: str) -> int | None:
    """Position of the only value of persons that is looked at, if there is just one."""
    of_persons = {r for r in looks or () if layout.kinds[r.block].person}
    if len(of_persons) != 1:
        return None
    only = next(iter(of_persons))
    return only.at if only.block == block and only.mode is Mode.VALUE else None


def _plain(row: Written) -> Callable[[bytes], bool] | None:
    pattern = row.pattern
    if isinstance(pattern, Key) and isinstance(pattern.expression, Ref) and row.condition is None:
        return KEYS[pattern.name]
    return None
