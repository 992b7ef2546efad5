"""No announced return is skipped, and the platform is asked no more than it permits."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from adapters.net_entreprises.conftest import Connect
from adapters.net_entreprises.scripted import (
    Peer,
    Platform,
    Step,
    answer,
    chunked,
    raw,
    until_close,
)

from vaguemestre.api import CredentialRefused, NoEffect

RETURNS = "GET /lister-retours-declarant"
PARIS = ZoneInfo("Europe/Paris")
ROW = {
    "publication": "20260109110259",
    "nature": "11",
    "statut": "OK",
    "id": "7",
    "url": "https://t/7",
    "ops": "URSSAF",
    "delegataire": "D",
}


def listing(rows: Any = (), **headers: str) -> Step:
    body = {"retours": {"flux": [{"id": "FLUX", "retour": rows}]}}
    return answer(200, json.dumps(body).encode(), **headers)


def asked(platform: Platform) -> list[tuple[datetime, datetime]]:
    """The windows that were asked for, as instants."""
    found = []
    for call in platform.of("lister-retours-declarant"):
        texts = call.path.split("/")[-2:]
        first, last = (
            datetime.strptime(t, "%Y%m%d%H%M%S").replace(tzinfo=PARIS).astimezone(UTC)
            for t in texts
        )
        found.append((first, last))
    return found


def cursor(moment: datetime) -> str:
    return json.dumps({"until": moment.isoformat()})


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


async def test_a_window_announces_what_is_listed(platform: Platform, connect: Connect) -> None:
    platform.on(RETURNS, listing([ROW]))
    async with connect() as adapter:
        window = await adapter.collect(cursor(ago(minutes=20)))
    (found,) = window.announcements
    assert (found.reference, found.nature, found.status) == ("FLUX", "11", "OK")
    assert (found.organism, found.delegate) == ("URSSAF", "D")
    assert found.published_at == datetime(2026, 1, 9, 10, 2, 59, tzinfo=UTC)
    assert not window.more
    assert platform.calls[1].path.startswith("/lister-retours-declarant/2.0/")


@pytest.mark.parametrize("key", ["publication", "statut", "url", "id"])
async def test_an_overwritten_return_is_another_version_of_the_same_return(
    key: str, platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, listing(ROW), listing({**ROW, key: "20260110110259"}))
    async with connect() as adapter:
        (first,) = (await adapter.collect(cursor(ago(minutes=20)))).announcements
        (second,) = (await adapter.collect(cursor(ago(minutes=21)))).announcements
    assert first.version != second.version
    name = ("reference", "nature", "organism", "delegate")
    assert [getattr(first, n) for n in name] == [getattr(second, n) for n in name]


async def test_the_cursor_catches_up_in_overlapping_windows_and_stays_behind_now(
    platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, listing(Accept_Ranges="minutes=0-90"))
    position: str | None = None
    async with connect(lookback_days=0.5) as adapter:
        rounds, more = 0, True
        while more:
            window = await adapter.collect(position)
            position, more = window.cursor, window.more
            rounds += 1
            assert rounds < 15
        windows = asked(platform)
        assert position is not None
        reached = datetime.fromisoformat(json.loads(position)["until"])
    assert ago(hours=12, minutes=1) < windows[0][0] < ago(hours=11, minutes=59)
    assert windows[0][1] - windows[0][0] == timedelta(minutes=60)  # not yet told what is permitted
    assert all(last - first <= timedelta(minutes=90) for first, last in windows)
    for (_first, last), (following, _last) in pairwise(windows):
        assert following < last
    assert windows[-1][1] > ago(seconds=10)
    assert ago(minutes=6) < reached < ago(minutes=4)


async def test_a_window_that_is_too_wide_is_asked_again_narrower(
    platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, answer(429), listing(Accept_Ranges="minutes=0-30"))
    async with connect() as adapter:
        window = await adapter.collect(cursor(ago(hours=3)))
        assert window.more
        await adapter.collect(window.cursor)
    widths = [(last - first).total_seconds() / 60 for first, last in asked(platform)]
    assert widths == [60, 30, 30]


async def test_a_429_with_the_permitted_width_is_believed(
    platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, answer(429, Accept_Ranges="minutes=0-10"), listing())
    async with connect() as adapter:
        await adapter.collect(cursor(ago(hours=3)))
    widths = [(last - first).total_seconds() / 60 for first, last in asked(platform)]
    assert widths == [60, 10]


async def test_a_platform_that_keeps_saying_429_is_left_in_peace(
    platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, answer(429))
    async with connect() as adapter:
        with pytest.raises(NoEffect):
            await adapter.collect(cursor(ago(hours=3)))
        assert len(asked(platform)) == 2
    platform.on(RETURNS, answer(429, Retry_After="120"))
    async with connect() as adapter:
        with pytest.raises(NoEffect) as caught:
            await adapter.collect(cursor(ago(hours=3)))
        assert caught.value.retry_after == 120
        assert len(asked(platform)) == 3


async def test_the_same_search_is_not_repeated_before_its_answer_expires(
    platform: Platform, connect: Connect
) -> None:
    platform.on("GET /lister-retours-flux/2.0/A", answer(200, b"{}", expires=120))
    platform.on("GET /lister-retours-flux/2.0/B", answer(200, b"{}", expires=-1))
    async with connect() as adapter:
        for _time in range(3):
            await adapter.announced("A")
            await adapter.announced("B")
    assert platform.count("/A") == 1
    assert platform.count("/B") == 3


@pytest.mark.parametrize("text", ["", "nonsense", "{}", '{"until": 3}', '{"until": "2026-01-01"}'])
async def test_a_cursor_that_nobody_wrote_is_a_first_time(
    text: str, platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, listing())
    async with connect(lookback_days=2) as adapter:
        await adapter.collect(text)
    assert ago(days=2, minutes=1) < asked(platform)[0][0] < ago(days=1, hours=23)


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=400)])
async def test_a_cursor_in_the_future_or_before_all_returns_is_brought_back(
    ahead: timedelta, platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, listing())
    async with connect() as adapter:
        late = await adapter.collect(cursor(datetime.now(UTC) + ahead))
        assert not late.more
        await adapter.collect(cursor(datetime.now(UTC) - ahead - timedelta(days=200)))
    windows = asked(platform)
    assert ago(minutes=6) < windows[0][0] < windows[0][1] < datetime.now(UTC)
    assert ago(days=93) < windows[1][0] < ago(days=91)


async def test_a_platform_whose_clock_is_ahead_is_asked_by_its_own_clock(
    platform: Platform, connect: Connect
) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=2)
    platform.on("POST /auth", answer(200, b"t", date=ahead))
    platform.on(RETURNS, listing())
    async with connect() as adapter:
        await adapter.check()
        await adapter.collect(cursor(ahead - timedelta(minutes=10)))
    ((_first, last),) = asked(platform)
    assert abs(last - ahead) < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (answer(403), CredentialRefused),
        (answer(401), CredentialRefused),
        (answer(404), NoEffect),
        (answer(406), NoEffect),
        (answer(407), NoEffect),
        (answer(422), NoEffect),
        (answer(500), NoEffect),
        (answer(503), NoEffect),
        (answer(302), NoEffect),
        (answer(200, b"<html>maintenance</html>"), NoEffect),
        (answer(200, b'{"retours":'), NoEffect),
        (raw(until_close(b"")), NoEffect),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"), NoEffect),
        (raw(b""), NoEffect),
    ],
)
async def test_without_a_listing_the_cursor_stays(
    script: Step, kind: type[NoEffect], platform: Platform, connect: Connect
) -> None:
    platform.on(RETURNS, script)
    async with connect() as adapter:
        with pytest.raises(NoEffect) as caught:
            await adapter.collect(cursor(ago(minutes=20)))
    assert type(caught.value) is kind


@pytest.mark.parametrize("version", ["1.0", "2.0"])
async def test_listings_come_in_xml_chunks_and_gzip_as_well(
    version: str, platform: Platform, connect: Connect
) -> None:
    row = b"<retour><nature>11</nature><id>7</id></retour>"
    text = b"<retours><flux><id>FLUX</id>" + row + b"</flux></retours>"
    platform.on(f"{RETURNS}/{version}", raw(chunked(text, packed=True)))
    async with connect(consultation_version=version) as adapter:
        window = await adapter.collect(cursor(ago(minutes=20)))
    assert [a.reference for a in window.announcements] == ["FLUX"]


async def test_a_hub_collects_for_all_its_declarants(platform: Platform, connect: Connect) -> None:
    platform.on("GET /lister-retours-concentrateur", listing([ROW]))
    async with connect(caller="concentrateur") as adapter:
        window = await adapter.collect(cursor(ago(minutes=20)))
    assert len(window.announcements) == 1


async def test_the_returns_of_one_deposit_can_be_asked_for(
    platform: Platform, connect: Connect
) -> None:
    odd = "A/B ü?#._-"
    seen = []

    async def note(peer: Peer) -> None:
        assert peer.call is not None
        seen.append(peer.call.path)
        await answer(200, json.dumps({"Retour": ROW}).encode())(peer)

    platform.on("GET /lister-retours-flux", note)
    async with connect() as adapter:
        (found,) = await adapter.announced(odd)
        assert found.reference == odd
        assert seen == ["/lister-retours-flux/2.0/A%2FB%20%C3%BC%3F%23._-"]
        platform.on("GET /lister-retours-flux", answer(404))
        assert not await adapter.announced("unknown")
        platform.on("GET /lister-retours-flux", answer(200))
        assert not await adapter.announced("none-yet")
