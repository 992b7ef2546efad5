"""What a user can rely on between ready and deposited, whatever the platform does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import trio
from support.desk import ACCOUNT, Desk, once
from support.platform import Platform, accept

from vaguemestre.account import Account
from vaguemestre.api import (
    CredentialRefused,
    Finding,
    HandedOver,
    NoEffect,
    Order,
    OutcomeUnknown,
    Receipt,
    Refusal,
    Severity,
)
from vaguemestre.decisions import settle_absent, settle_deposited
from vaguemestre.lanes import BREAKER_FAILURES


async def test_a_ready_deposit_is_deposited_with_its_reference(office: Desk) -> None:
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "deposited")
    assert office.row(deposit)["reference"] == "F0001"
    assert len(office.platform.ledger) == 1


async def test_a_file_for_a_person_waits_and_is_told_and_is_no_failure_of_the_platform(
    office: Desk,
) -> None:
    async def lay_ready(platform: Platform, order: Order) -> HandedOver:
        return HandedOver(message="Déposez-le.", evidence={"folder": "x"})

    office.platform.behaviour = lay_ready
    numbers = [office.ready(str(n)) for n in range(BREAKER_FAILURES + 1)]
    async with office.at_work():
        for number in numbers:
            await office.until(number, "handed_over")
    assert office.row(numbers[0])["message"] == "Déposez-le."
    assert f"by-hand:{numbers[0]}" in office.titles()


async def test_files_that_wait_are_cleared_only_once_a_person_said_what_became_of_them(
    office: Desk,
) -> None:
    async def lay_ready(platform: Platform, order: Order) -> HandedOver:
        return HandedOver(message="Déposez-le.")

    cleared: list[tuple[int, str]] = []

    async def waiting() -> list[tuple[int, str]]:
        others = [(number, "0" * 64) for number in numbers]  # of another deployment
        return [*others, *((n, str(office.row(n)["sha256"])) for n in numbers), (999, "f" * 64)]

    async def over(deposits: Sequence[tuple[int, str]]) -> None:
        cleared.extend(deposits)

    office.platform.behaviour = lay_ready
    office.platform.waiting = waiting  # type: ignore[method-assign]
    office.platform.over = over  # type: ignore[method-assign]
    numbers = [office.ready("a"), office.ready("b"), office.ready("c")]
    async with office.at_work():
        for number in numbers:
            await office.until(number, "handed_over")
        await office.collector.collect()
        assert cleared == []
        office.store.write_now(lambda s: settle_deposited(s, numbers[0], "F7", by="x"))
        office.store.write_now(lambda s: settle_absent(s, numbers[1], by="x", withdraw=True))
        await office.collector.collect()
    assert cleared == [(n, str(office.row(n)["sha256"])) for n in numbers[:2]]


async def test_after_an_interruption_the_file_is_found_to_lie_ready(office: Desk) -> None:
    async def lose(platform: Platform, order: Order) -> Receipt:
        raise OutcomeUnknown("lost")

    async def lies_ready(order: Order, since: datetime) -> HandedOver:
        return HandedOver(message="Déposez-le.")

    office.platform.behaviour = lose
    office.platform.look_up = lies_ready  # type: ignore[method-assign]
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "handed_over")
    assert f"by-hand:{deposit}" in office.titles()


async def test_no_effect_is_tried_again_later(office: Desk) -> None:
    async def busy(platform: Platform, order: Order) -> Receipt:
        raise NoEffect("busy", retry_after=0.05)

    office.platform.behaviour = once(busy)
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "deposited")
    assert len(office.platform.ledger) == 1


async def test_what_cannot_help_fails_visibly(office: Desk) -> None:
    async def never(platform: Platform, order: Order) -> Receipt:
        raise NoEffect("wrong media type", permanent=True)

    office.platform.behaviour = never
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "failed")
    assert office.row(deposit)["message"] == "wrong media type"
    assert f"failed:{deposit}" in office.titles()


async def test_a_refusal_keeps_its_findings_and_is_told(office: Desk) -> None:
    finding = Finding(severity=Severity.BLOCKING, code="B1-105-15", message="format")

    async def refuse(platform: Platform, order: Order) -> Refusal:
        return Refusal(message="refused", findings=(finding,))

    office.platform.behaviour = refuse
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "refused")
    rows = office.store.read_now(
        lambda s: list(s.sql.findings_of_deposit(s.connection, deposit_id=deposit))
    )
    assert [r["code"] for r in rows] == ["B1-105-15"]
    assert f"refused:{deposit}" in office.titles()


async def test_a_refused_credential_stops_its_account_after_one_try(office: Desk) -> None:
    tries = []

    async def wrong_password(platform: Platform, order: Order) -> Receipt:
        tries.append(order.deposit)
        raise CredentialRefused("wrong password")

    office.lane._concurrency = 1
    office.platform.behaviour = wrong_password
    first, second = office.ready("a"), office.ready("b")
    async with office.at_work():
        while f"credential:{ACCOUNT}" not in office.titles():
            await trio.testing.wait_all_tasks_blocked(0.01)
        await office.until(first, "ready")
        await trio.testing.wait_all_tasks_blocked(0.05)
    assert tries == [first]
    assert office.row(second)["state"] == "ready"
    again = Account(ACCOUNT, office.store, "edition 1")
    await again.restore()
    assert again.suspended
    changed = Account(ACCOUNT, office.store, "edition 2")
    await changed.restore()
    assert not changed.suspended


async def test_the_breaker_stops_a_lane_whose_platform_is_unwell(office: Desk) -> None:
    tries = []

    async def down(platform: Platform, order: Order) -> Receipt:
        tries.append(order.deposit)
        raise NoEffect("down", retry_after=0.01)

    office.lane._concurrency = 1
    office.platform.behaviour = down
    deposit = office.ready()
    async with office.at_work():
        while "breaker:p" not in office.titles():
            await trio.testing.wait_all_tasks_blocked(0.01)
        await trio.testing.wait_all_tasks_blocked(0.1)
        assert len(tries) == BREAKER_FAILURES
        office.platform.behaviour = accept
        await office.lane.send_now()
        await office.until(deposit, "deposited")


async def test_what_falls_due_while_the_lane_looks_away_is_not_forgotten(
    office: Desk,
) -> None:
    tries = 0

    async def busy(platform: Platform, order: Order) -> Receipt:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise NoEffect("busy", retry_after=1e-6)  # due again before the lane has looked
        return await accept(platform, order)

    office.platform.behaviour = busy
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "deposited")
    assert tries == 4


async def test_a_platform_that_rests_is_not_taken_for_unwell(office: Desk) -> None:
    tries = 0

    async def rest(platform: Platform, order: Order) -> Receipt:
        nonlocal tries
        tries += 1
        if tries <= 2 * BREAKER_FAILURES:
            raise NoEffect("resting", retry_after=1e-6, resting=True)
        return await accept(platform, order)

    office.platform.behaviour = rest
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "deposited")
    assert "breaker:p" not in office.titles()


async def test_a_person_who_asks_for_sending_does_not_wait_for_the_next_try(office: Desk) -> None:
    async def rest(platform: Platform, order: Order) -> Receipt:
        raise NoEffect("resting until tomorrow", retry_after=36_000, resting=True)

    office.platform.behaviour = rest
    deposit = office.ready()
    async with office.at_work():
        while not any(c.event == "no_effect" for c in office.changes):
            await trio.testing.wait_all_tasks_blocked(0.01)
        office.platform.behaviour = accept
        await office.lane.send_now()
        await office.until(deposit, "deposited")
