"""The words that clerks use for SECUline files."""

from __future__ import annotations

from vaguemestre_seculine.texts import N_, _

_TYPES = {
    "DECAFF": N_("Entries and exits (DECAFF)"),
    "DECSAL": N_("Wages (DECSAL)"),
    "DECMAL": N_("Incapacity for work (DECMAL)"),
    "DEMMAT": N_("Request for insured numbers (DEMMAT)"),
    "DECINT": N_("Temporary workers (DECINT)"),
    "DEMUTI": N_("Request for user company numbers (DEMUTI)"),
    "DEMDET": N_("Posting request (DEMDET)"),
    "CARTID": N_("Copy of an identity card (CARTID)"),
    "AFFRET": N_("Rejected entries and exits (AFFRET)"),
    "SALRET": N_("Rejected wages (SALRET)"),
    "SALMAN": N_("Missing wages (SALMAN)"),
    "MALRET": N_("Rejected incapacities for work (MALRET)"),
    "MATRET": N_("Rejected requests for insured numbers (MATRET)"),
    "MATASS": N_("Assigned insured numbers (MATASS)"),
    "INTRET": N_("Rejected temporary workers (INTRET)"),
    "UTIRET": N_("Rejected requests for user company numbers (UTIRET)"),
    "MATUTI": N_("Assigned user company numbers (MATUTI)"),
    "DETRET": N_("Rejected posting request (DETRET)"),
    "FAIL": N_("Failed posting request (FAIL)"),
    "INFO": N_("Document about a posting request (INFO)"),
    "CALCUL": N_("Calculation of contributions (CALCUL)"),
}


def name_of(kind: str) -> str:
    """What people call a type, `Wages (DECSAL)`."""
    return _(_TYPES[kind]) if kind in _TYPES else _("SECUline file of an unknown type")


def label(kind: str, period: str, employers: int) -> str:
    """One line: `Wages (DECSAL), 10/2026, 3 employers`."""
    words = [name_of(kind)]
    if period:
        words.append(f"{period[5:]}/{period[:4]}")
    if employers > 1:
        words.append(_("{count} employers").format(count=employers))
    return ", ".join(words)
