"""Mutation proof: every kind of single damage to a valid file is found, where it was done.

The damages are made by the norm's tables (`damages.py`), for every rubrique and block that the
samples hold; those of keys and references, which tables do not describe, stand here.
"""

from __future__ import annotations

from datetime import date

import pytest
from plugins.dsn.damages import Damage, Sample
from plugins.dsn.editing import edited
from plugins.dsn.test_controls import SAMPLES

from vaguemestre.api import Severity
from vaguemestre_dsn.autocontrol import check

TODAY = date(2026, 11, 23)
#: Keys and references: sample, change, where it is found.
BY_HAND = [
    ("mensuelle", "06.001=999999989", "S21.G00.06.001"),
    ("mensuelle", "06.002=00020", "S21.G00.06.002"),
    ("mensuelle", "11.001=00020", "S21.G00.11.001"),
    ("mensuelle", "01.001=999999989", "S10.G00.01.001"),
    ("mensuelle", "01.002=00020", "S10.G00.01.002"),
    ("full", "20.004=FR7630006000011234567890180", "S21.G00.20.004"),
    ("full", "20.004=FR0630006000011234567890188", "S21.G00.20.004"),
    ("full_amorcage", "12.003=FR7630006000011234567890180", "S21.G00.12.003"),
    ("full", "30.001#2=1800575001001", "S21.G00.30.001"),
    ("full", "30.001=1810575001001", "S21.G00.30.006"),
    ("full", "-30.001; 30.020=3999999998A", "S21.G00.30.020"),
    ("full", "-30.001", "S21.G00.30.020"),
    ("full", "40.009#2=00001", "S21.G00.51"),
    ("mensuelle", "51.010=99999", "S21.G00.51.010"),
    ("full", "52.006=99999", "S21.G00.52.006"),
    ("full", "54.005=99999", "S21.G00.54.005"),
    ("full", "34.002=99999", "S21.G00.34.002"),
    ("mensuelle", "70.013=9", "S21.G00.70.013"),
    ("full", "78.005=9", "S21.G00.78.005"),
    ("full", "15.005=9", "S21.G00.70.013"),
    ("full", "*15", "S21.G00.15.005"),
    ("full", "40.019#2=LIEU-9", "S21.G00.40.019"),
    ("full", "-85", "S21.G00.40.019"),
    ("fctu", "62.006=31122026", "S21.G00.62.006"),
    ("fctu", "63.003=01012020", "S21.G00.63.003"),
    ("arret", "60.003=01012020", "S21.G00.60.002"),
    ("mensuelle", "50.009=1.00", "S21.G00.50.009"),
    ("mensuelle", "51.002=01012020", "S21.G00.51.002"),
    ("mensuelle", "78.003=01012020", "S21.G00.78.003"),
    ("neant", "00.008=01", "S10.G00.00.008"),
    ("mensuelle", "05.003=21", "S20.G00.05.003"),
    ("arret", "05.003=12", "S20.G00.05.003"),
    ("arret", "05.002=02", "S20.G00.05.002"),
    ("mensuelle", "05.008=02", "S20.G00.05.008"),
]


def found(payload: bytes, on: str) -> bool:
    """Whether something that blocks is found there."""
    return any(
        finding.severity is Severity.BLOCKING
        and (finding.code.startswith(on) or finding.rubrique.startswith(on))
        for finding in check(payload, TODAY)
    )


def damages(name: str) -> list[Damage]:
    return list(Sample(SAMPLES[name]()).damages())


@pytest.mark.parametrize("name", SAMPLES)
def test_every_single_damage_is_found_where_it_was_done(name: str) -> None:
    assert check(SAMPLES[name](), TODAY) == []
    missed = [damage.kind for damage in damages(name) if not found(damage.payload, damage.on)]
    assert missed == []


@pytest.mark.parametrize(("name", "edits", "on"), BY_HAND)
def test_a_wrong_key_or_reference_is_found(name: str, edits: str, on: str) -> None:
    assert found(edited(SAMPLES[name](), edits), on)


def test_there_are_hundreds_of_kinds_of_damage() -> None:
    kinds = {damage.kind for name in SAMPLES for damage in damages(name)}
    assert len(kinds) > 3000
    assert len({kind.split(" S")[0] for kind in kinds}) > 25
