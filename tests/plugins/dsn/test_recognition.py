"""What a file is said to declare, also when it is damaged."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre.api import Declaration
from vaguemestre_dsn import samples
from vaguemestre_dsn.recognition import DsnFormat


def recognised(payload: bytes) -> Declaration:
    found = DsnFormat().recognise("any name.txt", payload)
    assert found is not None
    return found


def test_a_mensuelle_says_who_when_and_what() -> None:
    siret = samples.siret(7)
    found = recognised(samples.mensuelle(month="2026-09", siret=siret, order=3, employees=4))
    assert (found.kind, found.module, found.period) == ("dsn", "dsn", "2026-09")
    assert (found.issuer, found.company) == (siret, siret[:9])
    assert (found.order, found.declarations, found.employees) == ("3", 1, 4)
    assert not found.test
    assert found.deposit_point == "01"
    assert found.label == "DSN mensuelle normale, 09/2026"


def test_the_identity_is_what_the_reports_echo() -> None:
    siret = samples.siret(7)
    found = recognised(samples.fctu(siret=siret, order=5, kind="04", replaces="011020262"))
    assert found.identity == {
        "norm": "P26V01",
        "sender": siret,
        "nature": "07",
        "type": "04",
        "fraction": "11",
        "order": "5",
        "siren": siret[:9],
        "nic": siret[9:],
        "business_id": "VGM-07-5",
        "replaces": "011020262",
    }
    assert recognised(samples.mensuelle(month="2026-09")).identity["month"] == "01092026"


def test_a_test_is_known_by_the_file_itself() -> None:
    assert recognised(samples.mensuelle(test=True)).test


@pytest.mark.parametrize(
    ("payload", "module", "label"),
    [
        (samples.arret(), "signalement", "Arrêt de travail"),
        (
            samples.arret(kind="03", replaces="141020261"),
            "signalement",
            "Arrêt de travail, annule et remplace",
        ),
        (samples.reprise(), "signalement", "Reprise suite à arrêt de travail"),
        (samples.fctu(), "fctu", "Fin de contrat (FCTU)"),
        (samples.mensuelle(kind="02"), "dsn", "DSN mensuelle néant, 10/2026"),
        (samples.mensuelle(kind="03"), "dsn", "DSN mensuelle, annule et remplace, 10/2026"),
        (samples.mensuelle(fraction="23"), "dsn", "DSN mensuelle normale, 10/2026, fraction 2/3"),
        (samples.mensuelle(test=True), "dsn", "DSN mensuelle normale, 10/2026, essai"),
        (
            samples.several(samples.mensuelle(), samples.mensuelle()),
            "dsn",
            "2 déclarations, la première : DSN mensuelle normale, 10/2026",
        ),
        (samples.arret().replace(b"05.001,'04'", b"05.001,'10'"), "dpae", None),
        (samples.mensuelle().replace(b"05.001,'01'", b"05.001,'77'"), "dsn", "DSN"),
    ],
)
def test_each_nature_has_its_module_and_its_name(
    payload: bytes, module: str, label: str | None
) -> None:
    found = recognised(payload)
    assert found.module == module
    assert label is None or found.label == label


def test_a_signalement_belongs_to_the_month_of_its_event_else_of_its_file() -> None:
    leave = samples.arret(last_day=date(2026, 8, 31))
    assert recognised(leave).period == "2026-08"
    back = samples.reprise(last_day=date(2026, 8, 31), back_on=date(2026, 9, 2))
    assert recognised(back).period == "2026-09"
    assert recognised(samples.fctu(end=date(2026, 7, 15))).period == "2026-07"
    without = leave.replace(b"S21.G00.60.002,'31082026'\r\n", b"")
    assert recognised(without.replace(b"05.007,'31082026'", b"05.007,'01092026'")).period == (
        "2026-09"
    )


def test_the_sender_stands_in_for_an_employer_that_cannot_be_read() -> None:
    siret = samples.siret(7)
    found = recognised(samples.mensuelle(siret=siret).replace(b"S21.G00.06.001,", b"S21.G00.06.0"))
    assert (found.issuer, found.company) == (siret, siret[:9])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_a_wrong_encoding_is_still_recognised(encoding: str) -> None:
    payload = samples.mensuelle().decode("latin-1").encode(encoding)
    assert recognised(payload) == recognised(samples.mensuelle())


def test_a_truncated_file_is_still_recognised() -> None:
    whole = samples.mensuelle()
    found = recognised(whole[: len(whole) // 3])
    assert found.period == "2026-10"
    assert recognised(whole[:40]).declarations == 0


@pytest.mark.parametrize("payload", [b"", b"nom;prenom\n", b"<xml/>", b"%PDF-1.7\n", b"\x1f\x8b"])
def test_another_file_is_left_to_others(payload: bytes) -> None:
    assert DsnFormat().recognise("x.dsn", payload) is None


@given(st.data())
def test_damage_never_raises_and_nothing_unprintable_gets_out(data: st.DataObject) -> None:
    payload = bytearray(samples.arret())
    for _number in range(data.draw(st.integers(1, 30))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    found = DsnFormat().recognise("x.dsn", bytes(payload))
    if found is not None:
        facts = [found.issuer, found.period, found.order, found.label, *found.identity.values()]
        assert all(fact.isprintable() and len(fact) <= 160 for fact in facts)


def test_an_endless_value_is_not_kept() -> None:
    payload = samples.mensuelle().replace(b"'VGM-01-1'", b"'" + b"9" * 100_000 + b"'")
    assert len(recognised(payload).identity["business_id"]) <= 60


def test_the_people_of_a_declaration_are_named_in_its_order() -> None:
    payload = samples.mensuelle(employees=3)
    people = list(DsnFormat().people(payload))
    assert len(people) == 3
    assert all(person["family_name"] and person["given_names"] for person in people)
    assert people[1]["matricule"] == "M00002"
    assert list(DsnFormat().people(b"nothing")) == []
