"""The rules of the envelope: which codes S10, S20.G00.05 and S90 may hold, and which go together.

Every rule cites the control of the cahier technique that refuses a breach of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vaguemestre.api import Finding, Severity, translator

from vaguemestre_dsn.reader import Rubrique

_ = translator("vaguemestre_dsn", __file__)

#: Norms that the platform takes in 2026; P25V01 for corrections of the year before.
NORMS = ("P25V01", "P26V01")

#: Codes that a rubrique may hold, and that each envelope must have.
CODES = {
    "S10.G00.00.005": ("01", "02"),
    "S10.G00.00.006": NORMS,
    "S10.G00.00.007": ("01", "02"),
    "S10.G00.00.008": ("01", "02"),
    "S20.G00.05.001": ("01", "04", "05", "07", "08", "09", "10"),
    "S20.G00.05.002": ("01", "02", "03", "04", "05"),
    "S20.G00.05.008": ("01", "02", "03"),
    "S20.G00.05.010": ("01", "02"),
}
#: Blocks of the envelope: each stands exactly once, except that a file may hold several
#: declarations, which are then split.
ONCE = ("S10.G00.00", "S10.G00.01", "S10.G00.02", "S90.G00.90")
#: Rubriques that must be there, of the envelope and of each declaration.
NEEDED = ("S10.G00.00.001", "S10.G00.00.002", *list(CODES)[:4], "S10.G00.01.001", "S10.G00.01.002")
NEEDED_EACH = tuple(f"S20.G00.05.{n}" for n in ("001", "002", "003", "004", "007"))
SIGNALEMENTS = ("04", "05", "07", "08")
#: Blocks that show that a declaration is about somebody.
SOMEBODY = ("S21.G00.30", "S89.G00.91")


@dataclass
class One:
    """One declaration of the file: its S20.G00.05 rubriques, and whether it is about somebody."""

    values: dict[str, Rubrique] = field(default_factory=dict)
    somebody: bool = False

    def text(self, number: str) -> str:
        rubrique = self.values.get(f"S20.G00.05.{number}")
        return rubrique.text if rubrique else ""

    def at(self, number: str) -> Rubrique | None:
        return self.values.get(f"S20.G00.05.{number}") or self.values.get("S20.G00.05.001")


def blocking(code: str, message: str, at: Rubrique | None = None, value: str = "") -> Finding:
    """A blocking finding. `code` is the rubrique or block with its control."""
    return Finding(
        severity=Severity.BLOCKING,
        code=code,
        message=message,
        rubrique=code.partition("/")[0],
        line=at.line if at else None,
        value=value,
    )


def check_codes(values: Mapping[str, Rubrique], needed: tuple[str, ...]) -> Iterator[Finding]:
    """Mandatory rubriques are there, and their codes are permitted ones."""
    for code in needed:
        if code not in values:
            yield blocking(
                f"{code}/CST-03",
                _("The mandatory rubrique {rubrique} is missing.").format(rubrique=code),
            )
    for code, permitted in CODES.items():
        rubrique = values.get(code)
        if rubrique is None or rubrique.text in permitted:
            continue
        if code == "S10.G00.00.006":
            message = _(
                "The norm {value} is not one that the platform takes ({permitted}): update the "
                "payroll software."
            )
        else:
            message = _("{value} is not a permitted code ({permitted}).")
        text = message.format(value=rubrique.text, permitted=", ".join(permitted))
        yield blocking(f"{code}/CSL-00", text, rubrique, rubrique.text)


def check_declaration(one: One, deposit_point: str) -> Iterator[Finding]:
    """The rules inside one S20.G00.05 block."""
    yield from check_codes(one.values, NEEDED_EACH)
    yield from _check_kind(one)
    yield from _check_fraction(one)
    yield from _check_replaced(one)
    yield from _check_field(one, deposit_point)


def _check_kind(one: One) -> Iterator[Finding]:
    nature, kind = one.text("001"), one.text("002")
    at = one.at("002")
    if kind == "04" and nature not in ("07", "08", "09"):
        yield blocking(
            "S20.G00.05.002/CCH-13",
            _("The type 04 (cancels) exists only for the natures 07, 08 and 09."),
            at,
            kind,
        )
    if kind in ("02", "05") and nature != "01":
        yield blocking(
            "S20.G00.05.002/CCH-14",
            _("The types 02 and 05 (no employee) exist only for a monthly DSN (nature 01)."),
            at,
            kind,
        )
    if kind == "03" and nature == "08":
        yield blocking(
            "S20.G00.05.002/CCH-15",
            _("The type 03 (cancels and replaces) does not exist for the nature 08."),
            at,
            kind,
        )
    if kind in ("01", "03") and not one.somebody and nature != "10":
        yield blocking(
            "S20.G00.05.002/CCH-16",
            _(
                "A declaration of type {value} needs at least one employee (S21.G00.30): use the "
                "type without employees, or add them."
            ).format(value=kind),
            at,
            kind,
        )


def _check_fraction(one: One) -> Iterator[Finding]:
    fraction, at = one.text("003"), one.at("003")
    if not fraction:
        return
    if len(fraction) != 2 or not fraction.isdigit() or not "0" < fraction[0] <= fraction[1]:
        yield blocking(
            "S20.G00.05.003/CSL-00",
            _("The fraction {value} is not n of d with n at most d (11 for a single one).").format(
                value=fraction
            ),
            at,
            fraction,
        )
    elif one.text("001") in SIGNALEMENTS and fraction != "11":
        yield blocking(
            "S20.G00.05.003/CCH-11",
            _("A signalement is never in fractions: the fraction must be 11."),
            at,
            fraction,
        )


def _check_replaced(one: One) -> Iterator[Finding]:
    replaced = one.text("006")
    if not replaced:
        return
    if one.text("002") not in ("03", "04") or one.text("001") in ("01", "09"):
        yield blocking(
            "S20.G00.05.006/CCH-12",
            _("The identifier of a replaced declaration is forbidden for this nature and type."),
            one.at("006"),
            replaced,
        )


def _check_field(one: One, deposit_point: str) -> Iterator[Finding]:
    value, at = one.text("008"), one.at("008")
    if value == "02" and deposit_point == "01":
        yield blocking(
            "S20.G00.05.008/CCH-11",
            _("A partial declaration for the régime agricole cannot go to net-entreprises (01)."),
            at,
            value,
        )
    if value == "03" and deposit_point == "02":
        yield blocking(
            "S20.G00.05.008/CCH-12",
            _("A partial declaration for the régime général cannot go to the MSA (02)."),
            at,
            value,
        )
