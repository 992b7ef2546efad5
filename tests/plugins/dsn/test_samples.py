"""Every sample conforms to the norm's tables, rubrique by rubrique and block by block."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.fr import siret

from vaguemestre_dsn import samples
from vaguemestre_dsn.autocontrol import check

NORM = Path(__file__).resolve().parents[4] / "shared" / "reference" / "norme"

SAMPLES = {
    "mensuelle": samples.mensuelle(employees=3),
    "mensuelle, one fraction": samples.mensuelle(fraction="12", seed=3),
    "mensuelle, néant": samples.mensuelle(kind="02"),
    "mensuelle, annule et remplace": samples.mensuelle(kind="03", order=2),
    "mensuelle, essai": samples.mensuelle(test=True),
    "arrêt": samples.arret(),
    "arrêt, annule et remplace": samples.arret(kind="03", replaces="141020261", order=2),
    "reprise": samples.reprise(),
    "fctu": samples.fctu(),
    "fctu, annule": samples.fctu(kind="04", replaces="311020261", order=2),
    "arrêt, longest order number": samples.arret(order=10**15 - 1),
    "mensuelle, 8 kB": samples.mensuelle(size=8000),
    "arrêt, 8 kB": samples.arret(size=8000),
    "fctu, 8 kB": samples.fctu(size=8000),
}


def rows(content: bytes) -> Iterator[tuple[str, str]]:
    for line in content.decode("latin-1").splitlines():
        code, _, value = line.partition(",")
        yield code, value[1:-1]


def table(name: str) -> list[dict[str, str]]:
    if not NORM.is_dir():
        pytest.skip("the tables of the norm are not here")
    with (NORM / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


@pytest.mark.parametrize("name", SAMPLES)
def test_our_own_control_finds_nothing(name: str) -> None:
    assert check(SAMPLES[name]) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_each_value_has_the_length_the_form_and_the_code_of_the_norm(name: str) -> None:
    norm = {r["rubrique"]: r for r in table("rubriques-P26V01.tsv")}
    for code, value in rows(SAMPLES[name]):
        rule = norm[code]
        assert int(rule["min"]) <= len(value) <= int(rule["max"]), (code, value)
        if rule["regex"]:
            assert re.fullmatch(rule["regex"], value), (code, value, rule["regex"])
        if rule["codes"]:
            assert value in rule["codes"].split("|"), (code, value)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_block_has_what_is_mandatory_and_nothing_forbidden(name: str) -> None:
    content = list(rows(SAMPLES[name]))
    nature = dict(content)["S20.G00.05.001"]
    norm = table("rubriques-P26V01.tsv")
    usage = {r["rubrique"]: r[f"u{nature}"] for r in norm}
    for block, there in blocks(content):
        needed = {c for c, u in usage.items() if u == "O" and c.startswith(block)}
        assert needed <= there, (block, needed - there)
        for code in there:
            assert usage[code] not in ("I", "N"), (code, usage[code])


@pytest.mark.parametrize("name", SAMPLES)
def test_blocks_stand_in_the_order_of_the_tree_under_their_parents(name: str) -> None:
    content = list(rows(SAMPLES[name]))
    nature = dict(content)["S20.G00.05.001"]
    tree = {r["bloc"]: r for r in table("arbres.tsv") if r["nature"] == nature}
    rank = {block: int(r["rang"]) for block, r in tree.items()}
    last: dict[str, str] = {}
    for block, _there in blocks(content):
        if block.startswith(("S10.", "S90.", "S20.G00.05")):
            last = {"S20.G00.05": block}
            continue
        parent = tree[block]["parent"]
        assert parent in last, (block, parent)
        before = last.get(f"child of {parent}")
        assert before is None or rank[before] <= rank[block], (before, block)
        last = {k: v for k, v in last.items() if not k.startswith("child of ") or k[9:] in last}
        for below in [b for b in last if b in rank and rank[b] > rank[block]]:
            last.pop(below)
            last.pop(f"child of {below}", None)
        last[f"child of {parent}"] = block
        last[block] = block
        last.pop(f"child of {block}", None)


@pytest.mark.parametrize("name", [n for n in SAMPLES if n != "mensuelle, néant"])
def test_mandatory_blocks_are_there(name: str) -> None:
    content = list(rows(SAMPLES[name]))
    values = dict(content)
    nature = values["S20.G00.05.001"]
    found = [block for block, _there in blocks(content)]
    for rule in table("arbres.tsv"):
        if rule["nature"] != nature:
            continue
        parents = 1 if rule["parent"] == "S20.G00.05" else found.count(rule["parent"])
        count = found.count(rule["bloc"])
        assert count >= int(rule["min"]) * parents, rule
        assert rule["max"] == "*" or count <= int(rule["max"]) * parents, rule


def blocks(content: list[tuple[str, str]]) -> Iterator[tuple[str, set[str]]]:
    """Each occurrence of a block with the rubriques that it has, which ascend."""
    block, there, previous = "", set[str](), ""
    for code, _value in content:
        if code[:10] != block or code <= previous:
            if block:
                yield block, there
            block, there = code[:10], set()
        there.add(code)
        previous = code
    yield block, there


MONTHS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(
    month=MONTHS.map(lambda d: f"{d:%Y-%m}"),
    employees=st.integers(1, 5),
    kind=st.sampled_from(["01", "02", "03", "05"]),
    fraction=st.sampled_from(["11", "12", "22", "99"]),
    order=st.integers(0, 10**15 - 1),
    test=st.booleans(),
    seed=st.integers(),
)
def test_any_mensuelle_passes_the_control(**arguments: Any) -> None:
    assert check(samples.mensuelle(**arguments)) == []


@given(day=MONTHS, order=st.integers(0, 10**15 - 1), test=st.booleans(), seed=st.integers())
def test_any_signalement_passes_the_control(day: date, **more: Any) -> None:
    assert check(samples.arret(last_day=day, **more)) == []
    assert check(samples.reprise(last_day=day, back_on=day + timedelta(days=9), **more)) == []
    assert check(samples.fctu(end=day, **more)) == []


@given(seed=st.integers())
def test_people_agree_with_themselves(seed: int) -> None:
    content = samples.mensuelle(employees=30, seed=seed)
    people = individuals(content)
    assert len({person["S21.G00.30.001"] for person in people}) == 30
    for person in people:
        nir, born = person["S21.G00.30.001"], person["S21.G00.30.006"]
        assert nir[0] == person["S21.G00.30.005"][1]
        assert (nir[1:3], nir[3:5], nir[5:7]) == (born[6:], born[2:4], person["S21.G00.30.014"])
        hired = person["S21.G00.40.001"]
        assert hired[4:] > born[4:]
        # What hangs on a contract names it.
        for code in ("S21.G00.51.010", "S21.G00.86.005"):
            assert person[code] == person["S21.G00.40.009"]
        net, rate, tax = (float(person[f"S21.G00.50.{n}"]) for n in ("013", "006", "009"))
        assert abs(net * rate / 100 - tax) <= 1


def test_every_employee_has_what_the_coherence_of_the_norm_wants() -> None:
    for content in (samples.mensuelle(employees=3), samples.fctu()):
        kinds: dict[str, set[str]] = {}
        for code, value in rows(content):
            kinds.setdefault(code, set()).add(value)
        assert kinds["S21.G00.51.011"] >= {"001", "002", "010"}
        assert kinds["S21.G00.86.001"] == {"07"}
        assert "03" in kinds["S21.G00.78.001"]
    # Each insurance affiliation has its base, with one contribution; net social is told.
    monthly = list(rows(samples.mensuelle(employees=3)))
    assert monthly.count(("S21.G00.70.013", "1")) == 3
    assert monthly.count(("S21.G00.78.001", "31")) == 3
    assert monthly.count(("S21.G00.81.001", "059")) == 3
    assert monthly.count(("S21.G00.58.003", "03")) == 3


def test_a_wanted_size_is_met_about() -> None:
    for make in (samples.mensuelle, samples.arret, samples.reprise, samples.fctu):
        payload = make(size=8_000)
        assert 6_500 < len(payload) < 11_000
        assert check(payload) == []


def individuals(content: bytes) -> list[dict[str, str]]:
    """The rubriques of each employee; of what repeats, the first."""
    people: list[dict[str, str]] = []
    for code, value in rows(content):
        if code == "S21.G00.30.001":
            people.append({})
        if people and code.startswith("S21."):
            people[-1].setdefault(code, value)
    return people


def test_siret_numbers_are_right_and_differ() -> None:
    made = {samples.siret(n) for n in range(500)}
    assert len(made) == 500
    assert all(siret.is_valid(number) for number in made)
    assert siret.is_valid(samples.SIRET)


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert samples.mensuelle(seed=4) == samples.mensuelle(seed=4)
    assert samples.mensuelle(seed=4) != samples.mensuelle(seed=5)
