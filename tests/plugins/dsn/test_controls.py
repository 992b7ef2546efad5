"""Each control of the norm: a file that breaks it gets its finding, a similar one gets none.

The pairs stand in `controls/*.txt`, a control a line: code, sample, the changes that break it, the
changes that nearly do.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from plugins.dsn.editing import edited

from vaguemestre.api import Severity
from vaguemestre_dsn import samples
from vaguemestre_dsn.autocontrol import check
from vaguemestre_dsn.norm.tables import load

FOLDER = Path(__file__).parent / "controls"
#: The day on which the files are controlled.
TODAY = date(2026, 11, 23)
SAMPLES = {
    "mensuelle": lambda: samples.mensuelle(),
    "neant": lambda: samples.mensuelle(kind="02"),
    "arret": lambda: samples.arret(),
    "reprise": lambda: samples.reprise(),
    "fctu": lambda: samples.fctu(),
    "amorcage": lambda: samples.amorcage(),
    "full": lambda: samples.full(),
    "full_fctu": lambda: samples.full_fctu(),
    "full_amorcage": lambda: samples.full_amorcage(),
}


def pairs() -> Iterator[tuple[str, str, str, str]]:
    for path in sorted(FOLDER.glob("*.txt")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                code, sample, breaks, nearly = (part.strip() for part in line.split(" | "))
                yield code, sample, breaks, nearly


def codes(payload: bytes) -> dict[str, Severity]:
    return {finding.code: finding.severity for finding in check(payload, TODAY)}


@pytest.mark.parametrize(("code", "sample", "breaks", "nearly"), list(pairs()))
def test_a_control_finds_what_breaks_it_and_nothing_else(
    code: str, sample: str, breaks: str, nearly: str
) -> None:
    payload = SAMPLES[sample]()
    found = codes(edited(payload, breaks))
    assert code in found
    if "/SIG" in code:
        assert found[code] is Severity.WARNING
    assert code not in codes(edited(payload, nearly))


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_right_passes_without_a_finding(name: str) -> None:
    assert check(SAMPLES[name](), TODAY) == []


def test_every_control_has_its_pair() -> None:
    shown = {code for code, *_rest in pairs()}
    assert set(load("P25V01").controls) - shown == set()


#: Blocks of a tree that no declaration can have: the only use of S21.G00.12 is for a nature 08, and
#: that is about an employee or about somebody who is none, never both.
IMPOSSIBLE = {"01": {"S21.G00.12"}, "08": {"S89.G00.91"}}


@pytest.mark.parametrize(
    ("name", "nature"), [("full", "01"), ("full_fctu", "07"), ("full_amorcage", "08")]
)
def test_the_rich_samples_hold_every_block(name: str, nature: str) -> None:
    lines = SAMPLES[name]().decode("latin-1").splitlines()
    missing = set(load("P26V01").trees[nature]) - {line[:10] for line in lines}
    assert missing == IMPOSSIBLE.get(nature, set())


@pytest.mark.parametrize("nature", ["01", "04", "05", "07", "08"])
def test_the_samples_hold_every_mandatory_rubrique(nature: str) -> None:
    norm = load("P26V01")
    insured = samples.arret(size=2000), samples.reprise(size=2000)
    texts = [
        payload.decode("latin-1") for payload in (*insured, *(make() for make in SAMPLES.values()))
    ]
    shown = {
        line[:14]
        for text in texts
        if f"S20.G00.05.001,'{nature}'" in text
        for line in text.splitlines()
    }
    mandatory = {
        code
        for block in set(norm.trees[nature]) - IMPOSSIBLE.get(nature, set())
        for code, row in norm.blocks[block].items()
        if row.usage[nature] == "O"
    }
    assert mandatory - shown == set()


def test_a_declaration_of_the_year_before_passes_too() -> None:
    payload = samples.full().replace(b"S10.G00.00.006,'P26V01'", b"S10.G00.00.006,'P25V01'")
    assert check(payload, TODAY) == []
