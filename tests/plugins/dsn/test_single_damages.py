"""Every single damage to a valid file is found, blocks, and is told where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache, partial

import pytest
from plugins.dsn.mutations import SPOILERS, Damage, Sample, spoilt

from plugins.dsn import mutations
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
}


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
