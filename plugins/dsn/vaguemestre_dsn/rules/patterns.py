"""The patterns by the word that a row begins with, each with how its row is read."""

from __future__ import annotations

from collections.abc import Callable

from vaguemestre_dsn.rules import alone, around, keys, odd
from vaguemestre_dsn.rules.language import Reader
from vaguemestre_dsn.rules.pattern import Pattern
from vaguemestre_dsn.rules.syntax import Call, Ref, RuleError
from vaguemestre_dsn.rules.syntax import Compare as Comparison


def _value(reader: Reader, *, never: bool) -> Pattern:
    ref = reader.ref()
    reader.expect("in")
    return alone.Value(ref, reader.values(), never)


def _same(reader: Reader) -> Pattern:
    one, unit = reader.ref(), reader.word()
    if unit not in ("year", "month"):
        raise RuleError(f"«{unit}» is neither year nor month")
    return around.Same(one, unit, reader.ref())


def _unique(reader: Reader) -> Pattern:
    ones = tuple(reader.refs())
    reader.expect("in")
    return around.Unique(ones, reader.block())


def _more(reader: Reader) -> Pattern:
    reader.expect("than")
    return around.MoreThan(tuple(reader.refs()))


def _sum(reader: Reader) -> Pattern:
    parts = reader.ref()
    reader.expect("=")
    return around.Sum(parts, reader.ref())


def _key(reader: Reader) -> Pattern:
    name = reader.word()
    expression = reader.expression()
    if name not in keys.KEYS or not isinstance(expression, Ref | Call):
        raise RuleError(f"there is no key «{name}»")
    return around.Key(name, expression)


def _odd(reader: Reader) -> Pattern:
    name = reader.word()
    if name not in odd.CALLS:
        raise RuleError(f"there is no function «{name}»")
    return around.Odd(name)


def _compare(reader: Reader) -> Pattern:
    left = reader.expression()
    return alone.Compared(Comparison(left, reader.operator(), reader.expression()))


PATTERNS: dict[str, Callable[[Reader], Pattern]] = {
    "required": lambda r: alone.Required(r.ref()),
    "forbidden": lambda r: alone.Forbidden(r.ref()),
    "iff": lambda r: alone.Exactly(r.ref()),
    "only": lambda r: _value(r, never=False),
    "never": lambda r: _value(r, never=True),
    "form": lambda r: alone.Form(r.ref(), r.form()),
    "compare": _compare,
    "together": lambda r: alone.Together(tuple(r.refs())),
    "apart": lambda r: alone.Apart(tuple(r.refs())),
    "same": _same,
    "unique": _unique,
    "more": _more,
    "must": lambda r: around.Must(r.condition()),
    "sum": _sum,
    "key": _key,
    "call": _odd,
}
