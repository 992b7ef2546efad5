"""The language in which the norm files write conditions: text in, a small tree out.

The words are explained in the plugin's README.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from vaguemestre_dsn.rules.syntax import (
    All,
    Among,
    Any,
    Call,
    Compare,
    Condition,
    Expression,
    Like,
    Literal,
    Not,
    Present,
    Ref,
    RuleError,
    Starts,
    There,
)

#: Functions that are written without brackets.
PLAIN_FUNCTIONS = ("this_year",)
OPERATORS = ("<=", ">=", "!=", "=", "<", ">")
_TOKEN = re.compile(
    r"\s*(?:(?P<ref>(?:\^|\d\d)?\.\d{3}(?!\d))|(?P<date>\d{4}-\d\d-\d\d)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<text>'[^']*')|(?P<form>/(?:[^/\\]|\\.)*/)|(?P<word>[a-z_]+)|(?P<sign><=|>=|!=|[=<>()\[\],]))"
)
_VALUES = re.compile(r"\s*([^\s,\])]+(?:\s*,\s*[^\s,\])]+)*)")


class Reader:
    """Reads words, references and conditions from a row, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, wanted: str) -> RuleError:
        return RuleError(f"expected {wanted} at «{self.text[self.at :]}» in «{self.text}»")

    def ended(self) -> bool:
        return not self.text[self.at :].strip()

    def peek(self) -> tuple[str, str]:
        """Kind and text of what comes next; ("", "") at the end."""
        found = _TOKEN.match(self.text, self.at)
        return (found.lastgroup or "", found[found.lastgroup or 0]) if found else ("", "")

    def next(self) -> tuple[str, str]:
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            raise self.fail("more")
        self.at = found.end()
        return found.lastgroup or "", found[found.lastgroup or 0]

    def accept(self, *texts: str) -> bool:
        """Whether these words come next; if so they are read."""
        before = self.at
        for text in texts:
            if self.peek()[1] != text:
                self.at = before
                return False
            self.next()
        return True

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.fail(f"«{text}»")

    def ref(self) -> Ref:
        kind, text = self.peek()
        if kind != "ref":
            raise self.fail("a rubrique")
        self.next()
        block, _dot, number = text.partition(".")
        return Ref(block, number)

    def refs(self) -> Iterator[Ref]:
        while self.peek()[0] == "ref":
            yield self.ref()
            self.accept(",")

    def word(self) -> str:
        kind, text = self.peek()
        if kind != "word":
            raise self.fail("a word")
        self.next()
        return text

    def block(self) -> str:
        kind, text = self.peek()
        if kind != "number" or len(text) != 2:
            raise self.fail("a block's two digits")
        self.next()
        return text

    def form(self) -> str:
        kind, text = self.peek()
        if kind != "form":
            raise self.fail("/a form/")
        self.next()
        return text[1:-1]

    def values(self) -> tuple[str, ...]:
        found = _VALUES.match(self.text, self.at)
        if found is None:
            raise self.fail("values")
        self.at = found.end()
        return tuple(value.strip() for value in found[1].split(","))

    # -- conditions, from the weakest binding to the strongest

    def condition(self) -> Condition:
        parts = [self._all()]
        while self.accept("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self) -> Condition:
        parts = [self._term()]
        while self.accept("and"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _term(self) -> Condition:
        if self.accept("not"):
            return Not(self._term())
        if self.accept("no"):
            return Not(self._there(1))
        if self.accept("several"):
            return self._there(2)
        if self.accept("("):
            inner = self.condition()
            self.expect(")")
            return inner
        kind, text = self.peek()
        if kind == "number" and len(text) == 2 and not self._is_compared():
            return self._there(1)
        return self._comparison()

    def _is_compared(self) -> bool:
        """Whether the two digits that come next are a number that is compared."""
        before = self.at
        self.next()
        sign = self.peek()[1]
        self.at = before
        return sign in OPERATORS

    def _there(self, least: int) -> There:
        block, where = self.block(), None
        if self.accept("["):
            where = self.condition()
            self.expect("]")
        return There(block, where, least)

    def _comparison(self) -> Condition:
        left = self.expression()
        if isinstance(left, Ref):
            about = self._about(left)
            if about is not None:
                return about
        operator = self.operator()
        if isinstance(left, Ref) and operator in ("=", "!=") and self._is_plain_value():
            return Among(left, (self._plain_value(),), operator == "!=")
        return Compare(left, operator, self.expression())

    def _about(self, ref: Ref) -> Condition | None:
        if self.accept("present"):
            return Present(ref)
        if self.accept("absent"):
            return Present(ref, negated=True)
        if self.accept("not", "in"):
            return Among(ref, self.values(), negated=True)
        if self.accept("in"):
            return Among(ref, self.values())
        if self.accept("starts"):
            return Starts(ref, self.values())
        if self.accept("like"):
            return Like(ref, self.form())
        return None

    def operator(self) -> str:
        sign = self.peek()[1]
        if sign not in OPERATORS:
            raise self.fail("a comparison")
        self.next()
        return sign

    def _is_plain_value(self) -> bool:
        """Whether a code stands there, not a rubrique, a function, a number with decimals or so."""
        found = _VALUES.match(self.text, self.at)
        if found is None:
            return False
        text = re.split(r"[\s,]", found[1])[0]
        return re.fullmatch(r"\w+", text) is not None and text not in PLAIN_FUNCTIONS

    def _plain_value(self) -> str:
        found = re.compile(r"\s*(\w+)").match(self.text, self.at)
        if found is None:
            raise self.fail("a value")
        self.at = found.end()
        return found[1]

    # -- expressions

    def expression(self) -> Expression:
        kind, text = self.peek()
        if kind == "ref":
            return self.ref()
        if kind == "word":
            self.next()
            args: list[Expression] = []
            if self.accept("("):
                while not self.accept(")"):
                    args.append(self.expression())
                    self.accept(",")
            return Call(text, tuple(args))
        if kind == "number":
            self.next()
            return Literal(Decimal(text))
        if kind == "date":
            self.next()
            return Literal(date.fromisoformat(text))
        if kind == "text":
            self.next()
            return Literal(text[1:-1])
        raise self.fail("a rubrique, a value or a function")
