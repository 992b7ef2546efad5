"""Every single damage to a valid file is found, blocks, and is told where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache, partial

import pytest
from plugins.dsn.editing import edited
from plugins.dsn.mutations import SPOILERS, Damage, Sample, spoilt

from plugins.dsn import mutations, mutations_blocks
from vaguemestre.api import Finding, Severity
from vaguemestre_dsn import samples
from vaguemestre_dsn.autocontrol import check

#: The day on which the files are controlled.
TODAY = date(2026, 11, 23)
SAMPLES: dict[str, Callable[[], bytes]] = {
    "mensuelle": samples.mensuelle,
    "neant": lambda: samples.mensuelle(kind="02"),
    "many": lambda: samples.mensuelle(employees=12),
    "arret": samples.arret,
    "reprise": samples.reprise,
    "fctu": samples.fctu,
    "amorcage": samples.amorcage,
    "full": samples.full,
    "full_fctu": samples.full_fctu,
    "full_amorcage": samples.full_amorcage,
}
FAMILIES: dict[str, Callable[[Sample], Iterable[Damage]]] = {
    **{name: partial(spoilt, name=name, spoil=spoil) for name, spoil in SPOILERS.items()},
    "left out": mutations.missing,
    "unreadable": mutations.unreadable,
    "inserted": mutations.inserted,
    "in the wrong order": mutations.swapped,
    **mutations_blocks.FAMILIES,
}

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


@cache
def sample(name: str) -> Sample:
    return Sample(SAMPLES[name](), late=name == "many")


def misses(damages: Iterable[Damage]) -> Iterator[str]:
    """The damages that are not found as they should be, and what was found."""
    for damage in damages:
        findings = check(damage.payload, TODAY)
        if not any(finds(finding, damage) for finding in findings):
            found = ", ".join(f"{f.code} at {f.lines} {f.severity.name}" for f in findings)
            yield f"{damage.kind}, line {damage.line}: {found or 'nothing'}"


def finds(finding: Finding, damage: Damage) -> bool:
    """Whether a finding blocks, and is about what was damaged."""
    right = any(
        where in (finding.code, finding.rubrique, finding.code[:10]) for where in damage.where
    )
    there = not damage.line or damage.line in finding.lines
    return finding.severity is Severity.BLOCKING and right and there


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", SAMPLES)
def test_every_damage_blocks_where_it_was_made(name: str, family: str) -> None:
    missed = list(misses(FAMILIES[family](sample(name))))
    assert not missed, "\n".join([f"{len(missed)} damages are not found:", *missed])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_undamaged_file_has_no_finding(name: str) -> None:
    assert check(sample(name).payload, TODAY) == []
    assert mutations.written(sample(name).lines) == sample(name).payload


@pytest.mark.parametrize(("name", "edits", "on"), BY_HAND)
def test_a_wrong_key_or_reference_blocks(name: str, edits: str, on: str) -> None:
    findings = check(edited(SAMPLES[name](), edits), TODAY)
    blocking = [f for f in findings if f.severity is Severity.BLOCKING]
    assert any(f.code.startswith(on) or f.rubrique.startswith(on) for f in blocking)


def test_there_are_thousands_of_kinds_of_damage() -> None:
    kinds = {d.kind for name in SAMPLES for make in FAMILIES.values() for d in make(sample(name))}
    assert len(kinds) > 3000
