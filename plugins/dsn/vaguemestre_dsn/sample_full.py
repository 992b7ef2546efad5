"""Rich samples: every block of the tree of a nature at least once, in declarations that hold
together. Written block by block (a line that begins with blanks goes on the one before it);
everything in them is invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from vaguemestre_dsn.sample_people import Row, day

#: The employer and its dealings, before the employees of a mensuelle.
_EMPLOYER = """
S20.G00.07: 001=CLAUDE MARTIN; 002=0102030405; 003=paie@exemple.fr; 004=09
S20.G00.08: 001=P0942
S21.G00.06: 001={siren}; 002={nic}; 003=6920Z; 004=1 RUE DE LA PAIX; 005=75002; 006=PARIS
S21.G00.13: 001=ACCORD000001; 004={year}
S21.G00.11: 001={nic}; 002=6920Z; 003=1 RUE DE LA PAIX; 004=75002; 005=PARIS; 022=0787
S21.G00.15: 001=CONTRAT-0001; 002=P0942; 004=01; 005=1
S21.G00.16: 001={first}; 002=P0943
S21.G00.82: 001=12.00; 002=001; 003={first}; 004={last}; 005=1
S21.G00.20: 001=P0942; 003=BNPAFRPP; 004=FR7630006000011234567890189; 005=120.00; 006={first};
  007={last}; 010=05
S21.G00.55: 001=120.00; 003=CONTRAT-0001; 004={period}
S21.G00.20: 001=DGFIP; 002=DGFIP_PAS; 003=BNPAFRPP; 004=FR7630006000011234567890189; 005=300.00;
  006={first}; 007={last}; 010=05
S21.G00.22: 001=78861779300013; 003={first}; 004={last}; 005=1500.00
S21.G00.23: 001=100; 002=920; 003=13.30; 004=4000.00
S21.G00.44: 001=005; 002=4000.00; 003={year}
"""

#: An employee with an open-ended contract as a cadre, and much that can happen in a month.
_CADRE = """
S21.G00.30: 001=1800575001001; 002=DURAND; 003=PETIT; 004=CAMILLE; 005=01; 006=01051980;
  007=PARIS; 008=3 RUE DES LILAS; 009=69003; 010=LYON; 013=01; 014=75; 015=FR;
  018=camille@exemple.fr; 019=M00001
S21.G00.31: 001={first}; 009=DUPONT
S21.G00.34: 001=05; 002=00001; 003={year}
S21.G00.40: 001=01062015; 002=04; 003=01; 004=388a; 006=Ingénieure; 007=01; 008=99; 009=00001;
  011=10; 012=151.67; 013=151.67; 014=10; 016=99; 017=0787; 018=200; 019={siret}; 020=200; 024=99;
  026=99; 036=01; 037=03; 039=200; 040=741GA; 043=1.05
S21.G00.41: 001={first}; 014=00098
S21.G00.60: 001=15; 002={before}; 003={last}
S21.G00.66: 001={first}; 002={last}; 003=500.00
S21.G00.65: 001=501; 002={tenth}; 003={last}
S21.G00.70: 012=1; 013=1
S21.G00.73: 003=02; 004={first}; 005=01012015; 006=DURAND; 009=NOE
S21.G00.71: 002=RUAA
S21.G00.72: 001=IRCANTEC
S21.G00.50: 001={last}; 002=3000.00; 003=01; 004=2850.00; 006=5.00; 007=13; 009=150.00;
  013=3000.00
S21.G00.51: 001={first}; 002={last}; 010=00001; 011=001; 013=3800.00
S21.G00.51: 001={first}; 002={last}; 010=00001; 011=002; 013=3800.00
S21.G00.53: 001=01; 002=151.67; 003=10
S21.G00.51: 001={first}; 002={last}; 010=00001; 011=003; 013=3800.00
S21.G00.51: 001={first}; 002={last}; 010=00001; 011=010; 013=3800.00
S21.G00.51: 001={first}; 002={last}; 010=00001; 011=017; 012=4.00; 013=120.00
S21.G00.52: 001=027; 002=200.00; 003={first}; 004={last}; 006=00001
S21.G00.54: 001=02; 002=80.00; 003={first}; 004={last}; 005=00001
S21.G00.56: 001={before_month}; 002=01; 003=10.00; 006=5.00; 007=0.50; 010=10.00
S21.G00.58: 003=03; 004=3000.00
S21.G00.78: 001=02; 002={first}; 003={last}; 004=3800.00
S21.G00.81: 001=076; 002=78861779300013; 003=3800.00; 004=200.00
S21.G00.78: 001=03; 002={first}; 003={last}; 004=3800.00
S21.G00.78: 001=31; 002={first}; 003={last}; 004=0.00; 005=1
S21.G00.79: 001=10; 004=3800.00
S21.G00.81: 001=059; 004=57.00
S21.G00.83: 001={before_first}; 002={before}
S21.G00.84: 001=03; 002={before_first}; 003={before}; 004=100.00
S21.G00.95: 001=03; 002={first}; 003={last}; 004=100.00
S21.G00.86: 001=07; 002=02; 003=120; 005=00001
S21.G00.98: 001=SATD-1; 002=01; 003=50.00
"""

#: An employee whose fixed-term contract ends.
_FIXED_TERM = """
S21.G00.30: 001=2850333001002; 002=MOREAU; 004=ZOÉ; 005=02; 006=02031985; 007=BORDEAUX;
  008=5 RUE DES LILAS; 009=33000; 010=BORDEAUX; 013=01; 014=33; 015=FR; 019=M00002
S21.G00.40: 001=01012026; 002=06; 003=04; 004=543d; 006=Employée administrative; 007=02; 008=99;
  009=00002; 010={last}; 011=10; 012=151.67; 013=121.33; 014=20; 016=99; 017=0787; 018=200;
  019=LIEU-1; 020=200; 021=02; 024=99; 026=99; 036=01; 037=03; 039=200; 040=741GA; 043=1.05
S21.G00.60: 001=01; 002={before}; 003={tenth}; 004=01; 005={first}; 006={tenth};
  007=FR7630006000011234567890189; 008=BNPAFRPP; 010={eleventh}; 011=01
S21.G00.62: 001={last}; 002=031; 006={last}
S21.G00.71: 002=RUAA
S21.G00.50: 001={last}; 002=1500.00; 003=01; 004=1500.00; 006=0.00; 007=17; 009=0.00; 013=1500.00
S21.G00.51: 001={first}; 002={last}; 010=00002; 011=001; 013=1900.00
S21.G00.51: 001={first}; 002={last}; 010=00002; 011=002; 013=1900.00
S21.G00.53: 001=01; 002=121.33; 003=10
S21.G00.51: 001={first}; 002={last}; 010=00002; 011=003; 013=1900.00
S21.G00.51: 001={first}; 002={last}; 010=00002; 011=010; 013=1900.00
S21.G00.58: 003=03; 004=1500.00
S21.G00.78: 001=02; 002={first}; 003={last}; 004=1900.00
S21.G00.78: 001=03; 002={first}; 003={last}; 004=1900.00
S21.G00.86: 001=07; 002=02; 003=10; 005=00002
"""

#: Where people work, and who is paid without being employed.
_OTHERS = """
S21.G00.85: 001=LIEU-1; 002=6920Z; 003=9 QUAI DES BRUMES; 004=33000; 005=BORDEAUX; 010=02; 011=33063
S89.G00.32: 001=CONSEIL; 002=ROBERT; 003=ANNE; 008=1 RUE HAUTE; 011=75002; 012=PARIS; 017={year}
S89.G00.33: 001=01; 002=10.00
S89.G00.35: 001=01; 002=20.00
S89.G00.43: 001=01; 002=500.00
S89.G00.67: 001=1800575001001; 003=10.00; 004=1.00; 005={year}
S89.G00.87: 001=02; 002=10; 003=5.00; 004=1.00; 005=01012020; 006=01012022; 007=1800575001001
S89.G00.88: 001=02; 002=10; 003=5.00; 004=1.00; 005=1.00; 006=01012020; 007=01012022;
  008=1800575001001
S89.G00.89: 001=10; 002=5.00; 003=6.00; 004=1.00; 005=01012020; 006=5; 007=1800575001001
S89.G00.91: 001=1700169001003; 002=LEROY; 004=ALAIN; 006=01011970; 007=LYON; 008=7 RUE BASSE;
  009=69003; 010=LYON; 019=69; 020=FR
S89.G00.92: 001=06; 002=50; 003=1000.00; 004={first}; 005={last}; 006=1000.00; 007=5.00; 008=13;
  010=50.00; 011={last}; 013=1000.00; 016=950.00; 017=950.00
S89.G00.93: 001={before_month}; 002=01; 003=10.00; 006=5.00; 007=0.50; 009=10.00
S89.G00.94: 001=001; 002=10.00
"""

_EVENT_EMPLOYER = """
S20.G00.07: 001=CLAUDE MARTIN; 002=0102030405; 003=paie@exemple.fr; 004={contact}
S21.G00.06: 001={siren}; 002={nic}; 003=6920Z; 004=1 RUE DE LA PAIX; 005=75002; 006=PARIS
S21.G00.11: 001={nic}; 002=6920Z; 003=1 RUE DE LA PAIX; 004=75002; 005=PARIS; 022=0787
S21.G00.15: 001=CONTRAT-0001; 002=P0942; 005=1
"""

#: An end of contract by resignation.
_LEAVER = """
S21.G00.30: 001=1800575001001; 002=DURAND; 003=PETIT; 004=CAMILLE; 005=01; 006=01051980;
  007=PARIS; 008=3 RUE DES LILAS; 009=69003; 010=LYON; 013=01; 014=75; 015=FR;
  018=camille@exemple.fr; 019=M00001
S21.G00.40: 001=01062015; 002=04; 003=01; 004=388a; 006=Ingénieure; 007=01; 008=99; 009=00001;
  011=10; 012=151.67; 013=151.67; 014=10; 016=99; 017=0787; 018=200; 019=LIEU-1; 020=200; 024=99;
  026=99; 036=01; 037=03
S21.G00.45: 001={siret}; 002=00099
S21.G00.60: 001=01; 002={before}; 003={tenth}; 010={eleventh}; 011=01
S21.G00.62: 001={last}; 002=059; 003={first}; 006={last}; 008=02; 020={first}
S21.G00.63: 001=01; 002={first}; 003={last}
S21.G00.65: 001=501; 002={tenth}; 003={eleventh}
S21.G00.70: 012=1; 013=1
S21.G00.73: 003=02; 004={first}; 005=01012015; 006=DURAND; 009=NOE
S21.G00.71: 002=RUAA
S21.G00.50: 001={last}; 003=01; 020=01
S21.G00.51: 001={first}; 002={last}; 010=00001; 011=001; 013=3800.00
S21.G00.51: 001={first}; 002={last}; 010=00001; 011=002; 013=3800.00
S21.G00.53: 001=01; 002=151.67; 003=10
S21.G00.51: 001={first}; 002={last}; 010=00001; 011=010; 013=3800.00
S21.G00.52: 001=027; 002=200.00; 003={first}; 004={last}; 006=00001
S21.G00.54: 001=02; 002=80.00; 003={first}; 004={last}; 005=00001
S21.G00.78: 001=03; 002={first}; 003={last}; 004=3800.00
S21.G00.81: 001=076; 004=200.00
S21.G00.86: 001=07; 002=02; 003=120; 005=00001
S21.G00.85: 001=LIEU-1; 002=6920Z; 003=9 QUAI DES BRUMES; 004=33000; 005=BORDEAUX; 010=02; 011=33063
"""

#: An employee of whom an insurer or the tax office shall know.
_NEWCOMER = """
S21.G00.12: 001=01; 002=BNPAFRPP; 003=FR7630006000011234567890189
S21.G00.15: 001=CONTRAT-0001; 002=P0942; 005=1
S21.G00.30: 001=1800575001001; 002=DURAND; 003=PETIT; 004=CAMILLE; 005=01; 006=01051980;
  007=PARIS; 008=3 RUE DES LILAS; 009=69003; 010=LYON; 013=01; 014=75; 015=FR;
  018=camille@exemple.fr; 019=M00001
S21.G00.40: 001={first}; 002=04; 003=01; 004=388a; 006=Ingénieure; 007=01; 008=99; 009=00001;
  011=10; 012=151.67; 013=151.67; 014=10; 016=99; 017=0787; 018=200; 019=LIEU-1; 020=200; 024=99;
  026=99; 036=01; 037=03
S21.G00.65: 001=501
S21.G00.70: 013=1; 014={first}
S21.G00.73: 003=02; 004={first}; 005=01012015; 006=DURAND; 009=NOE
S21.G00.86: 001=07; 002=02; 003=1; 005=00001
S21.G00.85: 001=LIEU-1; 002=6920Z; 003=9 QUAI DES BRUMES; 004=33000; 005=BORDEAUX; 010=02; 011=33063
"""


def mensuelle(siret: str, first: date, last: date) -> Iterator[Row]:
    """All blocks of nature 01 below S20.G00.05."""
    return _rows(_EMPLOYER + _CADRE + _FIXED_TERM + _OTHERS, siret, first, last, "09")


def fctu(siret: str, first: date, last: date) -> Iterator[Row]:
    """All blocks of nature 07 below S20.G00.05."""
    return _rows(_EVENT_EMPLOYER + _LEAVER, siret, first, last, "07")


def amorcage(siret: str, first: date, last: date) -> Iterator[Row]:
    """All blocks of nature 08 that can stand together, below S20.G00.05."""
    employer = _EVENT_EMPLOYER.partition("S21.G00.15")[0]
    return _rows(employer + _NEWCOMER, siret, first, last, "09")


def _rows(text: str, siret: str, first: date, last: date, contact: str) -> Iterator[Row]:
    before = date.fromordinal(first.toordinal() - 1)
    values = {
        "siret": siret,
        "siren": siret[:9],
        "nic": siret[9:],
        "first": day(first),
        "last": day(last),
        "tenth": day(first.replace(day=10)),
        "eleventh": day(first.replace(day=11)),
        "before": day(before),
        "before_first": day(before.replace(day=1)),
        "before_month": f"{before:%m%Y}",
        "period": f"{first:%Y}M{first:%m}",
        "year": str(first.year),
        "contact": contact,
    }
    for line in text.format(**values).replace(";\n ", ";").splitlines():
        block, _colon, pairs = line.partition(": ")
        for pair in pairs.split("; ") if pairs else ():
            number, _equals, value = pair.partition("=")
            yield f"{block}.{number}", value
