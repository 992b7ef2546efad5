"""After a lost answer: never somebody else's deposit for ours, never absent what is there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from adapters.net_entreprises.conftest import Connect
from adapters.net_entreprises.records import (
    ATTEMPT,
    DEPOSITS,
    PARIS,
    Records,
    document,
    doubt,
    identity,
)
from adapters.net_entreprises.scripted import Platform, Step, answer, raw, until_close

from vaguemestre.api import Absent, CredentialRefused, Found, NoEffect, Order, Unknown


@pytest.fixture
def records(platform: Platform) -> Records:
    return Records(platform)


async def look(connect: Connect, order: Order, **settings: Any) -> Found | Absent | Unknown:
    async with connect(**settings) as adapter:
        answered: Found | Absent | Unknown = await adapter.look_up(order, order.started_at)
        return answered


def references(unknown: Unknown) -> Sequence[str]:
    return sorted(c.reference for c in unknown.candidates)


async def test_a_deposit_that_is_listed_alone_is_found(records: Records, connect: Connect) -> None:
    records.add("OURS")
    found = await look(connect, doubt())
    assert isinstance(found, Found)
    assert found.reference == "OURS"
    assert found.recorded_at == (ATTEMPT + timedelta(seconds=10)).replace(microsecond=0)


async def test_the_whole_attempt_is_asked_for_with_a_margin(
    records: Records, connect: Connect
) -> None:
    await look(connect, doubt(ended_at=ATTEMPT + timedelta(minutes=5)))
    first, last = records.windows[0]
    one = timedelta(seconds=1)  # the platform tells its time in whole seconds
    assert first <= ATTEMPT - timedelta(minutes=2) + one
    assert last >= ATTEMPT + timedelta(minutes=7) - one


async def test_a_long_attempt_is_asked_for_in_permitted_windows_without_gap(
    records: Records, connect: Connect
) -> None:
    began = datetime.now(UTC) - timedelta(hours=5)
    records.add("OURS", began + timedelta(hours=2, minutes=30))
    found = await look(connect, doubt(at=began, ended_at=began + timedelta(hours=4)))
    assert isinstance(found, Found)
    for (first, last), (following, _last) in pairwise(records.windows):
        assert last - first <= timedelta(hours=1)
        assert following == last


async def test_a_deposit_that_is_not_listed_is_absent(records: Records, connect: Connect) -> None:
    records.add("BEFORE", ATTEMPT - timedelta(minutes=10))
    records.add("AFTER", ATTEMPT + timedelta(minutes=10))
    assert isinstance(await look(connect, doubt()), Absent)


async def test_deposits_that_are_known_to_be_others_are_left_out(
    records: Records, connect: Connect
) -> None:
    records.add("KNOWN")
    assert isinstance(await look(connect, doubt(known=frozenset({"KNOWN"}))), Absent)


async def test_a_report_that_echoes_the_declaration_proves_it_among_many(
    records: Records, connect: Connect
) -> None:
    records.add("OTHER", echo=identity(2))
    records.add("OURS", echo=identity(1))
    records.add("SILENT")
    found = await look(connect, doubt(1, rivals=(doubt(2), doubt(3))), settling_seconds=86_400)
    assert isinstance(found, Found)
    assert found.reference == "OURS"


async def test_a_candidate_whose_report_is_about_another_declaration_is_ruled_out(
    records: Records, connect: Connect
) -> None:
    records.add("OTHER", echo=identity(2))
    assert isinstance(await look(connect, doubt(1)), Absent)
    records.add("SILENT")
    found = await look(connect, doubt(1))
    assert isinstance(found, Found)
    assert found.reference == "SILENT"


async def test_two_candidates_that_say_nothing_are_for_a_person(
    records: Records, connect: Connect
) -> None:
    records.add("ONE")
    records.add("TWO")
    unknown = await look(connect, doubt())
    assert isinstance(unknown, Unknown)
    assert unknown.ambiguous
    assert references(unknown) == ["ONE", "TWO"]


async def test_one_candidate_is_not_given_to_either_of_two_in_doubt(
    records: Records, connect: Connect
) -> None:
    records.add("ONE")
    for number, rival in ((1, 2), (2, 1)):
        unknown = await look(connect, doubt(number, rivals=(doubt(rival),)))
        assert isinstance(unknown, Unknown)
        assert unknown.ambiguous
        assert references(unknown) == ["ONE"]


async def test_a_rival_whose_attempt_was_at_another_time_does_not_matter(
    records: Records, connect: Connect
) -> None:
    records.add("OURS")
    rival = doubt(2, at=ATTEMPT - timedelta(hours=1))
    assert isinstance(await look(connect, doubt(1, rivals=(rival,))), Found)


async def test_the_same_declaration_twice_in_doubt_is_for_a_person(
    records: Records, connect: Connect
) -> None:
    records.add("ONE", echo=identity(1))
    unknown = await look(connect, doubt(1, rivals=(doubt(2, identity=identity(1)),)))
    assert isinstance(unknown, Unknown)
    records.add("TWO", echo=identity(1))
    unknown = await look(connect, doubt(1))
    assert isinstance(unknown, Unknown)
    assert references(unknown) == ["ONE", "TWO"]


async def test_a_mensuelle_is_not_mistaken_for_that_of_another_month(
    records: Records, connect: Connect
) -> None:
    ours = {**identity(1), "nature": "01", "month": "01102026"}
    records.add("SEPTEMBER", echo={**ours, "month": "01092026"})
    records.add("UNDATED", echo={k: v for k, v in ours.items() if k != "month"})
    records.add("SILENT")
    unknown = await look(connect, doubt(1, identity=ours))
    assert isinstance(unknown, Unknown)
    assert references(unknown) == ["SILENT", "UNDATED"]


async def test_a_test_deposit_is_not_mistaken_for_the_real_one(
    records: Records, connect: Connect
) -> None:
    trial = document(identity(1)).replace(
        b"<envoi/>",
        b"<envoi><envoi_identification><essai_reel>01</essai_reel></envoi_identification></envoi>",
    )
    records.add("TRIAL", report=answer(200, trial))
    assert isinstance(await look(connect, doubt(1)), Absent)


@pytest.mark.parametrize(
    "report",
    [
        answer(404),
        answer(500),
        answer(200),
        answer(200, b"%PDF-1.7"),
        answer(200, b"<html>maintenance</html>"),
        answer(200, b"<rapport>"),
        raw(b""),
    ],
)
async def test_a_report_that_cannot_be_had_says_nothing(
    report: Step, records: Records, connect: Connect
) -> None:
    records.add("OURS", report=report)
    assert isinstance(await look(connect, doubt(1)), Found)
    records.add("TWO")
    assert isinstance(await look(connect, doubt(1)), Unknown)


async def test_a_report_on_another_host_is_not_fetched(
    records: Records, connect: Connect, platform: Platform
) -> None:
    records.add("OURS", echo=identity(1))
    assert isinstance(await look(connect, doubt(1), download_hosts=("example.org",)), Found)
    assert not platform.count("/dl/")


async def test_the_reports_of_an_old_attempt_are_asked_for_one_by_one(
    records: Records, connect: Connect, platform: Platform
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=3)
    records.add("OTHER", long_ago, echo=identity(2))
    records.add("OURS", long_ago, echo=identity(1))
    found = await look(connect, doubt(1, at=long_ago))
    assert isinstance(found, Found)
    assert found.reference == "OURS"
    assert platform.count("lister-retours-flux") == 2
    assert not platform.count("lister-retours-declarant")


async def test_a_lone_candidate_is_believed_only_when_the_listing_has_settled(
    records: Records, connect: Connect
) -> None:
    records.add("PROBABLY")
    unknown = await look(connect, doubt(), settling_seconds=3600)
    assert isinstance(unknown, Unknown)
    assert not unknown.ambiguous
    assert references(unknown) == ["PROBABLY"]


async def test_a_listing_that_is_late_is_not_taken_from_memory(
    records: Records, connect: Connect
) -> None:
    now = datetime.now(UTC)
    recent = doubt(at=now - timedelta(seconds=5), ended_at=now - timedelta(seconds=1))
    async with connect(settling_seconds=60) as adapter:
        assert isinstance(await adapter.look_up(recent, recent.started_at), Absent)
        records.add("LATE", now - timedelta(seconds=3))
        asked = len(records.windows)
        while len(records.windows) <= asked:  # until a second has passed: the search is another
            answered = await adapter.look_up(recent, recent.started_at)
    assert references(answered) == ["LATE"]


async def test_absence_is_not_claimed_of_a_search_from_before_the_settling_time(
    records: Records, connect: Connect
) -> None:
    now = datetime.now(UTC)
    recent = doubt(at=now - timedelta(seconds=5), ended_at=now)
    unknown = await look(connect, recent)
    assert isinstance(unknown, Unknown)
    assert not unknown.ambiguous


@pytest.mark.parametrize("hours", [-3, -0.5, 0.5, 3])
async def test_a_clock_that_differs_from_the_platforms_is_allowed_for(
    hours: float, records: Records, connect: Connect, platform: Platform
) -> None:
    skew = timedelta(hours=hours)
    platform.on("POST /auth", answer(200, b"t", date=datetime.now(UTC) + skew))
    records.skew = skew
    records.add("OURS", ATTEMPT + skew + timedelta(seconds=10))
    found = await look(connect, doubt())
    assert isinstance(found, Found)


async def test_a_platform_whose_dates_are_in_another_zone_is_not_said_to_lack_the_deposit(
    records: Records, connect: Connect
) -> None:
    records.zone = ZoneInfo("UTC")
    records.add("OURS")
    unknown = await look(connect, doubt())
    assert isinstance(unknown, Unknown)
    assert references(unknown) == ["OURS"]
    found = await look(connect, doubt(), time_zone="UTC")
    assert isinstance(found, Found)


async def test_nothing_is_absent_in_the_hour_that_comes_twice(
    records: Records, connect: Connect
) -> None:
    night = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    unknown = await look(connect, doubt(at=night))
    assert isinstance(unknown, Unknown)
    records.add("OURS", night)
    assert isinstance(await look(connect, doubt(at=night)), Found)


async def test_an_entry_without_reference_is_for_a_person(
    platform: Platform, connect: Connect
) -> None:
    row = {"date": ATTEMPT.astimezone(PARIS).strftime("%Y%m%d%H%M%S"), "statut": "OK"}
    platform.on(DEPOSITS, answer(200, json.dumps({"depots": {"depot": row}}).encode()))
    unknown = await look(connect, doubt())
    assert isinstance(unknown, Unknown)
    assert unknown.ambiguous


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (answer(401), CredentialRefused),
        (answer(403), CredentialRefused),
        (answer(404), NoEffect),
        (answer(422), NoEffect),
        (answer(429), NoEffect),
        (answer(500), NoEffect),
        (answer(200, b"<html>maintenance</html>"), NoEffect),
        (answer(200, b'{"error": "maintenance"}'), NoEffect),
        (answer(200, b'{"depots":'), NoEffect),
        (raw(until_close(b"")), NoEffect),
        (raw(b""), NoEffect),
    ],
)
async def test_a_platform_that_cannot_be_asked_proves_nothing(
    script: Step, kind: type[NoEffect], platform: Platform, connect: Connect
) -> None:
    platform.on(DEPOSITS, script)
    with pytest.raises(NoEffect) as caught:
        await look(connect, doubt())
    assert type(caught.value) is kind


async def test_attempts_of_one_minute_share_a_search(records: Records, connect: Connect) -> None:
    at = ATTEMPT.replace(second=10)
    end = at + timedelta(seconds=40)
    async with connect() as adapter:
        for number in range(5):
            one = doubt(number, at=at + timedelta(seconds=number), ended_at=end)
            assert isinstance(await adapter.look_up(one, at), Absent)
    assert len(records.windows) == 2  # one search, and one by the other reading of the clock
