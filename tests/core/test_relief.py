"""Whoever waits for something is told when it is there, and still decides himself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.counter import Counter, card

from vaguemestre.lifecycle import Event
from vaguemestre.locale import set_language
from vaguemestre.relief import Relief

SENT = "attempt receipt"


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    made = Counter(tmp_path)
    yield made
    made.store.close()
    set_language("fr")


async def relieved(counter: Counter, deposit: int) -> bool:
    """Whether a look says that the deposit need not wait, in its line, journal and notice alike."""
    before = len(counter.notices())
    await Relief(counter.store).look()
    new = counter.notices()[before:]
    shown = counter.show(deposit)
    assert (shown["state"], shown["chain"]["intact"]) == ("held", True)
    said = "Nothing stands against it any more" in shown["message"]
    assert said is (shown["events"][-1]["kind"] == "cleared")
    assert new in ([], [f"{shown['name']} need not wait any more"])
    assert said or not new
    return bool(new)


@pytest.mark.parametrize("event", [Event.REPORT_KO, Event.CERTIFICATE])
async def test_a_duplicate_is_relieved_when_the_other_one_is_refused(
    counter: Counter, event: Event
) -> None:
    first = await counter.drop(card("a"), then=SENT)
    second = await counter.drop(card("a", order="2"))
    assert not await relieved(counter, second)
    counter.happen(first, event)
    assert await relieved(counter, second) is (event is Event.REPORT_KO)
    if event is Event.REPORT_KO:
        assert counter.codes(second) == []
        assert not await relieved(counter, second), "once is enough"
        assert await counter.decide(second, Event.RELEASE) == "ready"
        assert counter.show(second)["replaces"] == first


async def test_a_replacement_is_relieved_when_its_original_is_certified(counter: Counter) -> None:
    first = await counter.drop(card("a", rank=1), then=SENT)
    second = await counter.drop(card("a", replaces=["a"], rank=2))
    assert not await relieved(counter, second)
    counter.happen(first, Event.CERTIFICATE)
    assert await relieved(counter, second)
    assert await counter.decide(second, Event.RELEASE) == "ready"


async def test_a_duplicate_is_relieved_only_when_all_others_are_gone(counter: Counter) -> None:
    first = await counter.drop(card("a"))
    second = await counter.drop(card("a", order="2"))
    third = await counter.drop(card("a", order="3"))
    counter.happen(first, Event.WITHDRAW)
    assert await relieved(counter, second)
    assert "Possible duplicate" in counter.show(third)["message"]
    counter.happen(second, Event.WITHDRAW)
    assert await relieved(counter, third)


async def test_what_was_relieved_is_compared_again_at_its_release(counter: Counter) -> None:
    first = await counter.drop(card("a"), then=SENT)
    second = await counter.drop(card("a", order="2"))
    counter.happen(first, Event.REPORT_KO)
    assert await relieved(counter, second)
    third = await counter.drop(card("a", order="3"), "rh")
    assert await counter.decide(third, Event.RELEASE) == "ready"
    assert await counter.decide(second, Event.RELEASE) == "held"
    assert f"deposit {third} (" in counter.show(second)["message"]


async def test_other_findings_stay(counter: Counter) -> None:
    first = await counter.drop(card("a"), then=SENT)
    counter.warns_of = "2"
    second = await counter.drop(card("a", order="2"))
    assert sorted(counter.codes(second)) == ["deposit/duplicate", "objection"]
    counter.happen(first, Event.REPORT_KO)
    assert await relieved(counter, second)
    assert counter.codes(second) == ["objection"]
