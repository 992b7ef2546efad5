"""What a DSN file says of itself: kind, module, employer, month, nature, type, fraction, order.

Damaged files are recognised as far as they can be read; the autocontrol says what is wrong. One
search over the bytes, for a few rubriques only: most lines are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from vaguemestre.api import Declaration, Format, Part
from vaguemestre_dsn.encoding import readable
from vaguemestre_dsn.lots import unwrap
from vaguemestre_dsn.reader import Rubrique, looks_like_dsn, read
from vaguemestre_dsn.splitting import split
from vaguemestre_dsn.standing import EVENTS, standing
from vaguemestre_dsn.words import label

#: The module of each nature: what activation and adapters count by.
MODULES = {
    "01": "dsn",
    "04": "signalement",
    "05": "signalement",
    "07": "fctu",
    "08": "dsn",
    "09": "dsn",
    "10": "dpae",
}
#: Rubriques that say what the declaration is, by the name that they are kept under. The first
#: occurrence counts.
FACTS = {
    "S10.G00.00.005": "test",
    "S10.G00.00.006": "norm",
    "S10.G00.00.007": "deposit_point",
    "S10.G00.01.001": "sender_siren",
    "S10.G00.01.002": "sender_nic",
    "S20.G00.05.001": "nature",
    "S20.G00.05.002": "type",
    "S20.G00.05.003": "fraction",
    "S20.G00.05.004": "order",
    "S20.G00.05.005": "month",
    "S20.G00.05.006": "replaces",
    "S20.G00.05.007": "made_on",
    "S20.G00.05.009": "business_id",
    "S21.G00.06.001": "siren",
    "S21.G00.11.001": "nic",
    "S21.G00.30.001": "nir",
    "S21.G00.30.020": "ntt",
    "S21.G00.60.002": "last_day_worked",
    "S21.G00.60.010": "back_on",
    "S21.G00.62.001": "contract_end",
}
#: By which of them a platform echoes the declaration in its answers.
IDENTITY = (
    "norm",
    "nature",
    "type",
    "fraction",
    "order",
    "month",
    "siren",
    "nic",
    "business_id",
    "replaces",
)
#: The rubrique that each declaration begins with, and one that each employee has, once.
DECLARATION, EMPLOYEE = "S20.G00.05.001", "S21.G00.30.002"
#: What a person is called by, in the order of the rubriques.
PERSON = {
    "S21.G00.30.002": "family_name",
    "S21.G00.30.004": "given_names",
    "S21.G00.30.019": "matricule",
}
#: Longest value that is kept of a damaged file; the norm's own are all shorter.
LONGEST = 60

_WANTED = re.compile(
    rb"^(" + b"|".join(re.escape(code.encode()) for code in (*FACTS, EMPLOYEE)) + rb"),'(.*)'\r?$",
    re.MULTILINE,
)
_DATE = re.compile(r"[0-9]{2}(0[1-9]|1[0-2])([0-9]{4})")


class DsnFormat(Format):
    name = "dsn"

    def recognise(self, name: str, payload: bytes) -> Declaration | None:
        del name
        payload = readable(payload)
        if not looks_like_dsn(payload):
            return None
        facts, declarations, employees = survey(payload)
        return declaration(facts, declarations, employees)

    def split(self, name: str, payload: bytes) -> Sequence[Part]:
        return split(name, payload)

    def unwrap(self, name: str, payload: bytes) -> Sequence[Part]:
        return unwrap(name, payload)

    def people(self, payload: bytes) -> Iterator[Mapping[str, str]]:
        person: dict[str, str] = {}
        for line in read(readable(payload)):
            if not isinstance(line, Rubrique) or line.code not in PERSON:
                continue
            name = PERSON[line.code]
            if name in person and name == "family_name":
                yield person
                person = {}
            person[name] = line.text[:LONGEST]
        if person:
            yield person


def survey(payload: bytes) -> tuple[dict[str, str], int, int]:
    """The facts by name, the number of declarations, the number of employees."""
    found: dict[bytes, bytes] = {}
    declarations = employees = 0
    first, person = DECLARATION.encode(), EMPLOYEE.encode()
    for match in _WANTED.finditer(payload):
        code, value = match.groups()
        if code == person:
            employees += 1
            continue
        if code == first:
            declarations += 1
        if code not in found:
            found[code] = value
    facts = {name: _kept(found.get(code.encode(), b"")) for code, name in FACTS.items()}
    return {name: value for name, value in facts.items() if value}, declarations, employees


def _kept(value: bytes) -> str:
    text = value[:LONGEST].decode("latin-1").strip()
    return text if text.isprintable() else ""


def declaration(facts: dict[str, str], declarations: int, employees: int) -> Declaration:
    """The declaration that the facts make.

    The issuer is the declared establishment, or the sender if that cannot be read.
    """
    siren, nic = facts.get("siren", ""), facts.get("nic", "")
    sender = facts.get("sender_siren", "") + facts.get("sender_nic", "")
    period = _period(facts)
    identity = {key: facts[key] for key in IDENTITY if key in facts}
    if sender:
        identity["sender"] = sender
    return Declaration(
        kind=DsnFormat.name,
        module=MODULES.get(facts.get("nature", ""), "dsn"),
        issuer=siren + nic if siren and nic else sender,
        company=siren or facts.get("sender_siren", ""),
        period=period,
        test=facts.get("test") == "01",
        order=facts.get("order", ""),
        label=label(facts, period, declarations),
        deposit_point=facts.get("deposit_point", ""),
        declarations=declarations,
        employees=employees,
        identity=identity,
        **standing(facts, period)._asdict(),
    )


def _period(facts: dict[str, str]) -> str:
    """`YYYY-MM`: the declared month, else a signalement's event, else the file's; or ""."""
    for name in ("month", EVENTS.get(facts.get("nature", ""), ""), "made_on"):
        if date := _DATE.fullmatch(facts.get(name, "")):
            return f"{date[2]}-{date[1]}"
    return ""
