"""Tells people what a control asks for: one sentence from its pattern and its condition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from vaguemestre_dsn.engine.layout import Layout
from vaguemestre_dsn.rules import alone, around, odd
from vaguemestre_dsn.rules.pattern import Pattern
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
    Starts,
    There,
)
from vaguemestre_dsn.texts import _

#: Most values of a list that a sentence names.
MOST_VALUES = 12


class Wording:
    """The sentence of one row. Made when it is needed, in the language of that moment."""

    def __init__(
        self, layout: Layout, anchor: str, pattern: Pattern, condition: Condition | None
    ) -> None:
        self._layout = layout
        self._anchor = anchor
        self._pattern = pattern
        self._condition = condition

    def sentence(self) -> str:
        told = self._told(self._pattern)
        if self._condition is None:
            return told
        return _("{rule} This applies when {condition}.").format(
            rule=told, condition=self.condition(self._condition, self._anchor)
        )

    def _told(self, pattern: Pattern) -> str:
        match pattern:
            case alone.Required(ref=ref):
                text = _("{rubrique} is mandatory here: fill it in.")
                return text.format(rubrique=self.rubrique(ref))
            case alone.Forbidden(ref=ref):
                text = _("{rubrique} is forbidden here: leave it out.")
                return text.format(rubrique=self.rubrique(ref))
            case alone.Exactly(ref=ref):
                text = _("{rubrique} is mandatory in one case and forbidden in all others.")
                return text.format(rubrique=self.rubrique(ref))
            case alone.Value(ref=ref, values=values, never=never):
                text = _("{rubrique} must be {values}: correct it.")
                if never:
                    text = _("{rubrique} must not be {values}: correct it.")
                return text.format(rubrique=self.rubrique(ref), values=_listed(values))
            case alone.Form(ref=ref):
                text = _("{rubrique} does not have the form that is wanted here: correct it.")
                return text.format(rubrique=self.rubrique(ref))
            case alone.Compared(comparison=comparison):
                text = _("Correct one of the values, for this must hold: {condition}.")
                return text.format(condition=self.condition(comparison, self._anchor))
            case around.Must(condition=condition):
                text = _("Correct the declaration, for this must hold: {condition}.")
                return text.format(condition=self.condition(condition, self._anchor))
            case alone.Together(ones=ones):
                text = _("{rubriques} go together: fill them all in, or none.")
                return text.format(rubriques=self._rubriques(ones))
            case alone.Apart(ones=ones):
                text = _("{rubrique} must not stand together with {others}: leave one out.")
                return text.format(
                    rubrique=self.rubrique(ones[0]), others=self._rubriques(ones[1:])
                )
            case _:
                return self._told_of_several(pattern)

    def _told_of_several(self, pattern: Pattern) -> str:
        match pattern:
            case around.Same(one=one, unit=unit, other=other):
                text = _("{one} and {other} must be in the same month: correct one of them.")
                if unit == "year":
                    text = _("{one} and {other} must be in the same year: correct one of them.")
                return text.format(one=self.rubrique(one), other=self.rubrique(other))
            case around.Unique(ones=ones, block=block):
                text = _(
                    "{rubriques} must not be the same twice in one {block}: correct one, or leave "
                    "the second out."
                )
                return text.format(rubriques=self._rubriques(ones), block=self._block(block))
            case around.MoreThan():
                text = _("The block {block} holds nothing beside its date or key: complete it.")
                return text.format(block=self._named(self._anchor))
            case around.Sum(parts=parts, total=total):
                text = _("{total} must be the sum of all {parts} below it: correct one of them.")
                return text.format(
                    total=self.rubrique(total), parts=self.rubrique(parts, self._anchor)
                )
            case around.Key(name=name, expression=expression):
                return _keyed(name).format(rubrique=self.expression(expression, self._anchor))
            case around.Odd(name=name):
                return odd.told(name)
        raise TypeError(pattern)

    # -- conditions

    def condition(self, node: Condition, block: str) -> str:
        """A condition in words. `block`: where references without a block belong."""
        match node:
            case All(parts=parts):
                return _(" and ").join(self._inner(part, block) for part in parts)
            case Any(parts=parts):
                return _(" or ").join(self._inner(part, block) for part in parts)
            case Not(inner=There(block=target, where=where, least=1)):
                return self._there(target, where, _("there is no block {block}"))
            case Not(inner=There(block=target, where=where)):
                return self._there(target, where, _("there is at most one block {block}"))
            case Compare(left=Ref(block="") as left, operator="=", right=Ref(block="^") as right):
                text = _("{rubrique} is the same as here")
                if left.number != right.number:
                    text = _("{rubrique} is the same as {other}")
                return text.format(
                    rubrique=self.rubrique(left, block),
                    other=self.rubrique(right, block),
                )
            case Not(inner=inner):
                text = _("it is not so that {condition}")
                return text.format(condition=self._inner(inner, block))
            case There(block=target, where=where, least=1):
                return self._there(target, where, _("there is a block {block}"))
            case There(block=target, where=where):
                return self._there(target, where, _("there are several blocks {block}"))
            case Compare(left=left, operator=operator, right=right):
                return (
                    f"{self.expression(left, block)} {_SIGNS[operator]} "
                    f"{self.expression(right, block)}"
                )
            case _:
                return self._about(node, block)

    def _inner(self, node: Condition, block: str) -> str:
        text = self.condition(node, block)
        return f"({text})" if isinstance(node, All | Any) else text

    def _there(self, digits: str, where: Condition | None, text: str) -> str:
        told = text.format(block=self._block(digits))
        target = self._layout.block(digits)
        if where is None or not target:
            return told
        return _("{there} where {condition}").format(
            there=told, condition=self.condition(where, target)
        )

    def _about(self, node: Condition, block: str) -> str:
        match node:
            case Among(ref=ref, values=values, negated=negated):
                text = _("{rubrique} is not {values}") if negated else _("{rubrique} is {values}")
                return text.format(rubrique=self.rubrique(ref, block), values=_listed(values))
            case Present(ref=ref, negated=negated):
                text = _("{rubrique} is missing") if negated else _("{rubrique} is filled in")
                return text.format(rubrique=self.rubrique(ref, block))
            case Starts(ref=ref, values=values):
                text = _("{rubrique} begins with {values}")
                return text.format(rubrique=self.rubrique(ref, block), values=_listed(values))
            case Like(ref=ref, form=form):
                text = _("{rubrique} has the form {form}")
                return text.format(rubrique=self.rubrique(ref, block), form=form)
        raise TypeError(node)

    def expression(self, node: Expression, block: str) -> str:
        match node:
            case Ref():
                return self.rubrique(node, block)
            case Literal(value=date() as day):
                return f"{day:%d/%m/%Y}"
            case Literal(value=value):
                return str(value)
            case Call(name=name, args=args):
                told = [self.expression(arg, block) for arg in args]
                return _functions(name, told)
        raise TypeError(node)

    # -- names

    def rubrique(self, ref: Ref, block: str = "") -> str:
        """«label» (code)."""
        where = block or self._anchor
        if ref.block == "^":
            where = self._anchor
        elif ref.block:
            where = self._layout.block(ref.block) or ref.block
        return self._named(f"{where}.{ref.number}")

    def _rubriques(self, refs: Sequence[Ref]) -> str:
        return ", ".join(self.rubrique(ref) for ref in refs)

    def _block(self, digits: str) -> str:
        return self._named(self._layout.block(digits) or digits)

    def _named(self, code: str) -> str:
        label = self._layout.norm.label(code)
        return f"« {label} » ({code})" if label else code


_SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "=": "=", "<": "<", ">": ">"}


def _listed(values: Sequence[str]) -> str:
    shown = list(values[:MOST_VALUES])
    if len(values) > MOST_VALUES:
        shown.append("…")
    if len(shown) == 1:
        return shown[0]
    return _("{first} or {last}").format(first=", ".join(shown[:-1]), last=shown[-1])


def _keyed(name: str) -> str:
    digits = _("The check digits of {rubrique} are wrong: correct the number.")
    texts = {
        "email": _("{rubrique} is not an e-mail address: correct it."),
        "name": _("{rubrique} does not look like a name: check it."),
        "some_letter": _("{rubrique} holds no letter: correct it."),
        "job": _("{rubrique} does not look like the name of a job: check it."),
        "contract": _("{rubrique} holds signs that contract numbers do not have: check it."),
        "ntt": _("{rubrique} must begin with 1 or 2: correct it."),
        "no_siret": _("{rubrique} must not be the SIRET of an establishment: correct it."),
        "issued": _("{rubrique} is not a number that was issued: fill in the right one, or none."),
        "few_nines": _("{rubrique} ends with too many 9, it seems made up: correct it."),
        "unspaced": _("{rubrique} must not hold a blank: remove it."),
        "day": _("{rubrique} is no day of the calendar: correct it."),
        "birthday": _("{rubrique} is no day of the calendar: correct it."),
    }
    return texts.get(name, digits)


def _functions(name: str, args: Sequence[str]) -> str:
    texts = {
        "month_start": _("the first day of the month of {0}"),
        "month_end": _("the last day of the month of {0}"),
        "add_days": _("{0} and {1} days"),
        "add_months": _("{0} and {1} months"),
        "year": _("the year of {0}"),
        "month": _("the month of {0}"),
        "head": _("the first {1} characters of {0}"),
        "slice": _("the characters {1} to {2} of {0}"),
        "abs": _("{0} without its sign"),
        "this_year": _("this year"),
    }
    if name == "month_end" and len(args) == 2:
        return _("the last day of the month {1} months after {0}").format(*args)
    if name in texts:
        return texts[name].format(*args)
    return {"add": " + ", "times": " × ", "join": " & "}[name].join(args)
