"""Makes DSN files that conform to the norm P26V01: for the demo, for tests, for trying things out.

Every mandatory rubrique stands where the norm's tree of the nature wants it, and values agree with
each other as its controls ask. Everything is invented; the same arguments give the same bytes.
"""

from __future__ import annotations

import random
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from stdnum import luhn

from vaguemestre_dsn import sample_full
from vaguemestre_dsn import sample_people as people
from vaguemestre_dsn.norm.tables import ABSENT, FORBIDDEN, load
from vaguemestre_dsn.sample_people import Person, Row, day

NORM = "P26V01"
#: Fictitious, with right check digits.
SIRET = "99999999800019"
#: Kinds of pay that a mensuelle has for each contract, and an end of contract.
_PAY = ("001", "002", "003", "010")
_LAST_PAY = ("001", "002", "010")
#: Most insurance contracts that a file is filled up with: their numbers have three digits.
_MOST_ADHESIONS = 999
#: Bytes of a line without its value, and of what a file has besides the rows that fill it.
_FRAME, _AROUND = 19, 1_500


def siret(number: int) -> str:
    """A SIRET that nobody has, right by Luhn: SIREN 9999…. `number`: 0 to 9999."""
    return _checked(_checked(f"9999{number:04d}") + "0001")


def mensuelle(
    *,
    month: str = "2026-10",
    siret: str = SIRET,
    order: int = 1,
    employees: int = 2,
    kind: str = "01",
    fraction: str = "11",
    test: bool = False,
    size: int = 0,
    seed: int = 0,
) -> bytes:
    """A monthly DSN. `month`: `YYYY-MM`. `kind`: type of the declaration; 02 and 05 have no
    employee. `size`: employees are added until the file has about so many bytes."""
    year, number = (int(part) for part in month.split("-"))
    first = date(year, number, 1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    nothing = kind in ("02", "05")
    rows = [*_declaration("01", kind, fraction, order, last, month=first)]
    rows += people.company(siret)
    if not nothing:
        rows += people.adhesion(1, covers=True)
        chance = random.Random(seed)  # noqa: S311 - invented people
        present, used = 0, _bytes_of(rows) + _AROUND
        while present < employees or used < size:
            added = [*_employee(people.invent(chance, present), siret, first, last)]
            rows += added
            used += _bytes_of(added)
            present += 1
    return _file(rows, siret, test=test, nothing=nothing)


def arret(
    *,
    siret: str = SIRET,
    order: int = 1,
    last_day: date = date(2026, 10, 14),
    days: int = 7,
    kind: str = "01",
    replaces: str = "",
    test: bool = False,
    size: int = 0,
    seed: int = 0,
) -> bytes:
    """A sick leave (nature 04). `kind` 03 with `replaces` (date and order number of the file
    before): cancels and replaces. `size`: insurance contracts are added up to so many bytes."""
    rows = [*_declaration("04", kind, "11", order, last_day, replaces=replaces)]
    rows += _absence(siret, seed, last_day, size)
    rows += [
        ("S21.G00.60.001", "01"),
        ("S21.G00.60.002", day(last_day)),
        ("S21.G00.60.003", day(last_day + timedelta(days=days))),
        ("S21.G00.60.004", "02"),
    ]
    return _file(rows, siret, test=test)


def reprise(
    *,
    siret: str = SIRET,
    order: int = 1,
    last_day: date = date(2026, 10, 14),
    back_on: date = date(2026, 10, 22),
    kind: str = "01",
    replaces: str = "",
    test: bool = False,
    size: int = 0,
    seed: int = 0,
) -> bytes:
    """A return from sick leave (nature 05)."""
    rows = [*_declaration("05", kind, "11", order, back_on, replaces=replaces)]
    rows += _absence(siret, seed, last_day, size)
    rows += [
        ("S21.G00.60.001", "01"),
        ("S21.G00.60.002", day(last_day)),
        ("S21.G00.60.003", day(back_on - timedelta(days=1))),
        ("S21.G00.60.010", day(back_on)),
        ("S21.G00.60.011", "01"),
    ]
    return _file(rows, siret, test=test)


def fctu(
    *,
    siret: str = SIRET,
    order: int = 1,
    end: date = date(2026, 10, 31),
    kind: str = "01",
    replaces: str = "",
    test: bool = False,
    size: int = 0,
    seed: int = 0,
) -> bytes:
    """An end of contract (nature 07) by resignation. `kind` 04 with `replaces`: cancels."""
    first, notice = end.replace(day=1), end - timedelta(days=30)
    person = people.invent(random.Random(seed), 0)  # noqa: S311 - invented people
    rows = [*_declaration("07", kind, "11", order, end, replaces=replaces)]
    rows += people.contact("07")
    rows += people.company(siret)
    rows += _filling(size, _bytes_of(rows))
    rows += people.individual(person)
    rows += people.contract(person, siret, first, insured=False)
    rows += [
        ("S21.G00.62.001", day(end)),
        ("S21.G00.62.002", "059"),
        ("S21.G00.62.003", day(notice)),
        ("S21.G00.62.006", day(end)),
        ("S21.G00.62.008", "02"),
        ("S21.G00.62.020", day(first)),
        ("S21.G00.63.001", "01"),
        ("S21.G00.63.002", day(notice)),
        ("S21.G00.63.003", day(end)),
    ]
    rows += people.pension()
    rows += [("S21.G00.50.001", day(end)), ("S21.G00.50.020", "01")]
    rows += people.earnings(person, _LAST_PAY, first, end)
    rows += people.base("03", f"{person.gross}.00", first, end)
    rows += people.seniority(person)
    return _file(rows, siret, test=test)


def amorcage(
    *,
    siret: str = SIRET,
    order: int = 1,
    hired: date = date(2026, 10, 1),
    kind: str = "01",
    event: str = "01",
    replaces: str = "",
    test: bool = False,
    seed: int = 0,
) -> bytes:
    """A new employee, announced before the first mensuelle (nature 08). `event`: its cause."""
    person = people.invent(random.Random(seed), 0)  # noqa: S311 - invented people
    rows = [*_declaration("08", kind, "11", order, hired, replaces=replaces)]
    rows += [("S20.G00.05.011", event), *people.company(siret)]
    rows += people.individual(person)
    rows += people.contract(person, siret, hired, insured=False)
    rows += people.seniority(person)
    return _file(_for_08(rows), siret, test=test)


def full(*, siret: str = SIRET, month: date = date(2026, 10, 1), test: bool = False) -> bytes:
    """A mensuelle with every block of the tree at least once. `month`: its first day."""
    last = month.replace(day=monthrange(month.year, month.month)[1])
    rows = [*_declaration("01", "01", "11", 1, last, month=month)]
    rows += sample_full.mensuelle(siret, month, last)
    return _file(rows, siret, test=test)


def full_fctu(*, siret: str = SIRET, month: date = date(2026, 10, 1), test: bool = False) -> bytes:
    """An end of contract with every block of the tree at least once."""
    last = month.replace(day=monthrange(month.year, month.month)[1])
    rows = [*_declaration("07", "01", "11", 1, last)]
    rows += sample_full.fctu(siret, month, last)
    return _file(rows, siret, test=test)


def full_amorcage(
    *, siret: str = SIRET, month: date = date(2026, 10, 1), test: bool = False
) -> bytes:
    """A nature 08 with every block of the tree that can stand together."""
    rows = [*_declaration("08", "01", "11", 1, month), ("S20.G00.05.011", "01")]
    rows += sample_full.amorcage(siret, month, month)
    return _file(_for_08(rows), siret, test=test)


def _for_08(rows: list[Row]) -> list[Row]:
    """The rows that a nature 08 may have."""
    blocks = load(NORM).blocks
    return [
        (code, value)
        for code, value in rows
        if blocks[code[:10]][code].usage["08"] not in (FORBIDDEN, ABSENT)
    ]


def several(*files: bytes) -> bytes:
    """One file with the declarations of all the files, behind the header of the first."""
    rows: list[Row] = []
    for number, content in enumerate(files):
        for line in content.decode("latin-1").splitlines():
            code, _comma, value = line.partition(",")
            if code.startswith("S90.") or (number and code.startswith("S10.")):
                continue
            rows.append((code, value[1:-1]))
    natures = [value for code, value in rows if code == "S20.G00.05.001"]
    kinds = [value for code, value in rows if code == "S20.G00.05.002"]
    nothing = set(natures) == {"01"} and set(kinds) <= {"02", "05"}
    sending = "02" if nothing else "01"
    return _bytes((c, sending if c == "S10.G00.00.008" else v) for c, v in _footed(rows))


def _declaration(
    nature: str,
    kind: str,
    fraction: str,
    order: int,
    made_on: date,
    *,
    month: date | None = None,
    replaces: str = "",
) -> Iterator[Row]:
    yield "S20.G00.05.001", nature
    yield "S20.G00.05.002", kind
    yield "S20.G00.05.003", fraction
    yield "S20.G00.05.004", str(order)
    if month:
        yield "S20.G00.05.005", day(month)
    if replaces:
        yield "S20.G00.05.006", replaces
    yield "S20.G00.05.007", day(made_on)
    if month:
        yield "S20.G00.05.008", "01"
    yield "S20.G00.05.009", f"VGM-{nature}-{order % 10**8}"
    if nature in ("01", "07"):
        yield "S20.G00.05.010", "01"


def _employee(person: Person, siret: str, first: date, last: date) -> Iterator[Row]:
    """One employee of a mensuelle, from identity to seniority."""
    gross, net = f"{person.gross}.00", f"{person.gross * 0.79:.2f}"
    tax = f"{float(net) * 0.05:.2f}"
    yield from people.individual(person)
    yield from people.contract(person, siret, first, insured=True)
    yield "S21.G00.70.012", "1"
    yield "S21.G00.70.013", "1"
    yield from people.pension()
    yield "S21.G00.50.001", day(last)
    yield "S21.G00.50.002", net
    yield "S21.G00.50.004", f"{float(net) - float(tax):.2f}"
    yield "S21.G00.50.006", "5.00"
    yield "S21.G00.50.007", "13"
    yield "S21.G00.50.009", tax
    yield "S21.G00.50.013", net
    yield from people.earnings(person, _PAY, first, last)
    yield "S21.G00.58.003", "03"
    yield "S21.G00.58.004", net
    yield from people.base("02", gross, first, last)
    yield from people.base("03", gross, first, last)
    yield from people.base("31", "0.00", first, last)
    yield "S21.G00.78.005", "1"
    yield "S21.G00.79.001", "10"
    yield "S21.G00.79.004", gross
    yield "S21.G00.81.001", "059"
    yield "S21.G00.81.004", f"{person.gross * 0.015:.2f}"
    yield from people.seniority(person)


def _absence(siret: str, seed: int, month: date, size: int) -> list[Row]:
    """Employer, employee and contract, as a sick leave and the return from it name them."""
    person = people.invent(random.Random(seed), 0)  # noqa: S311 - invented people
    rows = [*people.contact("04"), *people.contact("05")]
    rows += [("S21.G00.06.001", siret[:9]), ("S21.G00.11.001", siret[9:])]
    rows += _filling(size, _bytes_of(rows))
    rows += people.known(person)
    rows += [("S21.G00.40.001", day(person.hired(month))), ("S21.G00.40.009", person.contract)]
    return rows


def _filling(size: int, used: int) -> list[Row]:
    """Insurance contracts, for files of about a wanted size."""
    one = _bytes_of([*people.adhesion(1, covers=False)])
    count = min(max(size - used - _AROUND, 0) // one, _MOST_ADHESIONS)
    return [row for n in range(count) for row in people.adhesion(n + 1, covers=False)]


def _file(rows: list[Row], siret: str, *, test: bool, nothing: bool = False) -> bytes:
    head = [
        ("S10.G00.00.001", "Vaguemestre"),
        ("S10.G00.00.002", "Vaguemestre"),
        ("S10.G00.00.003", "1.0"),
        ("S10.G00.00.005", "01" if test else "02"),
        ("S10.G00.00.006", NORM),
        ("S10.G00.00.007", "01"),
        ("S10.G00.00.008", "02" if nothing else "01"),
        ("S10.G00.01.001", siret[:9]),
        ("S10.G00.01.002", siret[9:]),
        ("S10.G00.01.003", "SOCIETE FICTIVE"),
        ("S10.G00.01.004", "1 RUE DE LA PAIX"),
        ("S10.G00.01.005", "75002"),
        ("S10.G00.01.006", "PARIS"),
        ("S10.G00.02.001", "01"),
        ("S10.G00.02.002", "CLAUDE MARTIN"),
        ("S10.G00.02.004", "paie@exemple.fr"),
        ("S10.G00.02.005", "0102030405"),
    ]
    return _bytes(_footed(head + rows))


def _footed(rows: list[Row]) -> list[Row]:
    declarations = sum(code == "S20.G00.05.001" for code, _value in rows)
    footer = [("S90.G00.90.001", str(len(rows) + 2)), ("S90.G00.90.002", str(declarations))]
    return rows + footer


def _bytes(rows: Iterable[Row]) -> bytes:
    return "".join(f"{code},'{value}'\r\n" for code, value in rows).encode("latin-1")


def _bytes_of(rows: list[Row]) -> int:
    return sum(_FRAME + len(value) for _code, value in rows)


def _checked(digits: str) -> str:
    return digits + luhn.calc_check_digit(digits)
