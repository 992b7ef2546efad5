"""What a SECUline file is taken for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from vaguemestre_seculine import samples
from vaguemestre_seculine.recognition import SeculineFormat

FORM = SeculineFormat()
HEADER = b"0;1948072337999;000586\r\n"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((f"{kind}.dta", kind) for kind in ("DECAFF", "DECSAL", "DECMAL", "DEMMAT", "DECINT")),
        ("decsal.DTA", "DECSAL"),
        ("DecSal_2026-10.txt", "DECSAL"),
        ("DEMUTI.dta", "DEMUTI"),
        ("SECU.DEMDET.20261123-10150099.1948072337999000586.CCSS.XML", "DEMDET"),
        ("CARTID202611231.1948072337999_000586.JPG", "CARTID"),
        *(
            (f"{kind}.1948072337999_000586_12072414284681.DTA", kind)
            for kind in ("AFFRET", "SALRET", "SALMAN", "MALRET", "MATRET", "MATASS", "INTRET")
        ),
        ("utiret.1948072337999_000586_12072414284681.dta", "UTIRET"),
        ("MATUTI.1948072337999_000586_12072414284681.DTA", "MATUTI"),
        ("DEMUTI.1948072337999_000586_12072414284681.DTA", "MATUTI"),
        ("DETRET.1948072337999_000586_12072414284681.DTA", "DETRET"),
        ("SECU.DEMDET.20261123-10150099.FAIL.CCSS.XML", "FAIL"),
        ("SECU.DEMDET.INFO.20261123-10150099.PDF", "INFO"),
        ("CALCUL.xml", "CALCUL"),
        ("calcul_202610.XML", "CALCUL"),
    ],
)
def test_a_name_tells_the_type(name: str, kind: str) -> None:
    declaration = FORM.recognise(name, HEADER)
    assert declaration is not None
    assert declaration.kind == declaration.module == "seculine"
    assert declaration.identity["type"] == kind
    assert declaration.label.endswith(f"({kind})")


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (samples.decsal(month="202610"), "DECSAL"),
        (samples.decmal(month="202610"), "DECMAL"),
        (samples.decaff(entry=date(2026, 11, 2)), "DECAFF"),
        (samples.rejects(samples.decsal(month="202610"), "SALRET", {1: 3})[1], "SALRET"),
        (samples.rejects(samples.decmal(month="202610"), "MALRET", {2: 3})[1], "MALRET"),
        (HEADER + b"X;unheard of\r\n", ""),
    ],
)
@pytest.mark.parametrize("damage", ["", "bom", "lf", "utf-16"])
def test_records_tell_the_type_where_the_name_does_not(
    payload: bytes, kind: str, damage: str
) -> None:
    if damage == "bom":
        payload = b"\xef\xbb\xbf" + payload
    elif damage == "lf":
        payload = payload.replace(b"\r\n", b"\n")
    elif damage == "utf-16":
        payload = payload.decode().encode("utf-16")
    declaration = FORM.recognise("paie-10.txt", payload)
    assert declaration is not None
    assert declaration.identity.get("type", "") == kind


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("a.dsn", b"S10.G00.00.001,'x'\r\n"),
        ("a.txt", b""),
        ("decsalaires.csv", b"nom;prenom\r\n"),
        ("a.csv", b"0;1;2\r\n"),
        ("calcul.dsn", b"S10.G00.00.001,'x'\r\n"),
    ],
)
def test_other_files_are_left_to_others(name: str, payload: bytes) -> None:
    assert FORM.recognise(name, payload) is None


def test_it_tells_employer_months_and_counts() -> None:
    one, other = samples.employer(1), samples.employer(2)
    payload = samples.file(
        [
            samples.wage(samples.person(1), month="202609", employer=one),
            samples.wage(samples.person(1), month="202610", employer=one),
        ]
    )
    declaration = FORM.recognise("DECSAL.dta", payload)
    assert declaration is not None
    assert (declaration.issuer, declaration.company) == (one, one)
    assert declaration.period == "2026-10"
    assert declaration.identity["months"] == "2026-09,2026-10"
    assert declaration.identity["employer"] == samples.EMPLOYER
    assert declaration.identity["seculine"] == samples.SECULINE
    assert (declaration.declarations, declaration.employees) == (1, 2)
    both = FORM.recognise("DECSAL.dta", samples.decsal(month="202610", employers=(one, other)))
    assert both is not None
    assert (both.issuer, both.declarations, both.employees) == (samples.EMPLOYER, 2, 6)


def test_wages_are_due_on_the_24th_of_the_next_month_in_luxembourg() -> None:
    declaration = FORM.recognise("DECSAL.dta", samples.decsal(month="202612"))
    assert declaration is not None
    assert [due.at for due in declaration.due] == [datetime(2027, 1, 24, 23, tzinfo=UTC)]


def test_nothing_personal_stands_in_what_is_kept() -> None:
    payload = samples.decsal(month="202610")
    declaration = FORM.recognise("DECSAL.dta", payload)
    shown = repr(declaration)
    assert not [line for line in payload.decode().splitlines()[1:] if line.split(";")[2] in shown]
