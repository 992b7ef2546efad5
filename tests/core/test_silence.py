"""Silence means acceptance only where the platform says so, and only once its answers were asked
for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.desk import ACCOUNT, Desk
from support.platform import Platform, announcement

from vaguemestre.api import (
    Announcement,
    Declaration,
    Document,
    Level,
    NoEffect,
    Notice,
    Window,
)
from vaguemestre.silence import Silence
from vaguemestre.store.engine import Store

NOTICE = Notice(key="sofie:decrypt", level=Level.WARNING, title="Voyez")


class Complaining(Platform):
    """Answers only to complain, within `patience` after the deposit."""

    patience = timedelta(0)

    def presumed_at(self, declaration: Declaration, deposited_at: datetime) -> datetime | None:
        return deposited_at + self.patience


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Desk, Complaining, Silence]]:
    with Store.open(tmp_path / "store.db") as store:
        found, platform = Desk(store), Complaining()
        found.platform = platform
        found.lane.adapter = found.collector._adapter = platform
        yield found, platform, Silence(ACCOUNT, platform, store)


async def deposited(office: Desk) -> int:
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "deposited")
    return deposit


async def test_without_a_collection_since_nothing_is_presumed(
    desk: tuple[Desk, Complaining, Silence],
) -> None:
    office, _platform, silence = desk
    deposit = await deposited(office)
    await silence.presume()
    assert office.row(deposit)["state"] == "deposited"
    await office.collector.collect()
    await silence.presume()
    assert office.row(deposit)["state"] == "accepted"
    assert "réputé" in str(office.row(deposit)["message"]).lower()


async def test_before_its_time_nothing_is_presumed(
    desk: tuple[Desk, Complaining, Silence],
) -> None:
    office, platform, silence = desk
    platform.patience = timedelta(hours=24)
    deposit = await deposited(office)
    await office.collector.collect()
    pause = await silence.presume()
    assert office.row(deposit)["state"] == "deposited"
    assert 86_000 < pause <= 86_400


async def test_while_a_return_is_still_to_be_fetched_nothing_is_presumed(
    desk: tuple[Desk, Complaining, Silence],
) -> None:
    office, platform, silence = desk
    deposit = await deposited(office)
    platform.announcements = [announcement("F0001", "r1")]
    platform.documents = {"r1": NoEffect("later", retry_after=3600)}
    await office.collector.collect()
    await silence.presume()
    assert office.row(deposit)["state"] == "deposited"


async def test_a_late_complaint_turns_what_was_presumed(
    desk: tuple[Desk, Complaining, Silence],
) -> None:
    office, platform, silence = desk
    deposit = await deposited(office)
    await office.collector.collect()
    await silence.presume()
    platform.announcements = [announcement("F0001", "r1")]
    platform.documents = {"r1": Document(content=b"report_ano")}
    await office.collector.collect()
    assert office.row(deposit)["state"] == "to_check"


async def test_what_was_noticed_while_collecting_is_told(
    desk: tuple[Desk, Complaining, Silence], monkeypatch: pytest.MonkeyPatch
) -> None:
    office, platform, _silence = desk

    async def collect(cursor: str | None) -> Window:
        found: tuple[Announcement, ...] = ()
        return Window(announcements=found, cursor="1", notices=(NOTICE,))

    monkeypatch.setattr(platform, "collect", collect)
    await office.account.restore()
    await office.collector.collect()
    assert NOTICE.key in office.titles()


def test_a_platform_that_always_answers_needs_no_such_service() -> None:
    assert Silence.concerns(Complaining())
    assert not Silence.concerns(Platform())
