"""A deposit whose outcome is unknown is looked up, and never sent again before that is settled."""

from __future__ import annotations

from datetime import datetime

import trio
from support.desk import Desk, once
from support.platform import Platform, accept

from vaguemestre.api import (
    Order,
    OutcomeUnknown,
    Receipt,
    Unknown,
)
from vaguemestre.lifecycle import Event
from vaguemestre.store import deposits


async def test_after_a_lost_answer_the_deposit_is_found_and_not_sent_again(
    office: Desk,
) -> None:
    async def lose(platform: Platform, order: Order) -> Receipt:
        platform.record(order)
        raise OutcomeUnknown("lost")

    office.platform.behaviour = once(lose)
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "deposited")
    assert office.row(deposit)["reference"] == "F0001"
    assert len(office.platform.ledger) == 1


async def test_what_is_not_there_after_a_lost_answer_is_sent_once_more(office: Desk) -> None:
    async def swallow(platform: Platform, order: Order) -> Receipt:
        raise OutcomeUnknown("lost")

    office.platform.behaviour = once(swallow)
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "deposited")
    assert len(office.platform.ledger) == 1


async def test_a_doubt_is_never_settled_at_another_place_than_it_was_sent_to(
    office: Desk,
) -> None:
    deposit = office.ready()
    claimed = office.store.write_now(lambda s: deposits.claim(s, "p", 1, "there.example"))
    assert [order.deposit for order in claimed] == [deposit]
    async with office.at_work():
        while f"doubt:{deposit}" not in office.titles():
            await trio.testing.wait_all_tasks_blocked(0.01)
    assert office.row(deposit)["state"] == "in_doubt"
    assert "there.example" in str(office.row(deposit)["message"])
    assert office.platform.asked == office.platform.ledger == []


async def test_absence_does_not_count_before_the_settling_time(office: Desk) -> None:
    async def swallow(platform: Platform, order: Order) -> Receipt:
        raise OutcomeUnknown("lost")

    office.platform.settling_seconds = 3600
    office.platform.behaviour = once(swallow)
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "in_doubt")
        while not any(c.event == "still_unknown" for c in office.changes):
            await trio.testing.wait_all_tasks_blocked(0.01)
    assert office.row(deposit)["state"] == "in_doubt"
    assert office.platform.ledger == []


async def test_two_candidates_wait_for_a_person(office: Desk) -> None:
    async def twice(platform: Platform, order: Order) -> Receipt:
        platform.record(order)
        platform.record(order)
        raise OutcomeUnknown("lost")

    office.platform.behaviour = once(twice)
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "in_doubt")
        while f"doubt:{deposit}" not in office.titles():
            await trio.testing.wait_all_tasks_blocked(0.01)
        office.store.write_now(
            lambda s: deposits.settle_deposited(
                s, deposit, Event.SETTLE_DEPOSITED, "F0002", None, by="test"
            )
        )
    assert office.row(deposit)["reference"] == "F0002"
    assert len(office.platform.ledger) == 2


async def test_an_unexpected_failure_of_an_adapter_counts_as_unknown(office: Desk) -> None:
    async def crash(platform: Platform, order: Order) -> Receipt:
        platform.record(order)
        raise ZeroDivisionError

    office.platform.behaviour = once(crash)
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "deposited")
    assert len(office.platform.ledger) == 1


async def test_a_stop_in_the_middle_of_a_deposit_is_looked_up_at_the_next_start(
    office: Desk,
) -> None:
    recorded = trio.Event()

    async def hang(platform: Platform, order: Order) -> Receipt:
        platform.record(order)
        recorded.set()
        await trio.sleep_forever()
        raise AssertionError

    office.platform.behaviour = once(hang)
    deposit = office.ready()
    async with office.at_work():
        await recorded.wait()
    assert office.row(deposit)["state"] == "in_doubt"
    async with office.at_work():
        await office.until(deposit, "deposited")
    assert len(office.platform.ledger) == 1


async def test_an_answer_with_the_reference_of_another_deposit_is_in_doubt(
    office: Desk,
) -> None:
    async def echo(platform: Platform, order: Order) -> Receipt:
        platform.record(order)
        return Receipt(reference="F0001")

    office.platform.behaviour = accept
    first = office.ready("a")
    async with office.at_work():
        await office.until(first, "deposited")
        office.platform.behaviour = once(echo)
        second = office.ready("b")
        await office.until(second, "deposited")
    assert office.row(second)["reference"] == "F0002"
    assert len(office.platform.ledger) == 2


async def test_all_deposits_in_doubt_on_an_account_are_told_of_each_other(
    office: Desk,
) -> None:
    both = trio.Event()

    async def lose(platform: Platform, order: Order) -> Receipt:
        platform.record(order)
        if len(platform.ledger) == 2:
            both.set()
        await both.wait()
        raise OutcomeUnknown("lost")

    office.platform.behaviour = lose
    first, second = office.ready("a"), office.ready("b")
    async with office.at_work():
        await office.until(first, "deposited")
        await office.until(second, "deposited")
    assert {o.deposit: [r.deposit for r in o.rivals] for o in office.platform.asked}.get(first) == [
        second
    ]
    assert len(office.platform.ledger) == 2


async def test_a_person_is_not_asked_before_the_platform_had_its_time(office: Desk) -> None:
    async def lose(platform: Platform, order: Order) -> Receipt:
        raise OutcomeUnknown("lost")

    async def cannot_say(order: Order, since: datetime) -> Unknown:
        return Unknown(message="not yet")

    office.platform.behaviour = lose
    office.platform.look_up = cannot_say
    deposit = office.ready()
    async with office.at_work():
        while not any(c.event == "still_unknown" for c in office.changes):
            await trio.testing.wait_all_tasks_blocked(0.01)
    assert f"doubt:{deposit}" not in office.titles()
