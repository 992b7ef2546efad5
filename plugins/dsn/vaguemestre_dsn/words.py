"""The words that clerks use for declarations."""

from __future__ import annotations

from collections.abc import Mapping

from vaguemestre_dsn.texts import _


def label(facts: Mapping[str, str], period: str, declarations: int = 1) -> str:
    """One line: `DSN mensuelle normale, 10/2026`, `Arrêt de travail, annule et remplace`.

    `facts`: `nature`, `type`, `fraction` and `test` as the file writes them. `period`: `YYYY-MM`;
    only a declaration of a month is named with it.
    """
    nature, kind = facts.get("nature", ""), facts.get("type", "")
    words = [_monthly(kind) if nature == "01" else _nature(nature)]
    if nature in ("01", "09") and period:
        words.append(f"{period[5:]}/{period[:4]}")
    if nature != "01" and kind == "03":
        words.append(_("cancels and replaces"))
    if nature != "01" and kind == "04":
        words.append(_("cancels"))
    fraction = facts.get("fraction", "")
    if len(fraction) == 2 and fraction != "11":
        words.append(_("fraction {n}/{d}").format(n=fraction[0], d=fraction[1]))
    if facts.get("test") == "01":
        words.append(_("test"))
    text = ", ".join(words)
    if declarations > 1:
        return _("{count} declarations, the first: {label}").format(count=declarations, label=text)
    return text


def _monthly(kind: str) -> str:
    return {
        "01": _("Normal monthly DSN"),
        "02": _("Monthly DSN without employees"),
        "03": _("Monthly DSN, cancels and replaces"),
        "05": _("Monthly DSN without employees, cancels and replaces"),
    }.get(kind) or _("Monthly DSN")


def _nature(nature: str) -> str:
    return {
        "04": _("Sick leave"),
        "05": _("Return from sick leave"),
        "07": _("End of contract (FCTU)"),
        "08": _("First notice of variable data"),
        "09": _("Substitute DSN"),
        "10": _("Hiring notice (DPAE)"),
    }.get(nature) or _("DSN")
