"""Makes DSN files that conform to the norm P26V01: for the demo, for tests, for trying things out.

Everybody in them is invented. Numbers pass their checks (SIREN and SIRET by Luhn, NIR by form).
Every mandatory rubrique stands where the norm's tree wants it.
"""

from __future__ import annotations

import calendar
import random
from collections.abc import Iterator
from datetime import date, timedelta

from stdnum import luhn

NORM = "P26V01"
#: Fictitious, with right check digits.
SIRET = "99999999800019"
#: The norm's pair of code and value.
Row = tuple[str, str]

NAMES = ("MARTIN", "BERNARD", "THOMAS", "PETIT", "ROBERT", "DURAND", "LEROY", "MOREAU", "O'CONNOR")
FIRST_NAMES = ("Camille", "Dominique", "Claude", "Andréa", "Maxence", "Élodie", "Noé", "Zoé")
JOBS = (("561b", "Préparateur"), ("543d", "Employé administratif"), ("674e", "Opérateur"))


def siret(number: int) -> str:
    """A SIRET that nobody has: SIREN 9999…, right by Luhn. `number`: 0 to 9999."""
    siren = luhn_number(f"9999{number:04d}")
    return luhn_number(f"{siren}0001")


def luhn_number(digits: str) -> str:
    return digits + str(luhn.calc_check_digit(digits))


def mensuelle(
    *,
    month: str = "2026-10",
    siret: str = SIRET,
    order: int = 1,
    employees: int = 2,
    kind: str = "01",
    fraction: str = "11",
    replaces: str = "",
    test: bool = False,
    seed: int = 0,
) -> bytes:
    """A monthly DSN. `month`: `YYYY-MM`. `kind`: type of the declaration (02, 05: no employee).
    Three employees make about 8 kB."""
    if kind in ("02", "05"):
        employees = 0
    first, last = _bounds(month)
    rows = list(_declaration("01", kind, fraction, order, first, replaces, last))
    rows += _company(siret)
    if employees:
        rows += [
            ("S21.G00.15.001", "PREV-2026-001"),
            ("S21.G00.15.002", "P0942"),
            ("S21.G00.15.004", "01"),
            ("S21.G00.15.005", "1"),
        ]
    chance = random.Random(seed)  # noqa: S311 - invented people
    for number in range(employees):
        rows += _person(chance, number, born_rubriques=True)
        rows += _contract(chance, number, siret)
        rows += _affiliation()
        rows += _pay(chance, number, first, last)
    return _file(rows, siret, test=test, nothing=not employees)


def arret(
    *,
    siret: str = SIRET,
    order: int = 1,
    last_day: date = date(2026, 10, 14),
    days: int = 7,
    kind: str = "01",
    replaces: str = "",
    test: bool = False,
    seed: int = 0,
) -> bytes:
    """A sick leave (nature 04) of one employee."""
    rows = list(_declaration("04", kind, "11", order, None, replaces, last_day))
    rows += _contact("04", "05")
    rows += _identity_only(siret, seed)
    rows += [
        ("S21.G00.60.001", "01"),
        ("S21.G00.60.002", _day(last_day)),
        ("S21.G00.60.003", _day(last_day + timedelta(days=days))),
        ("S21.G00.60.004", "02"),
    ]
    return _file(rows, siret, test=test, nothing=False)


def reprise(
    *,
    siret: str = SIRET,
    order: int = 1,
    last_day: date = date(2026, 10, 14),
    back_on: date = date(2026, 10, 22),
    test: bool = False,
    seed: int = 0,
) -> bytes:
    """A return from sick leave (nature 05)."""
    rows = list(_declaration("05", "01", "11", order, None, "", back_on))
    rows += _contact("04", "05")
    rows += _identity_only(siret, seed)
    rows += [
        ("S21.G00.60.001", "01"),
        ("S21.G00.60.002", _day(last_day)),
        ("S21.G00.60.003", _day(back_on)),
        ("S21.G00.60.010", _day(back_on)),
        ("S21.G00.60.011", "01"),
    ]
    return _file(rows, siret, test=test, nothing=False)


def fctu(
    *,
    siret: str = SIRET,
    order: int = 1,
    end: date = date(2026, 10, 31),
    kind: str = "01",
    replaces: str = "",
    test: bool = False,
    seed: int = 0,
) -> bytes:
    """An end of contract (nature 07)."""
    chance = random.Random(seed)  # noqa: S311 - invented people
    first, last = _bounds(f"{end:%Y-%m}")
    rows = list(_declaration("07", kind, "11", order, None, replaces, end))
    rows += _contact("07")
    rows += _company(siret)
    rows += _person(chance, 0, born_rubriques=True)
    rows += _contract(chance, 0, siret)
    rows += [
        ("S21.G00.62.001", _day(end)),
        ("S21.G00.62.002", "059"),
        ("S21.G00.62.006", _day(end)),
        ("S21.G00.62.008", "02"),
        ("S21.G00.62.020", f"01{end:%m%Y}"),
        ("S21.G00.63.001", "90"),
        ("S21.G00.71.002", "RUAA"),
        ("S21.G00.50.001", _day(last)),
        ("S21.G00.50.020", "01"),
        *_earned(first, last, 0, f"{chance.randint(1900, 4200)}.00"),
    ]
    return _file(rows, siret, test=test, nothing=False)


def several(*files: bytes) -> bytes:
    """One file with the declarations of all the files, behind the header of the first."""
    rows: list[Row] = []
    for number, content in enumerate(files):
        for line in content.decode("latin-1").splitlines():
            code, _, value = line.partition(",")
            if code.startswith("S90.") or (number and code.startswith("S10.")):
                continue
            rows.append((code, value[1:-1]))
    return _bytes(_footed(rows))


# -- blocks


def _file(rows: list[Row], siret: str, *, test: bool, nothing: bool) -> bytes:
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
    return [
        *rows,
        ("S90.G00.90.001", str(len(rows) + 2)),
        ("S90.G00.90.002", str(declarations)),
    ]


def _bytes(rows: list[Row]) -> bytes:
    return "".join(f"{code},'{value}'\r\n" for code, value in rows).encode("latin-1")


def _declaration(
    nature: str,
    kind: str,
    fraction: str,
    order: int,
    month: date | None,
    replaces: str,
    made_on: date,
) -> Iterator[Row]:
    yield "S20.G00.05.001", nature
    yield "S20.G00.05.002", kind
    yield "S20.G00.05.003", fraction
    yield "S20.G00.05.004", str(order)
    if month is not None:
        yield "S20.G00.05.005", _day(month)
    if replaces:
        yield "S20.G00.05.006", replaces
    yield "S20.G00.05.007", _day(made_on)
    if nature == "01":
        yield "S20.G00.05.008", "01"
    yield "S20.G00.05.009", f"VGM-{nature}-{order}"
    if nature in ("01", "07"):
        yield "S20.G00.05.010", "01"


def _contact(*kinds: str) -> Iterator[Row]:
    for kind in kinds[:2]:
        yield "S20.G00.07.001", "CLAUDE MARTIN"
        yield "S20.G00.07.002", "0102030405"
        yield "S20.G00.07.003", "paie@exemple.fr"
        yield "S20.G00.07.004", kind


def _company(siret: str) -> list[Row]:
    return [
        ("S21.G00.06.001", siret[:9]),
        ("S21.G00.06.002", siret[9:]),
        ("S21.G00.06.003", "6920Z"),
        ("S21.G00.06.004", "1 RUE DE LA PAIX"),
        ("S21.G00.06.005", "75002"),
        ("S21.G00.06.006", "PARIS"),
        ("S21.G00.11.001", siret[9:]),
        ("S21.G00.11.002", "6920Z"),
        ("S21.G00.11.003", "1 RUE DE LA PAIX"),
        ("S21.G00.11.004", "75002"),
        ("S21.G00.11.005", "PARIS"),
        ("S21.G00.11.022", "0787"),
    ]


def _identity_only(siret: str, seed: int) -> list[Row]:
    """Employer, employee and contract of a sick leave."""
    chance = random.Random(seed)  # noqa: S311 - invented people
    return [
        ("S21.G00.06.001", siret[:9]),
        ("S21.G00.11.001", siret[9:]),
        *_person(chance, 0, born_rubriques=False),
        ("S21.G00.40.001", "01062020"),
        ("S21.G00.40.009", _contract_number(0)),
    ]


def _person(chance: random.Random, number: int, *, born_rubriques: bool) -> Iterator[Row]:
    year, month = chance.randint(1965, 2003), chance.randint(1, 12)
    place, rank = chance.randint(1, 89), chance.randint(1, 900) + number
    sex, department = chance.choice("12"), f"{place:02d}" if place != 20 else "21"
    town = chance.randint(1, 300)
    born = f"{year % 100:02d}{month:02d}"
    yield "S21.G00.30.001", f"{sex}{born}{department}{town:03d}{rank % 1000:03d}"
    yield "S21.G00.30.002", chance.choice(NAMES)
    yield "S21.G00.30.004", chance.choice(FIRST_NAMES)
    if born_rubriques:
        yield "S21.G00.30.005", "01" if sex == "1" else "02"
    yield "S21.G00.30.006", f"{chance.randint(1, 28):02d}{month:02d}{year}"
    if born_rubriques:
        yield "S21.G00.30.007", "LYON"
        yield "S21.G00.30.008", "3 RUE DES LILAS"
        yield "S21.G00.30.009", "69003"
        yield "S21.G00.30.010", "LYON"
        yield "S21.G00.30.013", "01"
        yield "S21.G00.30.014", department
        yield "S21.G00.30.015", "FR"
    yield "S21.G00.30.019", f"{number + 1:05d}"


def _contract(chance: random.Random, number: int, siret: str) -> list[Row]:
    job, title = chance.choice(JOBS)
    return [
        ("S21.G00.40.001", "01062020"),
        ("S21.G00.40.002", "06"),
        ("S21.G00.40.003", "04"),
        ("S21.G00.40.004", job),
        ("S21.G00.40.006", title),
        ("S21.G00.40.007", "01"),
        ("S21.G00.40.008", "99"),
        ("S21.G00.40.009", _contract_number(number)),
        ("S21.G00.40.011", "10"),
        ("S21.G00.40.012", "151.67"),
        ("S21.G00.40.013", "151.67"),
        ("S21.G00.40.014", "10"),
        ("S21.G00.40.016", "99"),
        ("S21.G00.40.017", "0787"),
        ("S21.G00.40.018", "200"),
        ("S21.G00.40.019", siret),
        ("S21.G00.40.020", "200"),
        ("S21.G00.40.024", "99"),
        ("S21.G00.40.026", "99"),
        ("S21.G00.40.036", "03"),
        ("S21.G00.40.037", "03"),
        ("S21.G00.40.039", "200"),
        ("S21.G00.40.040", "741GA"),
    ]


def _affiliation() -> list[Row]:
    return [
        ("S21.G00.70.012", "1"),
        ("S21.G00.70.013", "1"),
        ("S21.G00.71.002", "RUAA"),
    ]


def _pay(chance: random.Random, number: int, first: date, last: date) -> list[Row]:
    gross = f"{chance.randint(1900, 4200)}.00"
    net = f"{float(gross) * 0.79:.2f}"
    tax = f"{float(net) * 0.05:.2f}"
    return [
        ("S21.G00.50.001", _day(last)),
        ("S21.G00.50.002", net),
        ("S21.G00.50.004", f"{float(net) - float(tax):.2f}"),
        ("S21.G00.50.006", "5.00"),
        ("S21.G00.50.007", "13"),
        ("S21.G00.50.009", tax),
        ("S21.G00.50.013", net),
        *_earned(first, last, number, gross),
        ("S21.G00.78.001", "03"),
        ("S21.G00.78.002", _day(first)),
        ("S21.G00.78.003", _day(last)),
        ("S21.G00.78.004", gross),
    ]


def _earned(first: date, last: date, number: int, gross: str) -> list[Row]:
    rows: list[Row] = []
    for kind in ("001", "002", "003", "010"):
        rows += [
            ("S21.G00.51.001", _day(first)),
            ("S21.G00.51.002", _day(last)),
            ("S21.G00.51.010", _contract_number(number)),
            ("S21.G00.51.011", kind),
            ("S21.G00.51.013", gross),
        ]
        if kind == "002":
            rows += [
                ("S21.G00.53.001", "01"),
                ("S21.G00.53.002", "151.67"),
                ("S21.G00.53.003", "10"),
            ]
    return rows


def _contract_number(number: int) -> str:
    return f"{number + 1:05d}"


def _bounds(month: str) -> tuple[date, date]:
    year, number = (int(part) for part in month.split("-"))
    return date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])


def _day(day: date) -> str:
    return f"{day:%d%m%Y}"
