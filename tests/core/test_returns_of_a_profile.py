"""What a user can rely on when returns come in, in any order."""

from __future__ import annotations

import pytest
import trio
from support.desk import Desk
from support.platform import announcement

from vaguemestre.api import (
    Document,
    NoEffect,
)
from vaguemestre.store import listings


@pytest.mark.parametrize(
    ("word", "state"),
    [("certificate", "accepted"), ("report_ko", "refused"), ("report_ano", "to_check")],
)
async def test_a_return_moves_its_deposit(office: Desk, word: str, state: str) -> None:
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "deposited")
        office.platform.announcements = [announcement("F0001", "r1")]
        office.platform.documents = {"r1": Document(content=word.encode())}
        await office.collector.collect()
    assert office.row(deposit)["state"] == state


async def test_a_return_that_comes_before_its_deposit_is_known_is_adopted(
    office: Desk,
) -> None:
    office.platform.announcements = [announcement("F0001", "r1")]
    office.platform.documents = {"r1": Document(content=b"certificate")}
    await office.account.restore()
    await office.collector.collect()
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "accepted")


async def test_a_return_that_cannot_be_fetched_now_holds_up_no_other(office: Desk) -> None:
    deposit = office.ready()
    async with office.at_work():
        await office.until(deposit, "deposited")
        office.platform.announcements = [announcement("F0001", "r1"), announcement("F0001", "r2")]
        office.platform.documents = {
            "r1": NoEffect("later", retry_after=0.1),
            "r2": Document(content=b"certificate"),
        }
        await office.collector.collect()
        assert office.row(deposit)["state"] == "accepted"
        office.platform.documents["r1"] = Document(content=b"report_ano")
        while office.row(deposit)["state"] != "to_check":
            await trio.sleep(0.05)
            await office.collector.collect()


async def test_every_version_of_an_overwritten_return_is_kept(office: Desk) -> None:
    office.platform.announcements = [announcement("F0001", "r1")]
    office.platform.documents = {"r1": Document(content=b"one"), "r2": Document(content=b"two")}
    await office.account.restore()
    await office.collector.collect()
    office.platform.announcements = [announcement("F0001", "r2")]
    await office.collector.collect()
    await office.collector.collect()
    count = office.store.read_now(lambda s: s.sql.returns_count(s.connection))
    assert count == 2


async def test_a_return_whose_author_only_the_document_names_is_known_when_listed_again(
    office: Desk,
) -> None:
    office.platform.announcements = [announcement("F0001", "r1")]
    office.platform.documents = {"r1": Document(content=b"certificate by URSSAF")}
    await office.account.restore()
    await office.collector.collect()
    await office.collector.collect()
    (found,) = office.store.read_now(listings.returns)
    assert found["organism"] == "URSSAF"
