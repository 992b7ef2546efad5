"""What a refused or failed call means, as a type: one row a status, for each call.

The question that decides for a deposit is whether it can have been recorded. A 401, 403, 422… is
given before anything is recorded; a 5xx, a redirection or a status that nobody documents may come
from something in front of a platform that did record: only a look-up tells.
"""

from __future__ import annotations

from enum import Enum, auto

from vaguemestre.api import CredentialRefused, NoEffect, OutcomeUnknown, VaguemestreError
from vaguemestre_net_entreprises.protocol.authentication import reason
from vaguemestre_net_entreprises.protocol.messages import Answer
from vaguemestre_net_entreprises.texts import _


class Call(Enum):
    """Which service was called."""

    AUTHENTICATION = auto()
    DEPOSIT = auto()
    LISTING = auto()
    DOWNLOAD = auto()


#: Statuses of a deposit that were given before anything was recorded.
_NOTHING_RECORDED = frozenset(
    {400, 404, 405, 406, 407, 410, 411, 413, 414, 415, 417, 421, 429, 431}
)
#: Of these, those that the same bytes will always get.
_FOR_GOOD = frozenset({400, 406, 411, 413, 415, 417, 431})


def fault(answer: Answer, call: Call) -> VaguemestreError:
    """The error that an answer other than a good one stands for. Never raises.

    A 401 of a business service stands for a second one, after a new token. A deposit's 422 with a
    body is not for this function: it is a receipt (`deposit.read`).
    """
    if answer.status in (401, 403):
        return CredentialRefused(reason(answer), retry_after=answer.retry_after)
    if answer.status == 422 and call is Call.AUTHENTICATION:
        return CredentialRefused(reason(answer))
    message = explain(answer, call)
    if call is Call.DEPOSIT:
        if answer.status == 422:
            return NoEffect(message, permanent=True)
        if answer.status not in _NOTHING_RECORDED:
            return OutcomeUnknown(message)
        return NoEffect(
            message, retry_after=answer.retry_after, permanent=answer.status in _FOR_GOOD
        )
    return NoEffect(message, retry_after=answer.retry_after)


def explain(answer: Answer, call: Call) -> str:
    """What the status means in this call, for people."""
    match answer.status:
        case 404 | 405 | 410:
            text = _("The service is not at this address, or is closed")
        case 406:
            text = _("The platform refuses the encoding that was asked for")
        case 407:
            text = _("The proxy or the portal judged the request dangerous and stopped it")
        case 411 | 413 | 414 | 417 | 431:
            text = _("The platform or a proxy refuses requests of this size or form")
        case 415:
            text = _("The platform refuses the content type or encoding")
        case 422 if call is Call.DEPOSIT:
            text = _("The platform received an empty deposit")
        case 422:
            text = _("The platform could not read what was asked")
        case 429:
            text = _("The platform was asked too often or for too much at once")
        case 503:
            text = _("The service is unavailable for now")
        case status if 300 <= status < 400:
            text = _("The platform answered with a redirection, which is not followed")
        case status if status >= 500:
            text = _("The platform had an internal error")
        case status if status < 300:
            text = _("The platform answered something else than it should (maintenance page?)")
        case _other:
            text = _("The platform refused the request")
    return _("{text} (HTTP {status}).").format(text=text, status=answer.status)
