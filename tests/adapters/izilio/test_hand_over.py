"""By hand: a file is laid ready whole, once, with a note that a clerk can follow, whatever happens
in between; and it is known at any time whether it was."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from adapters.izilio.conftest import ByHand, order_of

from vaguemestre.api import Absent, HandedOver, NoEffect, Order, Status, Unknown
from vaguemestre.testing.points import armed
from vaguemestre_izilio.adapter import Izilio

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
POINTS = ("izilio.staged", "izilio.prepared", "izilio.shown", "izilio.marked")
BEFORE_SHOWN, AFTER_SHOWN = POINTS[:2], POINTS[2:]


class Killed(BaseException):
    """Stands for the end of the process: nothing in the adapter may catch it."""


def kill() -> None:
    raise Killed


def shown(tray: Path) -> list[Path]:
    """The folders that people see."""
    others = {"Retours", "Classés"}
    return sorted(p for p in tray.iterdir() if p.name[0] != "." and p.name not in others)


def file_in(folder: Path) -> Path:
    (file,) = folder.glob("*.dsn")
    return file


async def interrupted(adapter: Izilio, order: Order, point: str) -> None:
    with armed(point, kill), pytest.raises(Killed):
        await adapter.deposit(order)


# -- what people find


async def test_the_very_bytes_lie_beside_a_note(by_hand: ByHand, tmp_path: Path) -> None:
    one = order_of(42, due=(datetime(2099, 12, 5, 11, tzinfo=UTC),))
    answer = await by_hand(portal="le portail IZILIO").deposit(one)
    assert isinstance(answer, HandedOver)
    (folder,) = shown(tmp_path / "tray")
    assert folder.name == f"42 - 42 - {one.sha256[:8]}"
    assert {p.name for p in folder.iterdir()} == {"42.dsn", "À LIRE.txt"}
    assert file_in(folder).read_bytes() == one.payload
    assert answer.message == (
        "Déposez 42.dsn sur le portail IZILIO : avant le 05/12/2099 12:00 (heure de Paris). Le "
        f"fichier est dans « {folder} »."
    )


async def test_the_note_says_in_french_first_what_to_do_where_and_by_when(
    by_hand: ByHand, tmp_path: Path
) -> None:
    due = (datetime(2099, 12, 5, 11, tzinfo=UTC), datetime(2099, 12, 15, 11, tzinfo=UTC))
    one = order_of(7, due=due)
    await by_hand().deposit(one)
    raw = (shown(tmp_path / "tray")[0] / "À LIRE.txt").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\n") == raw.count(b"\r\n") > 10
    note = raw.decode("utf-8-sig")
    assert note.startswith("À DÉPOSER À LA MAIN")
    for word in (
        "7.dsn",
        one.sha256,
        "avant le 05/12/2099 12:00 ou le 15/12/2099 12:00",
        "vaguemestre deposits settle 7 --deposited RÉFÉRENCE",
        "vaguemestre deposits settle 7 --absent --withdraw",
        str(tmp_path / "tray" / "Retours"),
    ):
        assert word in note, word
    assert note.index("À DÉPOSER") < note.index("TO BE DEPOSITED BY HAND")


async def test_a_deployment_in_english_has_it_in_english_only(
    by_hand: ByHand, tmp_path: Path, speak: object
) -> None:
    assert callable(speak)
    speak("en")
    await by_hand().deposit(order_of(1))
    (folder,) = shown(tmp_path / "tray")
    assert (folder / "READ ME.txt").read_text("utf-8-sig").count("TO BE DEPOSITED") == 1


async def test_without_a_deadline_the_note_claims_none(by_hand: ByHand) -> None:
    answer = await by_hand().deposit(order_of(1))
    assert isinstance(answer, HandedOver)
    assert "dès que possible" in answer.message


async def test_past_its_deadline_it_is_to_be_deposited_at_once(by_hand: ByHand) -> None:
    answer = await by_hand().deposit(order_of(1, due=(datetime(2026, 1, 5, 11, tzinfo=UTC),)))
    assert isinstance(answer, HandedOver)
    assert "immédiatement" in answer.message
    assert "05/01/2026 12:00" in answer.message


@pytest.mark.parametrize("name", ["a/../../b.dsn", "..", 'x:<y>"?*.dsn', "é" * 120 + ".dsn"])
async def test_a_name_leads_nowhere_else(by_hand: ByHand, tmp_path: Path, name: str) -> None:
    one = order_of(1, name=name)
    await by_hand().deposit(one)
    (folder,) = shown(tmp_path / "tray")
    assert one.payload in [p.read_bytes() for p in folder.iterdir()]
    assert not [p for p in tmp_path.iterdir() if p.name != "tray"]


# -- once


@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_any_point_it_is_laid_ready_exactly_once(
    by_hand: ByHand, tmp_path: Path, point: str
) -> None:
    one = order_of(1)
    await interrupted(by_hand(), one, point)
    after = by_hand()
    answer = await after.look_up(one, NOW)
    if point in BEFORE_SHOWN:
        assert isinstance(answer, Absent)
        assert not shown(tmp_path / "tray")
        again = msgspec.structs.replace(one, attempt=2)
        assert isinstance(await after.deposit(again), HandedOver)
        answer = await after.look_up(again, NOW)
    assert isinstance(answer, HandedOver)
    (folder,) = shown(tmp_path / "tray")
    assert file_in(folder).read_bytes() == one.payload


@pytest.mark.parametrize("point", AFTER_SHOWN)
async def test_what_a_person_took_away_before_the_restart_is_not_laid_there_again(
    by_hand: ByHand, tmp_path: Path, point: str
) -> None:
    one = order_of(1)
    await interrupted(by_hand(), one, point)
    shutil.rmtree(shown(tmp_path / "tray")[0])
    assert isinstance(await by_hand().look_up(one, NOW), HandedOver)
    assert isinstance(await by_hand().deposit(one), HandedOver)
    assert not shown(tmp_path / "tray")


@pytest.mark.parametrize("first", BEFORE_SHOWN)
@pytest.mark.parametrize("second", POINTS)
async def test_killed_again_while_it_recovers(
    by_hand: ByHand, tmp_path: Path, first: str, second: str
) -> None:
    one = order_of(1)
    await interrupted(by_hand(), one, first)
    attempt = 2
    await interrupted(by_hand(), msgspec.structs.replace(one, attempt=attempt), second)
    last = msgspec.structs.replace(one, attempt=attempt)
    answer = await by_hand().look_up(last, NOW)
    if isinstance(answer, Absent):
        answer = await by_hand().deposit(msgspec.structs.replace(one, attempt=3))
    assert isinstance(answer, HandedOver)
    assert len(shown(tmp_path / "tray")) == 1


async def test_after_a_person_said_no_there_is_one_copy_again(
    by_hand: ByHand, tmp_path: Path
) -> None:
    one = order_of(1)
    await by_hand().deposit(one)
    await by_hand().deposit(msgspec.structs.replace(one, attempt=2))
    (folder,) = shown(tmp_path / "tray")
    assert folder.name.endswith("(2)")
    assert len(list((tmp_path / "tray" / "Classés").iterdir())) == 1


async def test_files_of_one_name_and_of_one_content_do_not_disturb_each_other(
    by_hand: ByHand, tmp_path: Path
) -> None:
    adapter = by_hand()
    one = order_of(1, name="dsn.dsn")
    for other in (one, msgspec.structs.replace(one, deposit=2), order_of(3, name="dsn.dsn")):
        assert isinstance(await adapter.deposit(other), HandedOver)
    assert len(shown(tmp_path / "tray")) == 3


async def test_what_was_interrupted_before_anything_was_written_is_absent(
    by_hand: ByHand,
) -> None:
    await by_hand().check()
    assert isinstance(await by_hand().look_up(order_of(1), NOW), Absent)


async def test_a_folder_that_lost_its_memory_proves_nothing(
    by_hand: ByHand, tmp_path: Path
) -> None:
    """Such as the empty place of a disk that is not there."""
    await by_hand().deposit(order_of(1))
    shutil.rmtree(tmp_path / "tray")
    (tmp_path / "tray").mkdir()
    answer = await by_hand().look_up(order_of(2), NOW)
    assert isinstance(answer, Unknown)
    assert answer.ambiguous


async def test_a_record_that_somebody_damaged_proves_nothing(
    by_hand: ByHand, tmp_path: Path
) -> None:
    await by_hand().deposit(order_of(1))
    (record,) = (tmp_path / "tray" / ".vaguemestre").glob("*.json")
    record.write_bytes(b"?")
    assert isinstance(await by_hand().look_up(order_of(1), NOW), Unknown)


# -- what is over


async def test_what_is_over_is_put_away_and_what_waits_stays(
    by_hand: ByHand, tmp_path: Path
) -> None:
    adapter = by_hand()
    one, two = order_of(1), order_of(2)
    for order in (one, two):
        await adapter.deposit(order)
    assert sorted(await adapter.waiting()) == [(1, one.sha256), (2, two.sha256)]
    (shown(tmp_path / "tray")[0] / "reçu.pdf").write_bytes(b"%PDF")
    await adapter.over([(1, one.sha256)])
    assert await by_hand().waiting() == [(2, two.sha256)]
    (left,) = shown(tmp_path / "tray")
    assert left.name.startswith("2 - ")
    (filed,) = (tmp_path / "tray" / "Classés").iterdir()
    assert (filed / "reçu.pdf").exists()


async def test_two_deployments_may_share_the_folder(by_hand: ByHand, tmp_path: Path) -> None:
    """Their numbers are the same, their files are not."""
    ours, theirs = order_of(1), msgspec.structs.replace(order_of(2), deposit=1)
    for order in (ours, theirs):
        await by_hand().deposit(order)
    await by_hand().over([(1, ours.sha256)])
    (left,) = shown(tmp_path / "tray")
    assert file_in(left).read_bytes() == theirs.payload
    assert isinstance(await by_hand().look_up(theirs, NOW), HandedOver)


async def test_what_a_person_has_taken_away_can_be_over_as_well(
    by_hand: ByHand, tmp_path: Path
) -> None:
    await by_hand().deposit(order_of(1))
    shutil.rmtree(shown(tmp_path / "tray")[0])
    await by_hand().over([(1, order_of(1).sha256)])
    assert await by_hand().waiting() == []


# -- the connection test, and trouble


async def test_the_test_of_the_profile_makes_the_folders_and_tries_to_write(
    by_hand: ByHand, tmp_path: Path
) -> None:
    report = await by_hand().check()
    assert report.ok, report.message
    assert str(tmp_path / "tray") in report.message
    assert {p.name for p in (tmp_path / "tray").iterdir()} == {".vaguemestre", "Retours"}
    (examined,) = await by_hand().examine()
    assert examined.status is Status.OK


async def test_a_folder_that_cannot_be_had_is_told_and_nothing_is_lost(
    by_hand: ByHand, tmp_path: Path
) -> None:
    (tmp_path / "tray").write_bytes(b"in the way")
    adapter = by_hand()
    report = await adapter.check()
    assert not report.ok
    assert str(tmp_path / "tray") in report.message
    (examined,) = await adapter.examine()
    assert examined.status is Status.ERROR
    with pytest.raises(NoEffect):
        await adapter.deposit(order_of(1))
    (tmp_path / "tray").unlink()
    assert isinstance(await adapter.deposit(order_of(1)), HandedOver)


@pytest.mark.parametrize("point", POINTS)
async def test_a_disk_that_fails_in_between_leaves_nothing_unclear(
    by_hand: ByHand, tmp_path: Path, point: str
) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device")

    adapter, one = by_hand(), order_of(1)
    answer: HandedOver | None = None
    with armed(point, fail):
        try:
            found = await adapter.deposit(one)
        except NoEffect as error:
            assert "No space" in str(error)
        else:
            assert isinstance(found, HandedOver)
            answer = found
    assert (answer is None) == (point in BEFORE_SHOWN)
    if answer is None:
        await adapter.deposit(msgspec.structs.replace(one, attempt=2))
    assert len(shown(tmp_path / "tray")) == 1
