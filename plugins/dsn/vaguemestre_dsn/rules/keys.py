"""Check digits and forms that a regular expression does not hold: `key NAME .nnn` in a row.

Each function tells whether a value is right. Where the cahier technique only refers to a paragraph
on the form of names and the like, what is certain blocks and the rest warns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from stdnum import iban as ibans
from stdnum import luhn
from stdnum.exceptions import ValidationError

#: La Poste, whose establishments' numbers do not follow the rule of Luhn.
LA_POSTE = b"356000000"
_EMAIL = re.compile(rb"[^\s@]+@[^\s@]+\.[^\s@.]+")
_NAME = re.compile(rb"[A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\xff' .,/-]+")
_LETTER = re.compile(rb"[A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\xff]")
#: A letter three times in a row, or an i four times: Roman numerals have it three times.
_THRICE = re.compile(rb"([A-HJ-Za-hj-z\xc0-\xff])\1\1|i{4}", re.IGNORECASE)
_CONTRACT = re.compile(rb"[0-9A-Za-z][0-9A-Za-z /._-]*")


#: There are no more days of which anybody alive could write.
_MOST_DAYS = 50_000


@lru_cache(_MOST_DAYS)
def day(value: bytes) -> bool:
    """A day JJMMAAAA of the calendar."""
    if len(value) != 8:
        return False  # a hostile number of years is too long for a date, or slow to convert
    try:
        date(int(value[4:]), int(value[2:4]), int(value[:2]))
    except ValueError:
        return False
    return True


def birthday(value: bytes) -> bool:
    """A day of birth, of which day and month may be unknown (99)."""
    if value[2:4] == b"99":
        return value[:2] == b"99" or b"01" <= value[:2] <= b"31"
    if value[:2] == b"99":
        return True
    return day(value)


@lru_cache(1024)
def siren(value: bytes) -> bool:
    return len(value) == 9 and value.isdigit() and luhn.is_valid(value.decode())


@lru_cache(1024)
def siret(value: bytes) -> bool:
    """SIREN and NIC. Those of La Poste have another check, which is not published with the norm."""
    if len(value) != 14 or not value.isdigit():
        return False
    return value.startswith(LA_POSTE) or luhn.is_valid(value.decode())


def no_siret(value: bytes) -> bool:
    """A number that an employer gave itself, not that of an establishment."""
    return not siret(value)


@lru_cache(1024)
def iban(value: bytes) -> bool:
    try:
        ibans.validate(value.decode("ascii"), check_country=False)
    except (ValidationError, UnicodeDecodeError):
        return False
    return True


#: Letters of a French account number count as these digits in its key.
_RIB = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"12345678912345678923456789")


@lru_cache(1024)
def rib(value: bytes) -> bool:
    """The key of the French account number inside an IBAN; other countries are not judged."""
    if value[:2] != b"FR" or len(value) != 27:
        return True
    digits = value[4:].translate(_RIB)
    if not digits.isdigit():
        return False
    bank, desk, account, key = digits[:5], digits[5:10], digits[10:21], digits[21:]
    return (89 * int(bank) + 15 * int(desk) + 3 * int(account) + int(key)) % 97 == 0


def email(value: bytes) -> bool:
    return _EMAIL.fullmatch(value) is not None


def name(value: bytes) -> bool:
    """A name of a person: letters and the signs between them, none thrice in a row."""
    return (
        _NAME.fullmatch(value) is not None
        and _LETTER.search(value) is not None
        and _THRICE.search(value) is None
    )


def some_letter(value: bytes) -> bool:
    """At least one letter: what no name and no place is without."""
    return _LETTER.search(value) is not None


def job(value: bytes) -> bool:
    """What a job is called: begins with a letter or a digit, no letter thrice in a row but i."""
    return _THRICE.search(value) is None and (value[:1].isalnum() or value[:1] >= b"\xc0")


@lru_cache(256)
def contract(value: bytes) -> bool:
    """A contract's number, as employers write them."""
    return _CONTRACT.fullmatch(value) is not None


def ntt(value: bytes) -> bool:
    """A provisional number begins with the sex."""
    return value[:1] in (b"1", b"2")


def unspaced(value: bytes) -> bool:
    return b" " not in value


def issued(value: bytes) -> bool:
    """A NIR that is not the one of nobody."""
    return value[1:] != b"999999999999"


def few_nines(value: bytes) -> bool:
    """A NIR whose last digits were not made up: at most five times 9 at its end."""
    return not value.endswith(b"999999")


KEYS: dict[str, Callable[[bytes], bool]] = {
    "day": day,
    "birthday": birthday,
    "siren": siren,
    "siret": siret,
    "no_siret": no_siret,
    "iban": iban,
    "rib": rib,
    "email": email,
    "name": name,
    "some_letter": some_letter,
    "job": job,
    "contract": contract,
    "ntt": ntt,
    "unspaced": unspaced,
    "issued": issued,
    "few_nines": few_nines,
}
