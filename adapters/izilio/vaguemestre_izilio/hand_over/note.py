"""What people are told of a file that they are to deposit: the note beside it, and the sentence
that stands beside the deposit. The note is in the deployment's language, French unless configured
otherwise, and says it again in English for who reads no French.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from vaguemestre.api import Order, language
from vaguemestre_izilio.texts import N_, _

#: Deadlines are known to people in French legal time.
_ZONE = ZoneInfo("Europe/Paris")

_TITLE = N_("TO BE DEPOSITED BY HAND")
_FILE = N_("File: {file} ({size} bytes, SHA-256 {sha256})")
_WHAT = N_("It declares: {what}")
_TEST = N_("It is marked as a TEST: nothing is declared by it.")
_STEPS = N_(
    "1. Sign in at {portal} and deposit the file beside this note, as it is: do not open, save or "
    "rename it.\n"
    "2. When: {due}.\n"
    "3. Write down the reference that the portal gives (idflux), then say so:\n"
    "   vaguemestre deposits settle {deposit} --deposited REFERENCE\n"
    "4. If it was not deposited:\n"
    "   vaguemestre deposits settle {deposit} --absent              (to have the file again)\n"
    "   vaguemestre deposits settle {deposit} --absent --withdraw   (to give it up)\n"
    "5. Save every answer of the portal (certificate, reports) in the folder {returns}. If the "
    "reference does not stand in the answer, make a folder with the reference as its name there, "
    "and save it in that.\n"
    "Deposit it once only. When you have said what became of it, this folder is put away into "
    "{filed} by itself."
)
_BEFORE = N_("before {moment} (Paris)")
_BEFORE_EITHER = N_("before {first} or {last} (Paris), as your employer is told")
_LATE = N_("at once: it was due before {moment} (Paris)")
_SOON = N_("as soon as possible; no deadline is known for it")


def sentence(order: Order, portal: str, folder: str, now: datetime) -> str:
    """What stands beside the deposit while it waits."""
    template, moments = due(order, now)
    return _('Deposit {file} at {portal}: {due}. It lies in "{folder}".').format(
        file=order.name, portal=portal, due=_(template).format(**moments), folder=folder
    )


def note_name() -> str:
    return _("READ ME") + ".txt"


def note(order: Order, portal: str, returns: str, filed: str, now: datetime) -> bytes:
    """The note, as every editor of Windows reads it: UTF-8 with its mark, lines ended by CR LF."""
    facts = {
        "file": order.name,
        "size": str(len(order.payload)),
        "sha256": order.sha256,
        "what": _what(order),
        "portal": portal,
        "deposit": str(order.deposit),
        "returns": returns,
        "filed": filed,
    }
    template, moments = due(order, now)
    parts = [_TITLE, _FILE, _WHAT, *([_TEST] if order.declaration.test else []), _STEPS]
    said = [_(part).format(**facts, due=_(template).format(**moments)) for part in parts]
    if language() != "en":
        in_english = [part.format(**facts, due=template.format(**moments)) for part in parts]
        said += ["", "-" * 72, "", *in_english]
    text = "\n".join(said) + "\n"
    return text.replace("\n", "\r\n").encode("utf-8-sig")


def due(order: Order, now: datetime) -> tuple[str, dict[str, str]]:
    """By when, as a text to translate and its moments."""
    moments = [_moment(at) for at in order.due]
    if not moments:
        return _SOON, {}
    if order.due[-1] <= now:
        return _LATE, {"moment": moments[-1]}
    if len(moments) == 1:
        return _BEFORE, {"moment": moments[0]}
    return _BEFORE_EITHER, {"first": moments[0], "last": moments[-1]}


def _moment(at: datetime) -> str:
    return at.astimezone(_ZONE).strftime("%d/%m/%Y %H:%M")


def _what(order: Order) -> str:
    declaration = order.declaration
    facts = (declaration.label or declaration.module, declaration.issuer, declaration.period)
    return ", ".join(filter(None, facts))
