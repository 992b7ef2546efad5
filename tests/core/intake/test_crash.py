"""What people can rely on after a crash: the file is taken once, moved once, told once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vaguemestre.testing.points import POINTS, armed

Desk = Any

MINE = sorted(name for name in POINTS if name.startswith("intake."))
FILES = {f"{n}.txt": f"content {n}".encode() for n in range(5)}


class Cut(Exception):
    """The process ends here."""


async def cut_off(desk: Desk, point: str, passage: int = 1) -> None:
    """A scan that ends at the nth passage of the point, and a new start."""
    left = passage

    def act() -> None:
        nonlocal left
        left -= 1
        if not left:
            raise Cut

    with armed(point, act), pytest.raises(Cut):
        await desk.intake.scan()
    desk.restart()


def assert_all_is_well(desk: Desk) -> None:
    assert desk.deposits() == desk.taken() == FILES
    assert desk.waiting() == set()
    assert desk.duplicates() == {}
    assert desk.notices() == []
    assert all(desk.events(n) == ["taken"] for n in range(1, 6))
    desk.assert_settled(deposits=5)


@pytest.mark.parametrize(
    ("point", "passage"),
    [(p, 1) for p in MINE] + [("intake.moved", n) for n in range(2, 6)],
)
async def test_cut_off_anywhere_the_next_start_finishes_the_move(
    desk: Desk, point: str, passage: int
) -> None:
    for name, content in FILES.items():
        desk.drop(name, content)
    await cut_off(desk, point, passage)
    if desk.deposits():
        assert len(desk.deposits()) == 5, "the bytes were safe before anything was moved"
    else:
        assert len(desk.waiting()) == 5, "nothing was touched before the bytes were safe"
    await desk.intake.scan()
    assert_all_is_well(desk)


@pytest.mark.parametrize("second", ["intake.moved", "intake.marked"])  # a repair takes nothing
@pytest.mark.parametrize("first", ["intake.committed", "intake.moved"])
async def test_cut_off_again_during_the_repair_it_is_finished_at_the_third_start(
    desk: Desk, first: str, second: str
) -> None:
    for name, content in FILES.items():
        desk.drop(name, content)
    await cut_off(desk, first)
    await cut_off(desk, second)
    await desk.intake.scan()
    assert_all_is_well(desk)


async def test_new_files_that_came_meanwhile_are_taken_in_the_same_scan(desk: Desk) -> None:
    desk.drop("old.txt", "old")
    await cut_off(desk, "intake.committed")
    desk.drop("new.txt", "new")
    assert (await desk.intake.scan()).taken == 1
    assert desk.taken() == desk.deposits() == {"old.txt": b"old", "new.txt": b"new"}
    desk.assert_settled(deposits=2)


async def test_another_file_in_its_place_is_a_new_file(desk: Desk) -> None:
    desk.drop("dsn.txt", "old")
    await cut_off(desk, "intake.committed")
    desk.drop("dsn.txt", "new")
    assert (await desk.intake.scan()).taken == 1
    assert desk.taken() == {"dsn.txt": b"new"}
    assert [r[0] for r in desk.rows("SELECT size FROM document")] == [3, 3]
    desk.assert_settled(deposits=2)


async def test_a_source_that_was_removed_meanwhile_is_told_and_its_deposit_goes_on(
    desk: Desk,
) -> None:
    path = desk.drop("dsn.txt", "S10")
    await cut_off(desk, "intake.committed")
    path.unlink()
    await desk.intake.scan()
    (notice,) = desk.notices()
    assert "dsn.txt" in notice
    assert desk.deposits() == {"dsn.txt": b"S10"}
    desk.assert_settled(deposits=1)


async def test_the_same_file_dropped_again_before_the_repair_is_a_duplicate(desk: Desk) -> None:
    desk.drop("dsn.txt", "S10")
    await cut_off(desk, "intake.moved")
    desk.drop("dsn.txt", "S10")
    assert (await desk.intake.scan()).duplicates == 1
    assert desk.taken() == desk.duplicates() == {"dsn.txt": b"S10"}
    assert len(desk.notices()) == 1
    desk.assert_settled(deposits=1, files=2)


async def test_what_stands_in_the_place_of_the_target_is_not_overwritten(desk: Desk) -> None:
    desk.drop("dsn.txt", "mine")
    await cut_off(desk, "intake.committed")
    desk.outbox.taken.joinpath("dsn.txt").write_bytes(b"somebody's")
    await desk.intake.scan()
    assert desk.taken() == {"dsn.txt": b"somebody's", "dsn (2).txt": b"mine"}
    (row,) = desk.rows("SELECT target_path FROM file")
    assert Path(os.fsdecode(row[0])).name == "dsn (2).txt"


async def test_a_duplicate_is_finished_without_telling_it_twice(desk: Desk) -> None:
    desk.drop("one.txt", "S10")
    await desk.intake.scan()
    desk.drop("two.txt", "S10")
    await cut_off(desk, "intake.committed")
    await desk.intake.scan()
    assert desk.duplicates() == {"two.txt": b"S10"}
    assert desk.events(1) == ["taken", "duplicate"]
    assert [r[0] for r in desk.rows("SELECT count FROM notice")] == [1]
    desk.assert_settled(deposits=1, files=2)


@pytest.mark.parametrize("point", MINE)
async def test_a_done_file_never_stays_behind_to_vouch_for_a_later_file(
    point: str, desk_with: Callable[..., Desk]
) -> None:
    desk = desk_with(done_suffix=".ok")
    desk.drop("dsn.txt", "first")
    desk.drop("dsn.txt.ok", "")
    await cut_off(desk, point)
    await desk.intake.scan()
    assert desk.waiting() == set()
    desk.path("dsn.txt").write_text("half of the sec")
    assert (await desk.intake.scan()).taken == 0
    assert desk.deposits() == {"dsn.txt": b"first"}


async def test_a_copy_to_another_volume_that_was_cut_off_is_made_again(
    desk: Desk, other_volume: Path
) -> None:
    desk.outbox = msgspec.structs.replace(desk.outbox, taken=other_volume / "taken")
    desk.restart()
    for name, content in FILES.items():
        desk.drop(name, content)
    await cut_off(desk, "intake.moved", 3)
    await desk.intake.scan()
    assert_all_is_well(desk)


async def test_files_of_an_outbox_that_moved_do_not_hold_up_those_of_the_new_folder(
    desk: Desk, tmp_path: Path
) -> None:
    desk.drop("dsn.txt", "old")
    await cut_off(desk, "intake.committed")
    old = desk.outbox.path
    desk.outbox = msgspec.structs.replace(desk.outbox, path=tmp_path / "Nouveau")
    desk.outbox.path.mkdir()
    desk.restart()
    desk.drop("dsn.txt", "new")
    assert (await desk.intake.scan()).taken == 1
    assert list(old.iterdir()) == []
    assert set(desk.taken().values()) == {b"old", b"new"}
    desk.assert_settled(deposits=2)
