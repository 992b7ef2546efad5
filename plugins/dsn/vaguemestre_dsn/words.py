"""The words that clerks use for declarations."""

from __future__ import annotations

from collections.abc import Mapping

from vaguemestre.api import translator

_ = translator("vaguemestre_dsn", __file__)


def nature_word(nature: str) -> str:
    """What a clerk calls a nature of declaration."""
    words = {
        "01": _("monthly DSN"),
        "04": _("sick leave"),
        "05": _("return from sick leave"),
        "07": _("end of contract (FCTU)"),
        "08": _("start of variable data"),
        "09": _("substitute DSN"),
        "10": _("hiring notice (DPAE)"),
    }
    return words.get(nature) or _("DSN")


def label(facts: Mapping[str, str], period: str) -> str:
    """One line: `DSN mensuelle 10/2026, annule et remplace, fraction 2/3`."""
    kinds = {
        "02": _("no employee"),
        "03": _("cancels and replaces"),
        "04": _("cancels"),
        "05": _("cancels and replaces, no employee"),
    }
    words = [nature_word(facts.get("nature", ""))]
    if period:
        words[0] += f" {period[5:]}/{period[:4]}"
    if kind := kinds.get(facts.get("type", "")):
        words.append(kind)
    fraction = facts.get("fraction", "11")
    if fraction != "11" and len(fraction) == 2:
        words.append(_("fraction {n} of {d}").format(n=fraction[0], d=fraction[1]))
    if facts.get("test") == "01":
        words.append(_("test"))
    return ", ".join(words)
