"""What clerks call the returns."""

from __future__ import annotations

from vaguemestre_dsn.texts import _


def label(nature: str, kind: str, status: str, *, test: bool = False, whole: bool = True) -> str:
    """One line: `Certificat de conformité (CCO)`, `Compte rendu 61, Urssaf`.

    `kind`: the type that the document gives itself, or "" if it could not be read; `test`: the
    declaration was marked as a test; `whole`: the document could be read to its end.
    """
    text = _of_kind(kind) or _announced(nature, status) or _report(nature, kind)
    if not whole:
        return _("{label}, damaged: it could not be read").format(label=text)
    return _("{label}, test: nothing is declared").format(label=text) if test else text


def _of_kind(kind: str) -> str:
    return {
        "AEE": _("Receipt of registration (AEE)"),
        "ARE": _("Notice of rejection (ARE)"),
        "CCO": _("Certificate of conformity (CCO)"),
        "BAN": _("Report of anomalies (BAN)"),
    }.get(kind, "")


def _announced(nature: str, status: str) -> str:
    """Natures whose document depends on the status."""
    return {
        ("10", "OK"): _("Receipt of registration (AEE)"),
        ("10", "KO"): _("Notice of rejection (ARE)"),
        ("11", "OK"): _("Certificate of conformity (CCO), not read"),
        ("11", "KO"): _("Report of anomalies (BAN), not read"),
    }.get((nature, status), "")


def _report(nature: str, kind: str) -> str:
    number = nature or kind
    if not number:
        return _("Report")
    if author := _author(nature):
        return _("Report {nature}, {author}").format(nature=number, author=author)
    return _("Report {nature}").format(nature=number)


def _author(nature: str) -> str:
    """Who makes the reports of a nature. Source: the implementation guide's list of natures."""
    known = {
        "20": _("identification of employees"),
        "21": _("identification of employees"),
        "30": _("health insurance"),
        "31": _("health insurance"),
        "34": _("health insurance"),
        "36": _("health insurance"),
        "38": _("health insurance"),
        "93": _("DGFiP, payment of the withholding tax"),
        "94": _("DGFiP, tax rates of employees"),
    }
    by_ten = {
        "4": "France Travail",
        "5": _("complementary organisms"),
        "6": "Urssaf",
        "7": "Agirc-Arrco",
        "9": "DGFiP",
    }
    if len(nature) != 2:
        return ""
    return known.get(nature) or by_ten.get(nature[0], "")
