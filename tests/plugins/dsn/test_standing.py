"""Which DSNs are the same to the platform, which replace which, and which have a deadline."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre.api import Declaration
from vaguemestre_dsn import samples
from vaguemestre_dsn.recognition import DsnFormat

mensuelle = partial(samples.mensuelle, month="2026-10", employees=1)
SIGNALEMENTS = [samples.arret, samples.reprise, samples.fctu, samples.amorcage]


def of(payload: bytes) -> Declaration:
    found = DsnFormat().recognise("a.dsn", payload)
    assert found is not None
    return found


def to_msa(payload: bytes) -> bytes:
    return payload.replace(b"S10.G00.00.007,'01'", b"S10.G00.00.007,'02'")


def test_a_mensuelle_takes_the_place_of_its_month_siret_and_fraction() -> None:
    place = of(mensuelle()).keys
    assert len(place) == 1
    assert of(mensuelle(order=7, employees=3, seed=5)).keys == place
    assert of(mensuelle(kind="02")).keys == place
    others = [
        mensuelle(month="2026-09"),
        mensuelle(siret=samples.siret(3)),
        mensuelle(fraction="12"),
        mensuelle(fraction="22"),
        to_msa(mensuelle()),
    ]
    assert len({of(payload).keys for payload in others} | {place}) == 6


@pytest.mark.parametrize("kind", ["03", "05"])
def test_a_mensuelle_that_replaces_takes_the_same_place_and_has_a_rank(kind: str) -> None:
    found = of(mensuelle(kind=kind, order=4))
    assert found.keys == found.replaces == of(mensuelle()).keys
    assert (found.rank, found.cancels) == (4, False)
    assert of(mensuelle()).replaces == ()


@pytest.mark.parametrize("make", SIGNALEMENTS)
def test_a_signalement_takes_the_place_of_its_number(make: partial[bytes]) -> None:
    place = of(make(order=12)).keys
    assert place == of(samples.arret(order=12, seed=9)).keys
    assert len(place) == 1
    assert of(make(order=13)).keys != place
    assert of(make(order=12, siret=samples.siret(3))).keys != place
    assert place != of(mensuelle(order=12)).keys


@pytest.mark.parametrize("make", [samples.arret, samples.reprise, samples.fctu])
def test_a_signalement_that_replaces_names_its_original_by_number(make: partial[bytes]) -> None:
    found = of(make(order=13, kind="03", replaces="1410202612"))
    assert found.keys == of(make(order=13)).keys
    assert found.replaces == of(make(order=12)).keys
    assert (found.cancels, found.due) == (False, ())


def test_a_cancellation_leaves_nothing() -> None:
    found = of(samples.fctu(order=13, kind="04", replaces="1410202612"))
    assert found.cancels
    assert found.replaces == of(samples.fctu(order=12)).keys


def test_a_signalement_is_about_somebody_and_an_event_and_a_mensuelle_about_nobody() -> None:
    about = of(samples.arret(order=12, seed=1)).subject
    assert about
    assert of(samples.arret(order=13, seed=1)).subject == about
    others = [
        samples.arret(order=12, seed=2),
        samples.arret(seed=1, last_day=date(2026, 10, 15)),
        samples.arret(seed=1, siret=samples.siret(3)),
        samples.reprise(seed=1),
        samples.fctu(seed=1),
    ]
    assert len({of(payload).subject for payload in others} | {about}) == 6
    assert of(samples.amorcage()).subject == of(mensuelle()).subject == ""


def test_nothing_that_is_known_of_it_holds_a_nir() -> None:
    payload = samples.arret(seed=1)
    row = next(r for r in payload.splitlines() if r.startswith(b"S21.G00.30.001"))
    nir = row.split(b"'")[1].decode()
    assert len(nir) == 13
    assert nir not in repr(of(payload))


def test_an_identifier_that_cannot_be_read_names_nothing() -> None:
    assert of(samples.arret(kind="03", replaces="unknown")).replaces == ()


def test_due_dates_of_each_nature() -> None:
    assert [d.day for d in of(mensuelle()).due] == [5, 15]
    assert [d.closes for d in of(mensuelle(kind="03")).due] == [True, True]
    for payload in (
        samples.arret(last_day=date(2026, 10, 14)),
        samples.reprise(back_on=date(2026, 10, 14)),
        samples.fctu(end=date(2026, 10, 14)),
    ):
        assert [d.at.isoformat() for d in of(payload).due] == ["2026-10-19T22:00:00+00:00"]
    assert of(samples.amorcage()).due == ()


@pytest.mark.parametrize(
    ("line", "keys", "due"),
    [
        (b"S21.G00.06.001", 0, 0),
        (b"S21.G00.11.001", 0, 0),
        (b"S20.G00.05.003", 0, 0),
        (b"S20.G00.05.005", 0, 0),
        (b"S20.G00.05.002", 0, 0),
        (b"S20.G00.05.004", 1, 2),
    ],
)
def test_what_is_missing_in_a_damaged_file_is_not_guessed(line: bytes, keys: int, due: int) -> None:
    kept = [row for row in mensuelle().splitlines(keepends=True) if not row.startswith(line)]
    found = of(b"".join(kept))
    assert (len(found.keys), len(found.due)) == (keys, due)


@given(st.text("0123456789", min_size=8, max_size=8), st.sampled_from(["001", "005", "007"]))
def test_no_date_however_wrong_stops_the_recognition(digits: str, rubrique: str) -> None:
    text = digits.encode()
    for payload in (mensuelle(), samples.arret(), samples.fctu()):
        rows = payload.splitlines(keepends=True)
        for code in (b"S20.G00.05." + rubrique.encode(), b"S21.G00.60.002", b"S21.G00.62.001"):
            rows = [code + b",'" + text + b"'\r\n" if r.startswith(code) else r for r in rows]
        of(b"".join(rows))


def test_a_substitution_and_a_dpae_take_no_place() -> None:
    for nature in (b"09", b"10"):
        assert (
            of(mensuelle().replace(b"S20.G00.05.001,'01'", b"S20.G00.05.001,'%s'" % nature)).keys
            == ()
        )
