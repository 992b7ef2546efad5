"""Every sample conforms to the norm's tables, rubrique by rubrique and block by block."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("name", SAMPLES)
def test_mandatory_blocks_are_there(name: str) -> None:
    content = list(rows(SAMPLES[name]))
    values = dict(content)
    nature = values["S20.G00.05.001"]
    if values["S20.G00.05.002"] in ("02", "04", "05"):
        pytest.skip("a declaration without anybody needs less")
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


def test_siret_numbers_are_right_and_differ() -> None:
    from stdnum.fr import siret

    made = {samples.siret(n) for n in range(500)}
    assert len(made) == 500
    assert all(siret.is_valid(number) for number in made)
    assert siret.is_valid(samples.SIRET)


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert samples.mensuelle(seed=4) == samples.mensuelle(seed=4)
    assert samples.mensuelle(seed=4) != samples.mensuelle(seed=5)
