"""What the person who drops files can rely on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio.testing

from vaguemestre.intake import Intake

Desk = Any


async def test_a_file_ends_in_the_store_and_in_the_folder_of_taken_files(desk: Desk) -> None:
    desk.drop("dsn.txt", "S10")
    report = await desk.intake.scan()
    assert (report.taken, report.duplicates, report.waiting) == (1, 0, 0)
    assert desk.waiting() == set()
    assert desk.taken() == desk.deposits() == {"dsn.txt": b"S10"}
    assert desk.events(1) == ["taken"]
    assert desk.notices() == []
    desk.assert_settled(deposits=1)


async def test_the_oldest_file_comes_first(desk: Desk) -> None:
    for number, name in enumerate(["z", "a", "m"]):
        os.utime(desk.drop(name, name), (1_000_000 + number, 1_000_000 + number))
    await desk.intake.scan()
    assert list(desk.deposits()) == ["z", "a", "m"]


async def test_a_file_is_taken_only_after_it_was_quiet(
    desk_with: Callable[..., Desk], mock_clock: trio.testing.MockClock
) -> None:
    desk = desk_with(quiet_seconds=2.0)
    desk.drop("dsn.txt", "S10")
    report = await desk.intake.scan()
    assert (report.taken, report.waiting, report.next_look) == (0, 1, 2.0)
    mock_clock.jump(1.5)
    report = await desk.intake.scan()
    assert (report.taken, report.waiting, report.next_look) == (0, 1, 0.5)
    mock_clock.jump(0.5)
    assert (await desk.intake.scan()).taken == 1


@pytest.mark.parametrize("change", ["grows", "is written anew", "is replaced", "is only touched"])
async def test_a_change_starts_the_quiet_time_again(
    change: str, desk_with: Callable[..., Desk], mock_clock: trio.testing.MockClock
) -> None:
    desk = desk_with(quiet_seconds=2.0)
    path = desk.drop("dsn.txt", "first")
    os.utime(path, (1_000_000, 1_000_000))
    await desk.intake.scan()
    mock_clock.jump(1.9)
    if change == "grows":
        with path.open("ab") as stream:
            stream.write(b" and more")
        os.utime(path, (1_000_000, 1_000_000))
    elif change == "is written anew":
        path.write_bytes(b"other")
    elif change == "is replaced":
        beside = path.with_name(".beside")
        beside.write_bytes(b"other")
        os.utime(beside, (1_000_000, 1_000_000))
        beside.rename(path)
    else:
        os.utime(path)
    wanted = path.read_bytes()
    assert (await desk.intake.scan()).taken == 0
    mock_clock.jump(1.9)
    assert (await desk.intake.scan()).taken == 0
    mock_clock.jump(0.1)
    assert (await desk.intake.scan()).taken == 1
    assert desk.deposits() == {"dsn.txt": wanted}


@pytest.mark.parametrize("offset", [-86_400 * 3650, 86_400 * 3650], ids=["past", "future"])
async def test_times_on_the_files_do_not_matter(
    offset: int, desk_with: Callable[..., Desk], mock_clock: trio.testing.MockClock
) -> None:
    desk = desk_with(quiet_seconds=2.0)
    path = desk.drop("dsn.txt", "S10")
    moment = path.stat().st_mtime + offset
    os.utime(path, (moment, moment))
    assert (await desk.intake.scan()).taken == 0
    mock_clock.jump(2.0)
    assert (await desk.intake.scan()).taken == 1


async def test_an_empty_file_gets_longer_to_be_filled(
    desk_with: Callable[..., Desk], mock_clock: trio.testing.MockClock
) -> None:
    desk = desk_with(quiet_seconds=2.0)
    path = desk.drop("dsn.txt", "")
    await desk.intake.scan()
    mock_clock.jump(19.9)
    assert (await desk.intake.scan()).waiting == 1
    path.write_bytes(b"S10")
    await desk.intake.scan()
    mock_clock.jump(2.0)
    assert (await desk.intake.scan()).taken == 1
    assert desk.deposits() == {"dsn.txt": b"S10"}


async def test_a_file_that_stays_empty_is_taken_too_and_ends_in_a_visible_state(
    desk_with: Callable[..., Desk], mock_clock: trio.testing.MockClock
) -> None:
    desk = desk_with(quiet_seconds=2.0)
    desk.drop("dsn.txt", "")
    await desk.intake.scan()
    mock_clock.jump(20.0)
    assert (await desk.intake.scan()).taken == 1
    assert desk.deposits() == {"dsn.txt": b""}


async def test_with_a_done_file_the_file_is_taken_at_once_and_the_done_file_goes_with_it(
    desk_with: Callable[..., Desk],
) -> None:
    desk = desk_with(quiet_seconds=60, done_suffix=".ok")
    desk.drop("dsn.txt", "S10")
    assert (await desk.intake.scan()).taken == 0
    assert desk.waiting() == {"dsn.txt"}
    desk.drop("dsn.txt.ok", "")
    assert (await desk.intake.scan()).taken == 1
    assert desk.waiting() == set()
    assert desk.taken() == {"dsn.txt": b"S10", "dsn.txt.ok": b""}
    desk.assert_settled(deposits=1)


async def test_a_done_file_that_comes_first_waits_for_its_file(
    desk_with: Callable[..., Desk],
) -> None:
    desk = desk_with(done_suffix=".ok")
    desk.drop("dsn.txt.ok", "")
    assert (await desk.intake.scan()).taken == 0
    desk.drop("dsn.txt", "S10")
    assert (await desk.intake.scan()).taken == 1
    assert desk.waiting() == set()
    assert desk.deposits() == {"dsn.txt": b"S10"}


async def test_a_name_that_comes_every_month_overwrites_nothing(desk: Desk) -> None:
    for month in ("jan", "feb", "mar"):
        desk.drop("dsn.txt", month)
        await desk.intake.scan()
    wanted = {"dsn.txt": b"jan", "dsn (2).txt": b"feb", "dsn (3).txt": b"mar"}
    assert desk.taken() == wanted
    rows = desk.rows("SELECT target_path FROM file ORDER BY id")
    assert [Path(os.fsdecode(r[0])).name for r in rows] == list(wanted)


async def test_two_outboxes_that_share_a_folder_of_taken_files_overwrite_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    second = msgspec.structs.replace(desk.outbox, name="rh", path=tmp_path / "Départ RH")
    other = Intake(desk.store, second, desk.intake._post)
    second.path.mkdir()
    for number in range(30):
        desk.drop(f"{number}.txt", f"paie {number}")
        (second.path / f"{number}.txt").write_text(f"rh {number}")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(desk.intake.scan)
        nursery.start_soon(other.scan)
    assert len(desk.taken()) == 60
    wanted = {f"{who} {n}".encode() for who in ("paie", "rh") for n in range(30)}
    assert set(desk.taken().values()) == wanted
    desk.assert_settled(deposits=60)


async def test_a_folder_of_taken_files_on_another_volume_works_as_well(
    desk_with: Callable[..., Desk], other_volume: Path
) -> None:
    desk = desk_with()
    desk.outbox = msgspec.structs.replace(desk.outbox, taken=other_volume / "taken")
    desk.restart()
    desk.drop("dsn.txt", "S10" * 1000)
    desk.drop("é" * 120 + ".txt", "long")
    assert (await desk.intake.scan()).taken == 2
    assert desk.taken() == {"dsn.txt": b"S10" * 1000, "é" * 120 + ".txt": b"long"}
    assert desk.waiting() == set()
    desk.assert_settled(deposits=2)


async def test_2000_files_dropped_at_once_are_all_taken_once_in_one_scan(desk: Desk) -> None:
    wanted = {f"dsn-{n:04d}.txt": b"%08d" % n * 1000 for n in range(2000)}
    for name, content in wanted.items():
        desk.path(name).write_bytes(content)
    assert (await desk.intake.scan()).taken == 2000
    assert desk.deposits() == desk.taken() == wanted
    assert desk.waiting() == set()
    desk.assert_settled(deposits=2000)


async def test_a_large_file_comes_through_whole(desk: Desk) -> None:
    content = os.urandom(1 << 20) * 40
    desk.drop("large.txt", content)
    desk.drop("small.txt", "S10")
    assert (await desk.intake.scan()).taken == 2
    assert desk.deposits()["large.txt"] == content
    assert desk.taken()["large.txt"] == content


# -- running


async def test_the_running_intake_takes_what_is_there_and_what_comes(
    desk_with: Callable[..., Desk],
) -> None:
    desk = desk_with(quiet_seconds=0.05)
    desk.drop("before.txt", "1")
    async with desk.at_work():
        await desk.until(lambda: "before.txt" in desk.deposits())
        desk.drop("while.txt", "2")
        desk.intake.wake()
        await desk.until(lambda: "while.txt" in desk.deposits())


async def test_events_of_the_system_wake_it_long_before_the_next_scan(
    desk_with: Callable[..., Desk],
) -> None:
    desk = desk_with(quiet_seconds=0.05, scan_seconds=3600)

    async def keep_dropping() -> None:
        for number in range(1000):
            desk.drop(f"{number}.txt", f"{number}")
            await trio.sleep(0.1)

    async with desk.at_work(), trio.open_nursery() as nursery:
        # The watch begins at some moment: files come until one is noticed.
        nursery.start_soon(keep_dropping)
        await desk.until(lambda: bool(desk.deposits()))
        nursery.cancel_scope.cancel()


async def test_without_any_event_the_scan_finds_everything(
    desk_with: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What watchfiles does on a share without events: it looks now and then, here never.
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "true")
    monkeypatch.setenv("WATCHFILES_POLL_DELAY_MS", "3600000")
    desk = desk_with(quiet_seconds=0.05, scan_seconds=0.05)
    async with desk.at_work():
        for number in range(3):
            desk.drop(f"{number}.txt", f"{number}")
            await desk.until(lambda: len(desk.deposits()) == number + 1)  # noqa: B023


async def test_a_slow_writer_is_waited_for(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(quiet_seconds=1.5, scan_seconds=0.05)
    pieces = [f"line {n}\n".encode() for n in range(20)]
    async with desk.at_work():
        with desk.path("slow.txt").open("wb") as stream:
            for piece in pieces:
                stream.write(piece)
                stream.flush()
                await trio.sleep(0.03)  # the writer's rhythm, well below the quiet time
        await desk.until(lambda: bool(desk.deposits()))
    assert desk.deposits() == {"slow.txt": b"".join(pieces)}
