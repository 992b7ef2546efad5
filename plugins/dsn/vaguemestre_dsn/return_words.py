"""What clerks call the returns, and what they are told to do about them."""

from __future__ import annotations

from collections.abc import Collection

from vaguemestre.api import Effect
from vaguemestre_dsn.texts import _

#: Tables that payroll takes over.
_FOR_PAYROLL = ("pas_rates", "at_rates", "bonus_malus", "effectifs", "parameters")


def label(
    nature: str,
    kind: str,
    status: str,
    *,
    title: str = "",
    test: bool = False,
    whole: bool = True,
) -> str:
    """One line: `Certificat de conformité (CCO)`, `Compte rendu 61, Urssaf`.

    `kind`: the type that the document gives itself, or "" if it could not be read; `title`: what it
    calls itself, or who wrote it; `test`: the declaration was marked as a test; `whole`: the
    document could be read to its end.
    """
    text = _of_kind(kind) or _announced(nature, status) or _report(nature, kind, title)
    if not whole:
        return _("{label}, damaged: it could not be read").format(label=text)
    return _("{label}, test: nothing is declared").format(label=text) if test else text


def label_of_page() -> str:
    return _("A web page instead of a return: the platform was probably under maintenance")


def reason(why: str) -> str:
    """Why a member of a ZIP was not read."""
    return {
        "encrypted": _("encrypted: not read"),
        "large": _("too large: not read"),
        "bomb": _("unpacks to much more than any return: not read"),
        "damaged": _("damaged: it could not be read"),
        "limit": _("not read: too many documents in one file"),
    }.get(why, "")


def advice(
    nature: str,
    status: str,
    changes: Effect,
    *,
    test: bool = False,
    page: bool = False,
    tables: Collection[str] = (),
) -> str:
    """One or two sentences that say what to do; "" if there is nothing to say."""
    if page:
        return _("Ask for the returns of this deposit again later.")
    if changes is Effect.REFUSED:
        return _(
            "Nothing was declared. Correct what the findings name in the payroll software, make "
            "the declaration anew and drop it again."
        )
    if changes is Effect.TO_CHECK:
        return _to_check(nature, status)
    if changes is Effect.CERTIFICATE and not test:
        return _(
            "Nothing to do: the declaration is accepted. Reports of single organisms may still "
            "ask for corrections."
        )
    if test:
        return _("This was a test: deposit the real declaration before its deadline.")
    if any(table in _FOR_PAYROLL for table in tables):
        return _("Take these values over into the payroll software before the next pay.")
    if "identification" in tables:
        return _("Compare the identities with the employees' papers, and correct the payroll file.")
    return ""


def _to_check(nature: str, status: str) -> str:
    if nature == "93":
        return _(
            "The payment of the withholding tax was not accepted as declared: read the finding, it "
            "names what can still be done before and after the due date."
        )
    if status == "KO":
        return _(
            "This organism did not take the declaration over. Correct what the findings name, by "
            "a declaration that replaces this one if its deadline has not passed, otherwise in the "
            "next one."
        )
    return _("Correct what the findings name, in the next declaration at the latest.")


def _of_kind(kind: str) -> str:
    return {
        "AEE": _("Receipt of registration (AEE)"),
        "ARE": _("Notice of rejection (ARE)"),
        "CCO": _("Certificate of conformity (CCO)"),
        "BAN": _("Report of anomalies (BAN)"),
        "BPIJ": _("Slip of daily allowances (BPIJ)"),
    }.get(kind, "")


def _announced(nature: str, status: str) -> str:
    """Natures whose document depends on the status."""
    return {
        ("10", "OK"): _("Receipt of registration (AEE)"),
        ("10", "KO"): _("Notice of rejection (ARE)"),
        ("11", "OK"): _("Certificate of conformity (CCO), not read"),
        ("11", "KO"): _("Report of anomalies (BAN), not read"),
    }.get((nature, status), "")


def _report(nature: str, kind: str, title: str) -> str:
    number = nature or ("" if title else kind)
    if not number:
        return _("Report: {title}").format(title=title) if title else _("Report")
    if author := _author(nature):
        return _("Report {nature}, {author}").format(nature=number, author=author)
    return _("Report {nature}").format(nature=number)


def _author(nature: str) -> str:
    """Who makes the reports of a nature. Source: the implementation guide's list of natures, and
    the platform's own examples for those of three digits."""
    known = {
        "20": _("identification of employees"),
        "21": _("identification of employees"),
        "22": "A6M",
        "23": "TPT",
        "30": _("health insurance"),
        "31": _("health insurance"),
        "34": _("health insurance, rates of work accidents"),
        "36": _("health insurance"),
        "38": _("health insurance"),
        "44": _("France Travail, employer's certificate"),
        "93": _("DGFiP, payment of the withholding tax"),
        "94": _("DGFiP, tax rates of employees"),
        "95": _("DGFiP, corrections of the withholding tax"),
        "114": _("priming of the data (SADV)"),
        "116": _("holiday fund of the building trade"),
        "117": _("bonus and malus on the unemployment contribution"),
        "118": _("Urssaf, size of the workforce"),
        "119": _("Urssaf, anomalies"),
        "120": _("Urssaf, monthly summary of anomalies"),
        "121": _("identification of employees"),
        "124": _("Urssaf, yearly reminder of anomalies"),
        "130": _("MSA, anomalies"),
        "132": _("Urssaf, corrections made in your place"),
        "135": _("France Travail, end of contract"),
    }
    by_ten = {
        "3": _("health insurance"),
        "4": "France Travail",
        "5": _("complementary organisms"),
        "6": "Urssaf",
        "7": "Agirc-Arrco",
        "9": "DGFiP",
    }
    if nature in known:
        return known[nature]
    return by_ten.get(nature[0], "") if len(nature) == 2 else ""
