"""The words and colours in which people see states and moments, everywhere the same."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from vaguemestre.lifecycle import State
from vaguemestre.locale import _, language

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

#: Grey: nothing to see; blue: on its way; orange: look; red: do something; green: done.
COLOURS = {
    State.RECEIVED: "bright_black",
    State.HELD: "bright_black",
    State.MANUAL: "bright_black",
    State.REJECTED: "red",
    State.READY: "bright_black",
    State.DEPOSITING: "blue",
    State.IN_DOUBT: "dark_orange",
    State.HANDED_OVER: "dark_orange",
    State.DEPOSITED: "blue",
    State.ACCEPTED: "green",
    State.TO_CHECK: "dark_orange",
    State.REFUSED: "red",
    State.FAILED: "red",
    State.WITHDRAWN: "bright_black",
}


def state_word(state: State) -> str:
    """What a person reads for a state."""
    return {
        State.RECEIVED: _("taken in"),
        State.HELD: _("to be released"),
        State.MANUAL: _("not deposited by M2M"),
        State.REJECTED: _("rejected by the autocontrol"),
        State.READY: _("ready"),
        State.DEPOSITING: _("being deposited"),
        State.IN_DOUBT: _("deposit uncertain"),
        State.HANDED_OVER: _("to be deposited by hand"),
        State.DEPOSITED: _("deposited, waiting for its report"),
        State.ACCEPTED: _("accepted"),
        State.TO_CHECK: _("to be checked"),
        State.REFUSED: _("refused"),
        State.FAILED: _("technical failure"),
        State.WITHDRAWN: _("withdrawn"),
    }[state]


def time_word(moment: datetime) -> str:
    """A moment to the minute in French legal time, as it stands in sentences."""
    pattern = "%d/%m/%Y %H:%M" if language() == "fr" else "%Y-%m-%d %H:%M"
    return moment.astimezone(_zone()).strftime(pattern)


@cache
def _zone() -> ZoneInfo:
    """The platforms publish in this zone, and so do the deadlines that people know."""
    from zoneinfo import ZoneInfo  # only where a moment is shown: commands start quickly

    return ZoneInfo("Europe/Paris")
