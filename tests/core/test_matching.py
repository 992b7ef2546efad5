"""Returns whose platform names no deposit find theirs by what a reader says, whenever they come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.desk import ACCOUNT, Desk
from support.platform import Verdicts, announcement

from vaguemestre.api import Announcement, Carried, Document, Effect, ReturnSummary
from vaguemestre.collect import Collector
from vaguemestre.matching import Matching
from vaguemestre.plugins import Registry
from vaguemestre.store.engine import Store


class Complaints(Verdicts):
    """`about X` belongs to the deposit whose bytes end in X."""

    name = "complaints"
    asked = 0

    def read(self, document: Document, announcement: Announcement | None) -> ReturnSummary | None:
        return ReturnSummary(family="complaint", label="SALRET", effect=Effect.TO_CHECK)

    def match(
        self, document: Document, announcement: Announcement, carried: Sequence[Carried]
    ) -> int | None:
        self.asked += 1
        word = document.content.removeprefix(b"about ")
        if word == b"crash":
            raise RuntimeError("unreadable")
        if word == b"foreign":
            return 4711
        return next((c.deposit for c in carried if c.payload().endswith(word)), None)


@pytest.fixture
def desk(tmp_path: Path) -> object:
    with Store.open(tmp_path / "store.db") as store:
        found = Desk(store)
        found.registry.return_readers = {"complaints": Complaints()}
        found.collector = Collector(
            found.account, "p", found.platform, store, found.registry, found.post, lambda: None
        )
        yield found


def publish(desk: Desk, *words: str) -> None:
    desk.platform.announcements = [announcement("", word) for word in words]
    desk.platform.documents = {w: Document(content=f"about {w}".encode()) for w in words}


async def deposited(desk: Desk, name: str) -> int:
    deposit = desk.ready(name)
    async with desk.at_work():
        await desk.until(deposit, "deposited")
    return deposit


async def test_each_return_moves_the_deposit_that_its_reader_names(desk: Desk) -> None:
    first, second = await deposited(desk, "one"), await deposited(desk, "two")
    publish(desk, "two")
    await desk.collector.collect()
    assert (desk.row(first)["state"], desk.row(second)["state"]) == ("deposited", "to_check")


async def test_a_return_that_comes_before_its_deposit_is_given_to_it_later(desk: Desk) -> None:
    await desk.account.restore()
    publish(desk, "late")
    await desk.collector.collect()
    deposit = await deposited(desk, "late")
    await desk.collector.collect()
    assert desk.row(deposit)["state"] == "to_check"


@pytest.mark.parametrize("word", ["crash", "foreign", "nobody"])
async def test_a_return_that_belongs_to_nothing_we_know_is_kept_and_moves_nothing(
    word: str, desk: Desk
) -> None:
    deposit = await deposited(desk, "one")
    publish(desk, word)
    await desk.collector.collect()
    assert desk.row(deposit)["state"] == "deposited"
    assert desk.store.read_now(lambda s: s.sql.returns_count(s.connection)) == 1


async def test_nobody_is_asked_twice_while_nothing_has_changed(desk: Desk) -> None:
    reader = desk.registry.return_readers["complaints"]
    assert isinstance(reader, Complaints)
    await deposited(desk, "one")
    publish(desk, "nobody")
    for _round in range(3):
        await desk.collector.collect()
    assert reader.asked == 2  # when it came, and once more when all had come


async def test_readers_that_match_nothing_cost_nothing(desk: Desk) -> None:
    registry = Registry()
    registry.return_readers["verdicts"] = Verdicts()
    quiet = Matching(ACCOUNT, desk.store, registry)
    assert await quiet.deposit_for(Document(content=b""), announcement("", "x")) is None
