"""The rules of the envelope: which codes S10, S20.G00.05 and S90 may hold, and which go together.

Every finding cites the control of the cahier technique that refuses the breach: CST structure, CSL
form of a value, CCH coherence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vaguemestre_dsn.findings import Findings
from vaguemestre_dsn.norm.tables import versions
from vaguemestre_dsn.reader import Rubrique
from vaguemestre_dsn.texts import _

#: Norms that the platform takes: this year's, and that of the year before.
NORMS = versions()
NATURES = ("01", "04", "05", "07", "08", "09", "10")
#: The nature whose content is not published with the norm (hiring notice, new in P26V01).
UNPUBLISHED = "10"
SIGNALEMENTS = ("04", "05", "07", "08")
#: Permitted codes.
CODES = {
    "S10.G00.00.005": ("01", "02"),
    "S10.G00.00.006": NORMS,
    "S10.G00.00.007": ("01", "02"),
    "S10.G00.00.008": ("01", "02"),
    "S20.G00.05.001": NATURES,
    "S20.G00.05.002": ("01", "02", "03", "04", "05"),
    "S20.G00.05.008": ("01", "02", "03"),
    "S20.G00.05.010": ("01", "02"),
}
_DAY = r"(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2])"
#: Forms of other values: whole value.
FORMS = {
    "S20.G00.05.003": re.compile(r"[1-9]{2}"),
    "S20.G00.05.004": re.compile(r"0|[1-9][0-9]{0,14}"),
    "S20.G00.05.005": re.compile(r"01(0[1-9]|1[0-2])20[0-9]{2}"),
    "S20.G00.05.006": re.compile(_DAY + r"(19|20)[0-9]{2}(0|[1-9][0-9]{0,14})"),
    "S20.G00.05.007": re.compile(_DAY + r"20[0-9]{2}"),
}
#: Blocks that stand exactly once, with their mandatory rubriques.
ONCE = {
    "S10.G00.00": ("001", "002", "005", "006", "007", "008"),
    "S10.G00.01": ("001", "002", "003"),
    "S10.G00.02": ("001", "002", "004", "005"),
    "S90.G00.90": ("001", "002"),
}
#: Rubriques of S20.G00.05 that are mandatory in each nature, and those that are forbidden.
_ALWAYS = ("001", "002", "003", "004", "007")
_MANDATORY = {
    "01": (*_ALWAYS, "005", "008", "010"),
    "07": (*_ALWAYS, "010"),
    "08": (*_ALWAYS, "011"),
    "09": (*_ALWAYS, "005", "008", "010", "013"),
    UNPUBLISHED: ("001",),
}
_FORBIDDEN = {
    "01": ("006", "011", "012", "013"),
    "04": ("005", "008", "010", "011", "012", "013"),
    "05": ("005", "008", "010", "011", "012", "013"),
    "07": ("005", "008", "011", "012", "013"),
    "08": ("005", "008", "010", "013"),
    "09": ("006", "011", "012"),
}
BLOCK = "S20.G00.05"

Values = Mapping[str, Rubrique]


@dataclass
class One:
    """One declaration of the file: its S20.G00.05 rubriques, and whether it is about somebody."""

    values: dict[str, Rubrique] = field(default_factory=dict)
    somebody: bool = False

    def __getitem__(self, number: str) -> str:
        rubrique = self.values.get(f"{BLOCK}.{number}")
        return rubrique.text if rubrique else ""

    def at(self, number: str) -> Rubrique | None:
        return self.values.get(f"{BLOCK}.{number}")

    @property
    def line(self) -> int | None:
        """Where the declaration begins."""
        return next((rubrique.line for rubrique in self.values.values()), None)

    @property
    def is_empty(self) -> bool:
        return without_employees(self["001"], self["002"])


def without_employees(nature: str, kind: str) -> bool:
    """Whether nature and type say "néant": a mensuelle without employees."""
    return nature == "01" and kind in ("02", "05")


def check_present(findings: Findings, values: Values, block: str, numbers: Iterable[str]) -> None:
    """Mandatory rubriques are there; what is missing is missed where its block begins."""
    line = next((rubrique.line for rubrique in values.values()), None)
    for number in numbers:
        code = f"{block}.{number}"
        if code not in values:
            text = _("The mandatory rubrique {rubrique} is missing: fill it in.")
            findings.block(f"{code}/CST-03", text.format(rubrique=code), line)


def check_values(findings: Findings, values: Values) -> None:
    """Codes are permitted ones, other values have their form. S10.G00.00.006 names the norm."""
    for code, rubrique in values.items():
        permitted, form = CODES.get(code), FORMS.get(code)
        if permitted is not None and rubrique.text not in permitted:
            text = _("{value} is not a permitted code: use one of {permitted}.")
            if code == "S10.G00.00.006":
                text = _(
                    "The platform does not take the norm {value}, only {permitted}: update the "
                    "payroll software."
                )
            shown = text.format(value=rubrique.text[:20], permitted=", ".join(permitted))
            findings.block(f"{code}/CSL-00", shown, rubrique)
        elif form is not None and not form.fullmatch(rubrique.text):
            text = _(
                "The value of {rubrique} does not have the form that the norm wants: correct it."
            )
            findings.block(f"{code}/CSL-00", text.format(rubrique=code), rubrique)


def check_declaration(findings: Findings, one: One, deposit_point: str) -> None:
    """The rules inside one declaration."""
    nature = one["001"]
    check_present(findings, one.values, BLOCK, _MANDATORY.get(nature, _ALWAYS))
    check_values(findings, one.values)
    if nature == UNPUBLISHED or nature not in NATURES:
        return
    _check_usage(findings, one)
    _check_type(findings, one)
    _check_somebody(findings, one)
    _check_fraction(findings, one)
    _check_field(findings, one, deposit_point)


def _check_usage(findings: Findings, one: One) -> None:
    for number in _FORBIDDEN[one["001"]]:
        if at := one.at(number):
            text = _("{rubrique} is forbidden in a declaration of nature {nature}: leave it out.")
            shown = text.format(rubrique=at.code, nature=one["001"])
            findings.block(f"{at.code}/CST-04", shown, at)
    replaced = one.at("006")
    if replaced and one["001"] in SIGNALEMENTS and one["002"] not in ("03", "04"):
        text = _(
            "The identifier of a replaced declaration is allowed only with the types 03 and 04: "
            "correct the type, or leave it out."
        )
        findings.block(f"{BLOCK}.006/CCH-12", text, replaced)


def _check_type(findings: Findings, one: One) -> None:
    nature, kind, at = one["001"], one["002"], one.at("002")
    if kind == "04" and nature not in ("07", "08", "09"):
        text = _(
            "The type 04 (cancels) exists only for the natures 07, 08 and 09: correct the type."
        )
        findings.block(f"{BLOCK}.002/CCH-13", text, at)
    if kind in ("02", "05") and nature != "01":
        text = _(
            "The types 02 and 05 (no employee) are for a monthly DSN (nature 01) only: correct "
            "them."
        )
        findings.block(f"{BLOCK}.002/CCH-14", text, at)
    if kind == "03" and nature == "08":
        text = _(
            "The type 03 (cancels and replaces) does not exist for the nature 08: correct the type."
        )
        findings.block(f"{BLOCK}.002/CCH-15", text, at)


def _check_somebody(findings: Findings, one: One) -> None:
    if one.somebody or one["002"] not in ("01", "03") or one["001"] not in ("01", "08", "09"):
        return
    text = _(
        "A declaration of type {value} needs at least one employee (S21.G00.30): add the "
        "employees, or use the type without employees."
    )
    findings.block(f"{BLOCK}.002/CCH-16", text.format(value=one["002"]), one.at("002"))


def _check_fraction(findings: Findings, one: One) -> None:
    fraction, at = one["003"], one.at("003")
    if not FORMS[f"{BLOCK}.003"].fullmatch(fraction):
        return
    if fraction[0] > fraction[1]:
        text = _(
            "Fraction {n} of {d} cannot be, the first digit is at most the second: correct it."
        )
        findings.block(f"{BLOCK}.003/CSL-00", text.format(n=fraction[0], d=fraction[1]), at)
    elif one["001"] in SIGNALEMENTS and fraction != "11":
        text = _("A signalement is never in fractions: the fraction must be 11.")
        findings.block(f"{BLOCK}.003/CCH-11", text, at)


def _check_field(findings: Findings, one: One, deposit_point: str) -> None:
    value, at = one["008"], one.at("008")
    if value == "02" and deposit_point == "01":
        text = _("A partial declaration for the régime agricole cannot go to net-entreprises (01).")
        findings.block(f"{BLOCK}.008/CCH-11", text, at)
    if value == "03" and deposit_point == "02":
        text = _("A partial declaration for the régime général cannot go to the MSA (02).")
        findings.block(f"{BLOCK}.008/CCH-12", text, at)
