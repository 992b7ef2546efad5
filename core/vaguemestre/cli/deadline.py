"""What a person is told of a deposit's deadline."""

from __future__ import annotations

from vaguemestre.clock import from_text
from vaguemestre.lifecycle import State
from vaguemestre.locale import _
from vaguemestre.store.listings import NOT_THERE, Listed
from vaguemestre.words import time_word


def deadline(deposit: Listed) -> str:
    """For a list: what still has to arrive, and by when; or that it is late. Else ""."""
    if deposit["late"]:
        return _("late: was due by {time}").format(time=_due(deposit))
    if deposit["due_at"] and not deposit["doubts"] and State(deposit["state"]) in NOT_THERE:
        return _("due by {time}").format(time=_due(deposit))
    return ""


def deadline_field(deposit: Listed) -> str:
    """For the page of one deposit: its deadline, whatever its state."""
    if not deposit["due_at"]:
        return ""
    return _("{time} (late)").format(time=_due(deposit)) if deposit["late"] else _due(deposit)


def _due(deposit: Listed) -> str:
    """The moment, or both where it depends on the employer and is not known."""
    first, last = (time_word(from_text(deposit[key])) for key in ("due_at", "due_latest"))
    if first == last:
        return first
    return _("{first} or {last}").format(first=first, last=last)
