"""What people can rely on when something is in the way: they are told what, where and what to do,
the file stays, and nothing else stops."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio

from vaguemestre.intake import LARGEST
from vaguemestre.testing.points import armed

Desk = Any


async def told_once(desk: Desk, name: str) -> str:
    """Scans twice; the one notice, which names what it is about."""
    await desk.intake.scan()
    await desk.intake.scan()
    notices = desk.rows("SELECT title, text, count FROM notice")
    assert len(notices) == 1, [n["title"] for n in notices]
    assert notices[0]["count"] == 1, "a lasting trouble is told once"
    text = f"{notices[0]['title']}\n{notices[0]['text']}"
    assert name in text
    return text


# -- things that are no files


async def test_a_folder_is_not_looked_into(desk: Desk) -> None:
    desk.path("sub").mkdir()
    (desk.path("sub") / "dsn.txt").write_text("S10")
    await desk.intake.scan()
    assert desk.deposits() == {}
    assert desk.notices() == []
    assert (desk.path("sub") / "dsn.txt").exists()


@pytest.mark.parametrize("target", ["real.txt", "nowhere", "/etc/hostname", "."])
async def test_a_link_is_not_followed(desk: Desk, target: str, tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("secret")
    desk.path("link.txt").symlink_to(tmp_path / target if target == "real.txt" else target)
    desk.drop("dsn.txt", "S10")
    await told_once(desk, "link.txt")
    assert desk.deposits() == {"dsn.txt": b"S10"}
    assert desk.path("link.txt").is_symlink()


@pytest.mark.parametrize("kind", ["pipe", "socket"])
async def test_a_pipe_or_a_socket_is_not_opened(
    desk: Desk, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "pipe":
        os.mkfifo(desk.path("thing"))
    else:
        monkeypatch.chdir(desk.outbox.path)  # the path of a socket may not be long
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind("thing")
    desk.drop("dsn.txt", "S10")
    await told_once(desk, "thing")
    assert desk.deposits() == {"dsn.txt": b"S10"}


async def test_a_trouble_that_ended_and_comes_back_is_told_again(desk: Desk) -> None:
    for _ in range(2):
        desk.path("link.txt").symlink_to("nowhere")
        await desk.intake.scan()
        desk.path("link.txt").unlink()
        await desk.intake.scan()
    assert [r["count"] for r in desk.rows("SELECT count FROM notice")] == [2]


# -- files that cannot be read


async def test_a_file_without_rights_stays_and_the_others_are_taken(
    plain_desk: tuple[Desk, Callable[[], Any]],
) -> None:
    desk, plain = plain_desk
    with plain():
        desk.drop("locked.txt", "S10").chmod(0)
        desk.drop("dsn.txt", "S20")
        text = await told_once(desk, "locked.txt")
        assert "Permission denied" in text
        assert desk.waiting() == {"locked.txt"}
        assert desk.deposits() == {"dsn.txt": b"S20"}
        desk.path("locked.txt").chmod(0o600)
        assert (await desk.intake.scan()).taken == 1
    assert desk.deposits() == {"dsn.txt": b"S20", "locked.txt": b"S10"}


async def test_a_file_that_is_too_large_stays(desk: Desk) -> None:
    os.truncate(desk.drop("large.txt", ""), LARGEST + 1)  # a hole: it needs no room on the disk
    desk.drop("dsn.txt", "S10")
    await told_once(desk, "large.txt")
    assert desk.waiting() == {"large.txt"}
    assert list(desk.deposits()) == ["dsn.txt"]


# -- files that change under the reader's hands


def vanish(path: Path) -> None:
    path.unlink()


def grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def replace(path: Path) -> None:
    beside = path.with_name(".beside")
    beside.write_bytes(b"another")
    beside.rename(path)


def become_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "act", [vanish, grow, replace, become_a_link, become_a_pipe, become_a_folder]
)
async def test_what_changed_since_it_was_listed_is_not_taken_as_it_was(
    act: Callable[[Path], None], desk: Desk
) -> None:
    path = desk.drop("dsn.txt", "S10")
    desk.drop("other.txt", "S20")
    with armed("intake.listed", lambda: act(path)), trio.fail_after(30):
        assert (await desk.intake.scan()).taken == 1
    assert desk.deposits() == {"other.txt": b"S20"}
    await desk.intake.scan()
    wanted = {grow: b"S10more", replace: b"another"}.get(act)
    assert desk.deposits().get("dsn.txt") == wanted
    desk.assert_settled(deposits=1 if wanted is None else 2)


@pytest.mark.parametrize("point", ["intake.read", "intake.committed"])
@pytest.mark.parametrize("act", [vanish, grow, replace, become_a_link, become_a_folder])
async def test_what_changed_after_it_was_read_stays_and_is_looked_at_anew(
    act: Callable[[Path], None], point: str, desk: Desk
) -> None:
    path = desk.drop("dsn.txt", "S10")
    with armed(point, lambda: act(path)):
        assert (await desk.intake.scan()).taken == 1
    desk.assert_settled(deposits=1)
    assert desk.deposits() == {"dsn.txt": b"S10"}
    assert desk.taken() == {}
    if act in (grow, replace):
        new = path.read_bytes()
        assert (await desk.intake.scan()).taken == 1
        assert desk.taken() == {"dsn.txt": new}
        desk.assert_settled(deposits=2)


async def test_a_file_put_there_in_the_very_moment_of_the_move_is_not_moved_unread(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.drop("dsn.txt", "S10")
    rename = Path.rename

    def just_before(source: Path, target: Path) -> Path:
        if source == path:
            monkeypatch.undo()
            replace(path)
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", just_before)
    await desk.intake.scan()
    assert desk.deposits() == {"dsn.txt": b"S10"}
    assert path.read_bytes() == b"another", "it was put back"
    await desk.intake.scan()
    assert {r[0] for r in desk.rows("SELECT size FROM document")} == {3, 7}
    desk.assert_settled(deposits=2)


# -- folders


async def test_a_missing_outbox_is_made(desk: Desk) -> None:
    desk.outbox.path.rmdir()
    await desk.intake.scan()
    assert desk.outbox.path.is_dir()
    assert desk.notices() == []


async def test_an_outbox_without_the_folder_above_it_is_told_and_taken_from_once_it_is_there(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "share" / "Départ"
    desk.outbox = msgspec.structs.replace(desk.outbox, path=path)
    desk.restart()
    text = await told_once(desk, str(path))
    assert "No such file" in text
    path.parent.mkdir()
    path.mkdir()
    desk.drop("dsn.txt", "S10")
    assert (await desk.intake.scan()).taken == 1


async def test_a_file_in_the_place_of_the_outbox_is_told(desk: Desk) -> None:
    desk.outbox.path.rmdir()
    desk.outbox.path.write_text("")
    await told_once(desk, str(desk.outbox.path))


async def test_a_folder_deleted_and_made_again_goes_on_by_events(
    desk_with: Callable[..., Desk],
) -> None:
    desk = desk_with(quiet_seconds=0.05, scan_seconds=3600)
    async with desk.at_work():
        desk.drop("before.txt", "1")
        desk.intake.wake()
        await desk.until(lambda: len(desk.deposits()) == 1)
        shutil.rmtree(desk.outbox.path)
        async with trio.open_nursery() as nursery:

            async def keep_dropping() -> None:
                for number in range(1000):
                    desk.outbox.path.mkdir(exist_ok=True)
                    desk.drop(f"{number}.txt", f"after {number}")
                    await trio.sleep(0.1)

            nursery.start_soon(keep_dropping)
            await desk.until(lambda: len(desk.deposits()) > 1)
            nursery.cancel_scope.cancel()


async def test_an_outbox_without_rights_is_told(
    plain_desk: tuple[Desk, Callable[[], Any]],
) -> None:
    desk, plain = plain_desk
    with plain():
        desk.drop("dsn.txt", "S10")
        desk.outbox.path.chmod(0)
        await told_once(desk, str(desk.outbox.path))
        desk.outbox.path.chmod(0o700)
        assert (await desk.intake.scan()).taken == 1


async def test_nothing_is_taken_while_it_could_not_be_moved_away(
    plain_desk: tuple[Desk, Callable[[], Any]],
) -> None:
    desk, plain = plain_desk
    with plain():
        desk.outbox.taken.mkdir()
        desk.outbox.taken.chmod(0o500)
        desk.drop("dsn.txt", "S10")
        await told_once(desk, str(desk.outbox.taken))
        assert desk.deposits() == {}
        assert desk.waiting() == {"dsn.txt"}
        desk.outbox.taken.chmod(0o700)
        assert (await desk.intake.scan()).taken == 1
    desk.assert_settled(deposits=1)


async def test_a_file_that_is_taken_but_cannot_be_moved_is_taken_only_once(
    plain_desk: tuple[Desk, Callable[[], Any]],
) -> None:
    desk, plain = plain_desk
    with plain():
        desk.outbox.taken.mkdir()
        desk.drop("dsn.txt", "S10")
        with armed("intake.committed", lambda: desk.outbox.taken.chmod(0o500)):
            await desk.intake.scan()
        await desk.intake.scan()
        assert desk.waiting() == {"dsn.txt"}
        assert len(desk.deposits()) == 1
        desk.outbox.taken.chmod(0o700)
        await desk.intake.scan()
    assert desk.taken() == desk.deposits() == {"dsn.txt": b"S10"}
    assert desk.events(1) == ["taken"], "no duplicate of itself"
    desk.assert_settled(deposits=1)


async def test_one_file_that_cannot_be_looked_at_does_not_hold_up_the_others(
    plain_desk: tuple[Desk, Callable[[], Any]],
) -> None:
    desk, plain = plain_desk
    with plain():
        path = desk.drop("dsn.txt", "S10")

        def cut_off() -> None:
            path.chmod(0)
            raise SystemError

        with armed("intake.committed", cut_off), pytest.raises(SystemError):
            await desk.intake.scan()
        desk.restart()
        desk.drop("other.txt", "S20")
        await desk.intake.scan()
        assert set(desk.deposits()) == {"dsn.txt", "other.txt"}
        assert desk.waiting() == {"dsn.txt"}
        path.chmod(0o600)
        await desk.intake.scan()
    assert desk.waiting() == set()
    desk.assert_settled(deposits=2)


# -- the store


async def test_while_the_store_is_full_nothing_is_taken_and_afterwards_everything(
    desk: Desk,
) -> None:
    content = os.urandom(50_000)
    desk.drop("dsn.txt", content)
    pages = desk.rows("PRAGMA page_count")[0][0]
    desk.store.write_now(lambda s: s.connection.execute(f"PRAGMA max_page_count = {pages}"))
    report = await desk.intake.scan()
    assert report.taken == 0
    assert desk.waiting() == {"dsn.txt"}
    desk.store.write_now(lambda s: s.connection.execute("PRAGMA max_page_count = 100000"))
    assert (await desk.intake.scan()).taken == 1
    assert desk.deposits() == {"dsn.txt": content}
    desk.assert_settled(deposits=1)


async def test_a_store_that_has_room_for_a_notice_tells_that_it_is_full(desk: Desk) -> None:
    desk.drop("dsn.txt", os.urandom(500_000))
    pages = desk.rows("PRAGMA page_count")[0][0]
    desk.store.write_now(lambda s: s.connection.execute(f"PRAGMA max_page_count = {pages + 9}"))
    text = await told_once(desk, "paie")
    assert "full" in text
