"""The invented employer and employees of the samples, block by block as the norm has them.

Nobody in them exists. Numbers pass their checks: SIREN and SIRET by Luhn, the NIR by its form and
by its agreement with birth date, department and sex.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

#: A rubrique's code and value.
Row = tuple[str, str]

_NAMES = ("MARTIN", "BERNARD", "THOMAS", "PETIT", "ROBERT", "DURAND", "LEROY", "MOREAU", "O'CONNOR")
_FIRST_NAMES = ("CAMILLE", "DOMINIQUE", "CLAUDE", "ANDRÉA", "MAXENCE", "ÉLODIE", "NOÉ", "ZOÉ")
#: Code of the profession (PCS-ESE), what a payslip calls it, and the status by the agreement.
_JOBS = (
    ("543d", "Employé administratif", "06"),
    ("543b", "Aide comptable", "06"),
    ("641a", "Chauffeur de navette", "07"),
)
#: Departments of birth that every year of birth may have.
_DEPARTMENTS = ("13", "31", "33", "35", "44", "59", "67", "69", "75", "76")
#: Months of service of the employee with the shortest.
_LEAST_SERVICE = 18
_YEARS_OF_BIRTH = (1965, 2003)


@dataclass(frozen=True)
class Person:
    """An invented employee with one open-ended contract. `number` counts from 0 in the file."""

    number: int
    sex: str
    born: date
    department: str
    nir: str
    name: str
    first_name: str
    job: tuple[str, str, str]
    gross: int
    service: int

    @property
    def contract(self) -> str:
        return f"{self.number + 1:05d}"

    def hired(self, month: date) -> date:
        """The first day of a month, `service` months before the declared one."""
        index = month.year * 12 + month.month - 1 - self.service
        return date(index // 12, index % 12 + 1, 1)


def invent(chance: random.Random, number: int) -> Person:
    """The employee with that number: the same chance gives the same person."""
    sex = chance.choice("12")
    born = date(chance.randint(*_YEARS_OF_BIRTH), chance.randint(1, 12), chance.randint(1, 28))
    department = chance.choice(_DEPARTMENTS)
    # Town and rank tell everybody in the file apart.
    town, rank = number // 900 % 900 + 1, number % 900 + 1
    return Person(
        number=number,
        sex=sex,
        born=born,
        department=department,
        nir=f"{sex}{born:%y%m}{department}{town:03d}{rank:03d}",
        name=chance.choice(_NAMES),
        first_name=chance.choice(_FIRST_NAMES),
        job=chance.choice(_JOBS),
        gross=chance.randint(1900, 4200),
        service=_LEAST_SERVICE + chance.randint(0, 60),
    )


def day(moment: date) -> str:
    """JJMMAAAA."""
    return f"{moment:%d%m}{moment.year:04d}"


def contact(kind: str) -> Iterator[Row]:
    yield "S20.G00.07.001", "CLAUDE MARTIN"
    yield "S20.G00.07.002", "0102030405"
    yield "S20.G00.07.003", "paie@exemple.fr"
    yield "S20.G00.07.004", kind


def company(siret: str) -> Iterator[Row]:
    """Employer and establishment; the establishment is the head office."""
    yield "S21.G00.06.001", siret[:9]
    yield "S21.G00.06.002", siret[9:]
    yield "S21.G00.06.003", "6920Z"
    yield "S21.G00.06.004", "1 RUE DE LA PAIX"
    yield "S21.G00.06.005", "75002"
    yield "S21.G00.06.006", "PARIS"
    yield "S21.G00.11.001", siret[9:]
    yield "S21.G00.11.002", "6920Z"
    yield "S21.G00.11.003", "1 RUE DE LA PAIX"
    yield "S21.G00.11.004", "75002"
    yield "S21.G00.11.005", "PARIS"
    yield "S21.G00.11.022", "0787"


def adhesion(number: int, *, covers: bool) -> Iterator[Row]:
    """One insurance contract of the employer. `covers`: the declaration says whom it covers."""
    yield "S21.G00.15.001", f"CONTRAT-{number:04d}"
    yield "S21.G00.15.002", "P0942"
    if covers:
        yield "S21.G00.15.004", "01"
    yield "S21.G00.15.005", str(number)


def known(person: Person) -> Iterator[Row]:
    """The employee as a sick leave names one."""
    yield "S21.G00.30.001", person.nir
    yield "S21.G00.30.002", person.name
    yield "S21.G00.30.004", person.first_name
    yield "S21.G00.30.006", day(person.born)
    yield "S21.G00.30.019", f"M{person.contract}"


def individual(person: Person) -> Iterator[Row]:
    """The employee in full."""
    yield "S21.G00.30.001", person.nir
    yield "S21.G00.30.002", person.name
    yield "S21.G00.30.004", person.first_name
    yield "S21.G00.30.005", f"0{person.sex}"
    yield "S21.G00.30.006", day(person.born)
    yield "S21.G00.30.007", "CHEF-LIEU"
    yield "S21.G00.30.008", "3 RUE DES LILAS"
    yield "S21.G00.30.009", "69003"
    yield "S21.G00.30.010", "LYON"
    yield "S21.G00.30.013", "01"
    yield "S21.G00.30.014", person.department
    yield "S21.G00.30.015", "FR"
    yield "S21.G00.30.019", f"M{person.contract}"


def contract(person: Person, siret: str, month: date, *, insured: bool) -> Iterator[Row]:
    """The employment. `insured`: with the insurance of accidents at work, as a mensuelle has it."""
    code, title, status = person.job
    yield "S21.G00.40.001", day(person.hired(month))
    yield "S21.G00.40.002", status
    yield "S21.G00.40.003", "04"
    yield "S21.G00.40.004", code
    yield "S21.G00.40.006", title
    yield "S21.G00.40.007", "01"
    yield "S21.G00.40.008", "99"
    yield "S21.G00.40.009", person.contract
    yield "S21.G00.40.011", "10"
    yield "S21.G00.40.012", "151.67"
    yield "S21.G00.40.013", "151.67"
    yield "S21.G00.40.014", "10"
    yield "S21.G00.40.016", "99"
    yield "S21.G00.40.017", "0787"
    yield "S21.G00.40.018", "200"
    yield "S21.G00.40.019", siret
    yield "S21.G00.40.020", "200"
    yield "S21.G00.40.024", "99"
    yield "S21.G00.40.026", "99"
    yield "S21.G00.40.036", "01"
    yield "S21.G00.40.037", "03"
    if insured:
        yield "S21.G00.40.039", "200"
        yield "S21.G00.40.040", "741GA"
        yield "S21.G00.40.043", "1.05"


def pension() -> Iterator[Row]:
    yield "S21.G00.71.002", "RUAA"


def earnings(person: Person, kinds: tuple[str, ...], first: date, last: date) -> Iterator[Row]:
    """Gross pay by kind, with the hours worked."""
    for kind in kinds:
        yield "S21.G00.51.001", day(first)
        yield "S21.G00.51.002", day(last)
        yield "S21.G00.51.010", person.contract
        yield "S21.G00.51.011", kind
        yield "S21.G00.51.013", f"{person.gross}.00"
        if kind == "002":
            yield "S21.G00.53.001", "01"
            yield "S21.G00.53.002", "151.67"
            yield "S21.G00.53.003", "10"


def base(code: str, amount: str, first: date, last: date) -> Iterator[Row]:
    yield "S21.G00.78.001", code
    yield "S21.G00.78.002", day(first)
    yield "S21.G00.78.003", day(last)
    yield "S21.G00.78.004", amount


def seniority(person: Person) -> Iterator[Row]:
    yield "S21.G00.86.001", "07"
    yield "S21.G00.86.002", "02"
    yield "S21.G00.86.003", str(person.service)
    yield "S21.G00.86.005", person.contract
