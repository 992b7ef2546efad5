"""What people can rely on when the same content comes again: it is never deposited twice unseen."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from vaguemestre.intake import Intake
from vaguemestre.lifecycle import Event
from vaguemestre.store import journal

Desk = Any


async def test_the_same_content_under_another_name_is_put_aside_and_told(desk: Desk) -> None:
    desk.drop("dsn.txt", "S10")
    await desk.intake.scan()
    desk.drop("copy.txt", "S10")
    report = await desk.intake.scan()
    assert (report.taken, report.duplicates) == (0, 1)
    assert desk.deposits() == {"dsn.txt": b"S10"}
    assert desk.taken() == {"dsn.txt": b"S10"}
    assert desk.duplicates() == {"copy.txt": b"S10"}
    assert desk.events(1) == ["taken", "duplicate"]
    (notice,) = desk.notices()
    assert "copy.txt" in notice
    assert "dsn.txt" in notice
    desk.assert_settled(deposits=1, files=2)


async def test_the_notice_says_what_became_of_the_first(desk: Desk) -> None:
    desk.drop("dsn.txt", "S10")
    await desk.intake.scan()
    desk.store.write_now(lambda s: journal.move(s, 1, Event.HOLD))
    desk.drop("dsn.txt", "S10")
    await desk.intake.scan()
    (notice,) = desk.notices()
    assert "à valider" in notice.lower()


async def test_the_same_file_again_later_is_a_duplicate(desk: Desk) -> None:
    for _ in range(3):
        desk.drop("dsn.txt", "S10")
        await desk.intake.scan()
    assert desk.deposits() == {"dsn.txt": b"S10"}
    assert desk.duplicates() == {"dsn.txt": b"S10", "dsn (2).txt": b"S10"}
    assert desk.events(1) == ["taken", "duplicate", "duplicate"]
    desk.assert_settled(deposits=1, files=3)


async def test_of_two_alike_that_come_together_one_is_the_duplicate(desk: Desk) -> None:
    desk.drop("one.txt", "S10")
    desk.drop("two.txt", "S10")
    report = await desk.intake.scan()
    assert (report.taken, report.duplicates) == (1, 1)
    assert len(desk.deposits()) == len(desk.taken()) == len(desk.duplicates()) == 1
    desk.assert_settled(deposits=1, files=2)


async def test_the_same_content_in_another_outbox_is_a_duplicate(desk: Desk, tmp_path: Any) -> None:
    desk.drop("dsn.txt", "S10")
    await desk.intake.scan()
    second = msgspec.structs.replace(desk.outbox, name="rh", path=tmp_path / "Départ RH")
    other = Intake(desk.store, second, desk.intake._post)
    second.path.mkdir()
    (second.path / "dsn.txt").write_text("S10")
    assert (await other.scan()).duplicates == 1
    desk.assert_settled(deposits=1, files=2)


async def test_the_same_name_with_other_content_is_a_new_deposit(desk: Desk) -> None:
    desk.drop("a.txt", "first")
    await desk.intake.scan()
    desk.drop("a.txt", "second")
    report = await desk.intake.scan()
    assert (report.taken, report.duplicates) == (1, 0)
    assert set(desk.taken().values()) == {b"first", b"second"}
    assert desk.notices() == []
    assert len(desk.rows("SELECT 1 FROM deposit")) == 2


@pytest.mark.parametrize(
    ("way", "again"),
    [
        ([Event.REJECT], True),
        ([Event.HOLD, Event.WITHDRAW], True),
        ([Event.PASS, Event.ATTEMPT, Event.REFUSAL], True),
        ([Event.HOLD], False),
        ([Event.PASS], False),
        ([Event.PASS, Event.ATTEMPT], False),
        ([Event.PASS, Event.ATTEMPT, Event.LOSE_TRACK], False),
        ([Event.PASS, Event.ATTEMPT, Event.RECEIPT], False),
        ([Event.PASS, Event.ATTEMPT, Event.GIVE_UP], False),
    ],
    ids=lambda value: value[-1].value if isinstance(value, list) else None,
)
async def test_what_was_or_can_be_declared_is_not_deposited_again_and_the_rest_may_be(
    way: list[Event], again: bool, desk: Desk
) -> None:
    desk.drop("dsn.txt", "S10")
    await desk.intake.scan()
    for event in way:
        desk.store.write_now(lambda s, event=event: journal.move(s, 1, event))
    desk.drop("again.txt", "S10")
    report = await desk.intake.scan()
    assert (report.taken, report.duplicates) == ((1, 0) if again else (0, 1))
