"""What is collected beside the returns never holds them up, and nothing of it is skipped."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from adapters.net_entreprises.conftest import Connect
from adapters.net_entreprises.scripted import Platform, Step, answer

from vaguemestre.api import CredentialRefused

PARIS = ZoneInfo("Europe/Paris")
RETURNS = "GET /lister-retours-declarant"
DEPOSITS = "GET /lister-depots"
SLIPS, SHEETS = "GET /lister-bpij-declarant", "GET /lister-objets-declarant"
RETURN = {"publication": "20260109110259", "nature": "11", "statut": "OK", "id": "7"}


def returns(*rows: object) -> Step:
    body = {"retours": {"flux": [{"id": "FLUX", "retour": list(rows)}]}}
    return answer(200, json.dumps(body).encode(), Accept_Ranges="minutes=0-60")


def deposits(*references: str) -> Step:
    rows = [{"idflux": r, "date": "20260109110259", "statut": "OK"} for r in references]
    body = {"depots": {"declarant": {"siret": "1", "depot": rows}}}
    return answer(200, json.dumps(body).encode(), Accept_Ranges="minutes=0-60")


def cursor(**marks: timedelta) -> str:
    now = datetime.now(UTC)
    return json.dumps({name: (now - ago).isoformat() for name, ago in marks.items()})


async def test_the_platforms_deposits_come_with_the_last_window(
    platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, returns(RETURN))
    platform.on(DEPOSITS, deposits("A", "B"))
    async with connect() as adapter:
        first = await adapter.collect(cursor(until=timedelta(hours=2)))
        assert first.more
        assert first.listed == ()
        last = await adapter.collect(cursor(until=timedelta(minutes=20)))
    assert [one.reference for one in last.listed] == ["A", "B"]
    assert last.listed[0].recorded_at == datetime(2026, 1, 9, 10, 2, 59, tzinfo=UTC)
    assert "deposits" in json.loads(last.cursor)


async def test_a_list_of_deposits_that_fails_holds_up_no_return(
    platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, returns(RETURN))
    platform.on(DEPOSITS, answer(503))
    position = cursor(until=timedelta(minutes=20), deposits=timedelta(minutes=30))
    async with connect() as adapter:
        window = await adapter.collect(position)
    assert [a.reference for a in window.announcements] == ["FLUX"]
    assert len(window.notices) == 1
    assert json.loads(window.cursor)["deposits"][:19] == json.loads(position)["deposits"][:19]


async def test_a_refused_credential_is_told_whatever_was_asked_for(
    platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, returns(RETURN))
    platform.on(DEPOSITS, answer(403))
    async with connect() as adapter:
        with pytest.raises(CredentialRefused):
            await adapter.collect(cursor(until=timedelta(minutes=20)))


async def test_after_an_outage_the_list_is_read_at_a_polite_pace_without_a_gap(
    platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, returns())
    platform.on(DEPOSITS, deposits())
    position = cursor(until=timedelta(minutes=20), deposits=timedelta(hours=30))
    counts = []
    async with connect() as adapter:
        for _round in range(4):
            before = platform.count("lister-depots")
            position = (await adapter.collect(position)).cursor
            counts.append(platform.count("lister-depots") - before)
    assert max(counts) <= 12
    spans = [tuple(call.path.split("/")[-2:]) for call in platform.of("lister-depots")]
    assert all(after[0] <= before[1] for before, after in pairwise(spans))
    reached = datetime.strptime(spans[-1][1], "%Y%m%d%H%M%S").replace(tzinfo=PARIS)
    assert datetime.now(UTC) - reached < timedelta(minutes=2)


async def test_other_cursors_than_ours_begin_anew(platform: Platform, connect: Connect) -> None:
    platform.on(RETURNS, returns())
    platform.on(DEPOSITS, deposits("A"))
    async with connect(lookback_days=0) as adapter:
        window = await adapter.collect('{"until": 7, "deposits": "x"}')
    assert [one.reference for one in window.listed] == ["A"]


# -- slips and sheets


def page(number: int, total: int) -> Step:
    return answer(
        200,
        f"<bpijs><pageencours>{number}</pageencours><pagetotal>{total}</pagetotal><bpij><id>"
        f"B{number}</id><url>https://t/bpij/{number}</url></bpij></bpijs>".encode(),
    )


async def test_slips_are_listed_page_by_page_and_once_a_day(
    platform: Platform, connect: Connect
) -> None:
    platform.on(SLIPS, page(1, 3), page(2, 3), page(3, 3))
    async with connect(collect=("bpij",)) as adapter:
        window = await adapter.collect(None)
        again = await adapter.collect(window.cursor)
    assert [a.reference for a in window.announcements] == ["BPIJ B1", "BPIJ B2", "BPIJ B3"]
    assert [call.path.partition("page=")[2] for call in platform.of("bpij")] == ["1", "2", "3"]
    assert again.announcements == ()
    days = platform.of("bpij")[0].path.partition("?")[0].split("/")[-2:]
    assert all(len(day) == 8 and day.isdigit() for day in days)


async def test_slips_of_the_day_before_are_asked_for_again(
    platform: Platform, connect: Connect
) -> None:
    platform.on(SLIPS, page(1, 1))
    yesterday = datetime.now(PARIS).date() - timedelta(days=1)
    async with connect(collect=("bpij",)) as adapter:
        await adapter.collect(json.dumps({"bpij": yesterday.isoformat()}))
    first = platform.of("bpij")[0].path.partition("?")[0].split("/")[-2]
    assert first == f"{yesterday - timedelta(days=1):%Y%m%d}"


async def test_sheets_are_announced_with_their_address(
    platform: Platform, connect: Connect
) -> None:
    sheet = {"objets": {"objet": {"id": "S1", "url": "https://t/fpoc/1", "date": "20261101"}}}
    platform.on(SHEETS, answer(200, json.dumps(sheet).encode(), Accept_Ranges="minutes=0-1440"))
    async with connect(collect=("fpoc",)) as adapter:
        window = await adapter.collect(None)
    assert {a.reference for a in window.announcements} == {"FPOC S1"}
    assert json.loads(window.announcements[0].locator)["url"] == "https://t/fpoc/1"


@pytest.mark.parametrize("body", [b"<html><body>Maintenance</body></html>", b'{"erreur": "x"}'])
async def test_a_page_instead_of_slips_is_no_empty_listing(
    body: bytes, platform: Platform, connect: Connect
) -> None:
    platform.on(SLIPS, answer(200, body))
    async with connect(collect=("bpij",)) as adapter:
        window = await adapter.collect(None)
    assert len(window.notices) == 1
    assert "bpij" not in json.loads(window.cursor)
