"""How a fault is written, and how often it strikes."""

from __future__ import annotations

import pytest

from vaguemestre_net_entreprises.simulator.faults import NAMES, FaultError, Faults, parse


def struck(seed: int, spec: str) -> list[bool]:
    faults = Faults(seed)
    faults.add(spec)
    return [faults.strike("deposit") is not None for _ in range(400)]


def test_chance_is_as_likely_as_told_and_the_same_for_a_seed() -> None:
    found = struck(7, "late@0.25")
    assert found == struck(7, "late@0.25")
    assert found != struck(8, "late@0.25")
    assert 60 <= sum(found) <= 140
    assert all(struck(7, "late@1"))


def test_a_fault_of_chance_leaves_room_for_the_next_one() -> None:
    faults = Faults(0)
    faults.add("late@0.5", "status=500@1")
    found = {fault.name for _ in range(100) if (fault := faults.strike("deposit"))}
    assert found == {"late", "status"}


@pytest.mark.parametrize("name", NAMES)
def test_every_name_strikes_a_deposit_once_without_more_words(name: str) -> None:
    fault = parse(name + "=500" if name == "status" else name)
    assert (fault.name, fault.call, fault.left, fault.probability) == (name, "deposit", 1, 0)


def test_a_fault_in_full() -> None:
    fault = parse("status=429:call=auth:effect=yes*12")
    assert (fault.value, fault.call, fault.effect, fault.left) == ("429", "auth", True, 12)
    fault = parse("late:seconds=2.5:call=download@0.5")
    assert (fault.call, fault.seconds(9), fault.probability) == ("download", 2.5, 0.5)
    assert parse("late").seconds(9) == 9


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "unknown",
        "Answer-Lost",
        "answer-lost ",
        "status",
        "status=",
        "status=yes",
        "status=199",
        "status=600",
        "status=٥٠٠",
        "answer-lost=3",
        "answer-lost*0",
        "answer-lost*",
        "answer-lost*-1",
        "answer-lost*two",
        "answer-lost@0",
        "answer-lost@0.0",
        "answer-lost@1.5",
        "answer-lost@.5",
        "answer-lost@0.1.2",
        "answer-lost*2@0.5",
        "answer-lost:call",
        "answer-lost:call=",
        "answer-lost:call=all",
        "answer-lost:effect=no",
        "answer-lost:seconds=1",
        "answer-lost:times=2",
        "late:effect=no",
        "late:seconds=-1",
        "late:seconds=nan",
        "late:seconds=long",
        "status=500:effect=maybe",
        "status=500:seconds=1",
        "list-late:call=depots",
        "overwrite:call=retours",
    ],
)
def test_what_is_no_fault_is_refused_by_its_own_words(spec: str) -> None:
    with pytest.raises(FaultError) as raised:
        parse(spec)
    assert repr(spec) in str(raised.value)
