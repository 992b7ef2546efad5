"""What people read about duplicates, replacements and closed deadlines: one line beside the state,
a finding that says what to do, and a notice for what is held."""

from __future__ import annotations

from collections.abc import Callable

from vaguemestre.locale import _
from vaguemestre.model import Finding, Level, Notice, Severity
from vaguemestre.precedents import Earlier, Remark, Why
from vaguemestre.words import state_word, time_word


def line(remark: Remark) -> str:
    """Why a deposit is held, in one line."""
    other = named(remark.other, brief=True) if remark.other else ""
    day = time_word(remark.due.at) if remark.due else ""
    return {
        Why.DUPLICATE: _("Possible duplicate of {other}"),
        Why.UNCERTIFIED: _("Replaces {other}, which has no certificate yet"),
        Why.REFUSED: _("Replaces {other}: nothing to replace"),
        Why.RANK: _("Its order number is not higher than that of {other}"),
        Why.CLOSED: _("Too late to cancel and replace: it was possible until {day}"),
    }[remark.why].format(other=other, day=day)


def finding(remark: Remark, deposit: int) -> Finding:
    """What is doubtful, and what a person can do about it."""
    other = named(remark.other) if remark.other else ""
    day = time_word(remark.due.at) if remark.due else ""
    text = _TEXTS[remark.why]().format(other=other, day=day, id=deposit)
    return Finding(severity=Severity.WARNING, code=f"deposit/{remark.why.value}", message=text)


def notice(remark: Remark, deposit: int, name: str) -> Notice:
    """That a deposit is held."""
    title = _("{name} waits for your decision: {reason}")
    return Notice(
        key=f"held:{deposit}",
        level=Level.WARNING,
        title=title.format(name=name, reason=line(remark)),
        text=finding(remark, deposit).message,
        deposit=deposit,
    )


def named(other: Earlier, *, brief: bool = False) -> str:
    """`deposit 12 (accepted, deposited on 05/11/2026 10:32, reference …)`; without its reference if
    it must be `brief`."""
    if other.deposited_at:
        when = _("deposited on {time}").format(time=time_word(other.deposited_at))
    else:
        when = _("taken in on {time}").format(time=time_word(other.taken_at))
    facts = [state_word(other.state), when]
    if other.reference and not brief:
        facts.append(_("reference {reference}").format(reference=other.reference))
    return _("deposit {id} ({facts})").format(id=other.deposit, facts=", ".join(facts))


def _duplicate() -> str:
    return _(
        "The platform takes such a declaration once, and {other} is the same one. Nothing was "
        "sent. If this file corrects the other, withdraw it (vaguemestre deposits withdraw {id}) "
        "and have the payroll software produce one that cancels and replaces. If it must go all "
        "the same: vaguemestre deposits release {id}"
    )


def _uncertified() -> str:
    return _(
        "Only a certified declaration can be replaced, and {other} is not certified. Wait for "
        "its certificate, then: vaguemestre deposits release {id}"
    )


def _refused() -> str:
    return _(
        "The declaration that this one replaces is {other}: the platform has nothing to replace. "
        "Withdraw this one (vaguemestre deposits withdraw {id}) and send a normal declaration. If "
        "the original was deposited elsewhere: vaguemestre deposits release {id}"
    )


def _rank() -> str:
    return _(
        "A declaration that cancels and replaces needs a higher order number than the one before, "
        "{other}. Withdraw it (vaguemestre deposits withdraw {id}) and produce it again with the "
        "next number. If it must go all the same: vaguemestre deposits release {id}"
    )


def _closed() -> str:
    return _(
        "This declaration could be cancelled and replaced until {day}. Withdraw this one "
        "(vaguemestre deposits withdraw {id}) and correct in the declaration of the next month. If "
        "it must go all the same: vaguemestre deposits release {id}"
    )


def _by_hand() -> str:
    return _(
        "The same declaration is here already, as {other}. If somebody deposited it by hand, the "
        "platform will refuse this one."
    )


def _repeated_test() -> str:
    return _("The same declaration was tested before: {other}.")


def _nothing_known() -> str:
    return _(
        "What this declaration cancels or replaces did not go through here: the platform must "
        "have it, certified, from elsewhere. Otherwise it will refuse this one."
    )


def _none_certified() -> str:
    return _(
        "What this declaration cancels or replaces is here, but was never deposited by us. The "
        "platform must have it, certified, from elsewhere. Otherwise it will refuse this one."
    )


def _replaced() -> str:
    return _(
        "This declaration replaces {other}, which another one has replaced already. If the "
        "platform refuses it, name the last one in it."
    )


def _closing() -> str:
    return _(
        "If this employer's due day is the earlier one, it is too late to cancel and replace. "
        "Write the due day in the configuration ([[deadline]]), so that it is known."
    )


#: By reason; looked up late, for the language is known only then.
_TEXTS: dict[Why, Callable[[], str]] = {
    Why.DUPLICATE: _duplicate,
    Why.UNCERTIFIED: _uncertified,
    Why.REFUSED: _refused,
    Why.RANK: _rank,
    Why.CLOSED: _closed,
    Why.BY_HAND: _by_hand,
    Why.REPEATED_TEST: _repeated_test,
    Why.NOTHING_KNOWN: _nothing_known,
    Why.NONE_CERTIFIED: _none_certified,
    Why.REPLACED: _replaced,
    Why.CLOSING: _closing,
}
