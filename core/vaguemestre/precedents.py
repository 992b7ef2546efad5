"""What went before a declaration, and what follows from it: a duplicate, nothing to replace, a
correction of what was refused, a deadline that is over.

Pure rules over what the store knows, which is not all that the platform knows: people deposit
elsewhere, too. So nothing is refused here. What is doubtful is held until a person releases it;
what merely cannot be known goes its way with a warning. Texts are in `precedent_words.py`, and
applying all this is left to `confront.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from vaguemestre.lifecycle import State
from vaguemestre.model import Due

S = State

#: States in which a deposit stands in its place at the platform, or may yet.
STANDING = frozenset(
    {S.HELD, S.READY, S.DEPOSITING, S.IN_DOUBT, S.HANDED_OVER, S.DEPOSITED, S.ACCEPTED, S.TO_CHECK}
)
#: States of what the platform certified: only that can be replaced.
CERTIFIED = frozenset({S.ACCEPTED, S.TO_CHECK})
#: States that a corrected file follows on.
TURNED_DOWN = frozenset({S.REFUSED, S.REJECTED})
#: The likeliest reason first, when several deposits are in the way.
_WEIGHT = (
    S.ACCEPTED,
    S.TO_CHECK,
    S.DEPOSITED,
    S.HANDED_OVER,
    S.IN_DOUBT,
    S.DEPOSITING,
    S.READY,
    S.HELD,
)


class Claim(Struct, frozen=True):
    """A place at the platform: whether it is taken, whether its present declaration is replaced; or
    a subject, if neither."""

    digest: str
    own: bool
    replaced: bool
    rank: int | None = None


class Earlier(Struct, frozen=True, kw_only=True):
    """Another deposit that takes a place of ours or has our subject. `duplicated`: a place that we
    take without replacing what is there; `replaced`: one whose declaration we replace.
    `replaced_by`: the deposit that stands there in its stead. `waits_for_us`: it is held because we
    were there before it."""

    deposit: int
    state: State
    name: str = ""
    reference: str = ""
    taken_at: datetime
    deposited_at: datetime | None = None
    rank: int | None = None
    replaced_by: int | None = None
    waits_for_us: bool = False
    duplicated: bool = False
    replaced: bool = False


class Relation(StrEnum):
    """How a deposit follows on an earlier one."""

    DUPLICATES = "duplicates"
    REPLACES = "replaces"
    CANCELS = "cancels"
    CORRECTS = "corrects"


class Link(Struct, frozen=True):
    other: int
    relation: Relation


class Why(StrEnum):
    """What there is to say. The doubts come first, then what is only told."""

    DUPLICATE = "duplicate"
    UNCERTIFIED = "uncertified"  # what it replaces has no certificate yet
    REFUSED = "refused"  # what it replaces was refused
    RANK = "rank"  # its number is not higher than that of what it replaces
    CLOSED = "closed"  # the platform no longer takes it
    BY_HAND = "by_hand"  # the same is here, but not deposited by us
    REPEATED_TEST = "repeated_test"
    NOTHING_KNOWN = "nothing_known"  # what it replaces is not known here
    NONE_CERTIFIED = "none_certified"  # known here, but never deposited by us
    REPLACED = "replaced"  # what it replaces was replaced already
    CLOSING = "closing"  # closed, if the employer's day is the earlier one


class Remark(Struct, frozen=True):
    """One thing to say, and the deposit that it is about."""

    why: Why
    other: Earlier | None = None
    due: Due | None = None

    @property
    def code(self) -> str:
        """What a person who releases the deposit agrees to: `duplicate:12`."""
        if self.why is Why.DUPLICATE and self.other:
            return duplicate_of(self.other.deposit)
        return f"{self.why.value}:{self.other.deposit}" if self.other else self.why.value


def duplicate_of(deposit: int) -> str:
    """The code of the doubt that a deposit is one."""
    return f"{Why.DUPLICATE.value}:{deposit}"


class Precedents(Struct, frozen=True):
    """The outcome: `doubts` hold the deposit, `warnings` do not."""

    doubts: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    links: tuple[Link, ...] = ()


class Question(Struct, frozen=True, kw_only=True):
    """A deposit that is about to go: its number, what it declares, and the moment (UTC). `due`: the
    moments that can apply to its employer."""

    deposit: int
    test: bool
    replacing: bool
    cancels: bool
    rank: int | None
    due: tuple[Due, ...]
    now: datetime


def applying(dues: Sequence[Due], day: int) -> tuple[Due, ...]:
    """Those of `dues` that apply to an employer whose day is `day`; 0 if that is not known."""
    known = [due for due in dues if due.day in (0, day)]
    return tuple(known) if day and known else tuple(dues)


def judge(question: Question, met: Sequence[Earlier]) -> Precedents:
    """What follows from the other deposits that take one of its places, oldest first."""
    rivals = _rivals(question, met)
    replaced = [e for e in met if e.replaced]
    links = _links(question, met, rivals, replaced)
    if question.test:
        # A test declares nothing: the platform takes it as often as it comes.
        warnings = [Remark(Why.REPEATED_TEST, _weightiest(rivals))] if rivals else []
        return Precedents((), tuple(warnings), links)
    doubts = [Remark(Why.DUPLICATE, e) for e in _by_weight(rivals)]
    by_hand = [e for e in met if e.duplicated and e.state is S.MANUAL]
    warnings = [Remark(Why.BY_HAND, by_hand[-1])] if by_hand and not rivals else []
    if question.replacing:
        more = _about_replaced(question, replaced)
        doubts += [r for r in more if r.why in (Why.UNCERTIFIED, Why.REFUSED, Why.RANK)]
        warnings += [r for r in more if r not in doubts]
    closed = _about_closing(question)
    if closed is not None:
        (doubts if closed.why is Why.CLOSED else warnings).append(closed)
    return Precedents(tuple(doubts), tuple(warnings), links)


def _rivals(question: Question, met: Sequence[Earlier]) -> list[Earlier]:
    """What is in the way. What only waits counts where nothing goes: it is asked in its turn."""
    standing = [e for e in met if e.duplicated and _stands(e, question)]
    return [e for e in standing if e.state is not S.HELD] or standing


def _stands(earlier: Earlier, question: Question) -> bool:
    """Whether it is in the way. Of two that wait for a person, the first one comes first, unless it
    waits for the other itself."""
    if earlier.state is S.HELD:
        return earlier.deposit < question.deposit and not earlier.waits_for_us
    return earlier.state in STANDING


def _about_replaced(question: Question, replaced: Sequence[Earlier]) -> list[Remark]:
    if not replaced:
        return [Remark(Why.NOTHING_KNOWN)]
    standing = [e for e in replaced if _stands(e, question)]
    if not standing:
        refused = [e for e in replaced if e.state is S.REFUSED]
        return [Remark(Why.REFUSED, refused[-1]) if refused else Remark(Why.NONE_CERTIFIED)]
    found = []
    certified = [e for e in standing if e.state in CERTIFIED]
    if not certified:
        found.append(Remark(Why.UNCERTIFIED, _weightiest(standing)))
    # What is held has used no number at the platform, and may never.
    sent = [e for e in standing if e.state is not S.HELD]
    ranked = [(e.rank, e.deposit, e) for e in sent if e.rank is not None]
    if question.rank is not None and ranked and max(ranked)[0] >= question.rank:
        found.append(Remark(Why.RANK, max(ranked)[2]))
    known = {e.deposit for e in replaced} | {question.deposit}
    found += [
        Remark(Why.REPLACED, e) for e in certified[-1:] if e.replaced_by not in (None, *known)
    ]
    return found


def _about_closing(question: Question) -> Remark | None:
    closing = sorted((due for due in question.due if due.closes), key=lambda due: due.at)
    if not closing or question.now < closing[0].at:
        return None
    closed = question.now >= closing[-1].at
    return Remark(Why.CLOSED if closed else Why.CLOSING, None, closing[-1])


def _links(
    question: Question,
    met: Sequence[Earlier],
    rivals: Sequence[Earlier],
    replaced: Sequence[Earlier],
) -> tuple[Link, ...]:
    links = [Link(e.deposit, Relation.DUPLICATES) for e in rivals]
    standing = [e for e in replaced if _stands(e, question)]
    certified = [e for e in standing if e.state in CERTIFIED]
    if standing:
        relation = Relation.CANCELS if question.cancels else Relation.REPLACES
        links.append(Link((certified or standing)[-1].deposit, relation))
    before = [
        e
        for e in met
        if e.deposit < question.deposit and e.state in STANDING | TURNED_DOWN and not e.replaced_by
    ]
    if before and before[-1].state in TURNED_DOWN:
        links.append(Link(before[-1].deposit, Relation.CORRECTS))
    return tuple(links)


def _by_weight(found: Sequence[Earlier]) -> list[Earlier]:
    return sorted(found, key=lambda e: (_WEIGHT.index(e.state), e.deposit))


def _weightiest(found: Sequence[Earlier]) -> Earlier:
    return _by_weight(found)[0]
