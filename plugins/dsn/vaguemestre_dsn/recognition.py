"""What a DSN file says of itself: kind, module, employer, month, nature, type, fraction, order.

Damaged files are recognised as far as they can be read; the autocontrol says what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaguemestre.api import Declaration, Format, Part

from vaguemestre_dsn import splitting
from vaguemestre_dsn.reader import Bad, Rubrique, looks_like_dsn, read
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

#: Blocks that only an organism's lot has.
LOT_BLOCKS = frozenset({"S05.G51.00", "S06.G51.00", "S95.G51.00", "S96.G51.00"})

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
    "S21.G00.60.002": "last_day_worked",
    "S21.G00.62.001": "contract_end",
}
#: By which of them a platform echoes the declaration.
IDENTITY = ("norm", "nature", "type", "fraction", "order", "month", "replaces", "business_id")


class DsnFormat(Format):
    name = "dsn"

    def recognise(self, name: str, payload: bytes) -> Declaration | None:
        del name
        if not looks_like_dsn(payload):
            return None
        return declare(read(payload))

    def split(self, name: str, payload: bytes) -> list[Part]:
        return splitting.split(name, payload)


def declare(lines: Iterable[Rubrique | Bad]) -> Declaration:
    """The declaration that the lines make."""
    facts: dict[str, str] = {}
    declarations = employees = 0
    lot = False
    for line in lines:
        if isinstance(line, Bad):
            continue
        code = line.code
        if code == "S20.G00.05.001":
            declarations += 1
        elif code.startswith("S21.G00.30") and code.endswith((".001", ".002")):
            employees += code.endswith(".002")
        elif code[:10] in LOT_BLOCKS:
            lot = True
        if code in FACTS:
            facts.setdefault(FACTS[code], line.text)
    return _declaration(facts, declarations, employees, lot=lot)


def _declaration(
    facts: dict[str, str], declarations: int, employees: int, *, lot: bool
) -> Declaration:
    sender = facts.get("sender_siren", "") + facts.get("sender_nic", "")
    siren, nic = facts.get("siren", ""), facts.get("nic", "")
    identity = {key: facts[key] for key in IDENTITY if facts.get(key)}
    identity |= {"sender": sender} if sender else {}
    identity |= {"siren": siren} if siren else {}
    identity |= {"nic": nic} if nic else {}
    identity |= {"lot": "1"} if lot else {}
    return Declaration(
        kind="dsn",
        module=MODULES.get(facts.get("nature", ""), "dsn"),
        issuer=siren + nic if siren and nic else sender,
        company=siren or facts.get("sender_siren", ""),
        period=_period(facts),
        test=facts.get("test") == "01",
        order=facts.get("order", ""),
        label=label(facts, _period(facts)),
        deposit_point=facts.get("deposit_point", ""),
        declarations=max(declarations, 1),
        employees=employees,
        identity=identity,
    )


def _period(facts: dict[str, str]) -> str:
    """`YYYY-MM`: the declared month; a signalement's is that of its event, else of the file."""
    for key in ("month", "contract_end", "last_day_worked", "made_on"):
        date = facts.get(key, "")
        if len(date) == 8 and date.isdigit() and "01" <= date[2:4] <= "12":
            return f"{date[4:]}-{date[2:4]}"
    return ""
