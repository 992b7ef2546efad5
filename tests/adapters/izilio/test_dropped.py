"""Answers that a person saves in the folder of returns are read like any others, once."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from adapters.izilio.conftest import ByHand, order_of

from vaguemestre.api import Announcement
from vaguemestre_izilio.adapter import Izilio
from vaguemestre_net_entreprises.simulator.declaration import read
from vaguemestre_net_entreprises.simulator.documents import certificate

IDFLUX = "Ab-1234567890.12345_xyz"
CCO = (
    '<?xml version="1.0" encoding="ISO-8859-1"?>'
    '<gipmds:rapport profil="DSN" type="CCO" xmlns:gipmds="http://www.gip-mds.fr/">'
    f"<envoi><idflux>{IDFLUX}</idflux><envoi_etat>OK</envoi_etat></envoi></gipmds:rapport>"
).encode("latin-1")


@pytest.fixture
def returns(tmp_path: Path) -> Path:
    folder = tmp_path / "tray" / "Retours"
    folder.mkdir(parents=True)
    return folder


def drop(folder: Path, name: str, content: bytes) -> Path:
    """A file that was saved a minute ago: nobody is writing it any more."""
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    long_ago = file.stat().st_mtime - 60
    os.utime(file, (long_ago, long_ago))
    return file


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of change of an inode cannot be set back: files count as quiet at once, but for the
    test that is about that."""
    monkeypatch.setattr("vaguemestre_izilio.hand_over.dropped.QUIET", 0.0)


async def collected(adapter: Izilio, cursor: str | None = None) -> tuple[list[Announcement], Any]:
    """Everything announced until nothing more is, and the last window."""
    found: list[Announcement] = []
    while True:
        window = await adapter.collect(cursor)
        found += window.announcements
        cursor = window.cursor
        if not window.more:
            return found, window


async def test_a_report_is_announced_under_the_reference_that_stands_in_it(
    by_hand: ByHand, returns: Path
) -> None:
    drop(returns, "bilan.xml", CCO)
    adapter = by_hand()
    window = await adapter.collect(None)
    (told,) = window.announcements
    assert (told.reference, told.nature) == (IDFLUX, "11")
    document = await adapter.fetch(told)
    assert document is not None
    assert (document.content, document.name) == (CCO, "bilan.xml")
    assert document.media_type in ("application/xml", "text/xml")


async def test_it_is_put_away_only_after_the_core_has_kept_that_it_is_there(
    by_hand: ByHand, returns: Path
) -> None:
    file = drop(returns, "bilan.xml", CCO)
    window = await by_hand().collect(None)
    (told,) = window.announcements
    again = await by_hand().collect(None)  # the daemon died before the cursor was durable
    assert again.announcements == window.announcements
    assert file.exists()
    last = await by_hand().collect(window.cursor)
    assert last.announcements == ()
    assert not file.exists()
    (filed,) = (returns / "Classés").iterdir()
    assert filed.read_bytes() == CCO
    document = await by_hand().fetch(told)  # a fetch that comes late finds it all the same
    assert document is not None
    assert (document.content, document.name) == (CCO, "bilan.xml")


async def test_what_names_no_reference_gets_it_from_its_folder_or_its_name(
    by_hand: ByHand, returns: Path
) -> None:
    drop(returns, "F-123/reçu.pdf", b"%PDF-1.7 one")
    drop(returns, f"rapport {IDFLUX}.pdf", b"%PDF-1.7 two")
    found, window = await collected(by_hand())
    assert {a.reference for a in found} == {"F-123", IDFLUX}
    assert not window.notices


async def test_the_folder_wins_over_what_stands_in_the_document(
    by_hand: ByHand, returns: Path
) -> None:
    drop(returns, "F-123/bilan.xml", CCO)
    found, _window = await collected(by_hand())
    assert [(a.reference, a.nature) for a in found] == [("F-123", "11")]


async def test_what_nobody_can_match_stays_and_is_told_once(by_hand: ByHand, returns: Path) -> None:
    file = drop(returns, "reçu.pdf", b"%PDF-1.7")
    adapter = by_hand()
    first = await adapter.collect(None)
    (notice,) = first.notices
    assert "reçu.pdf" in notice.title
    assert not first.announcements
    assert not (await adapter.collect(first.cursor)).notices
    assert file.exists()


async def test_what_cannot_be_taken_is_told_and_hinders_nothing_else(
    by_hand: ByHand, returns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vaguemestre_izilio.hand_over.dropped.MOST_BYTES", len(CCO))
    drop(returns, "F-123/film.mp4", CCO + b"x")
    drop(returns, "bilan.xml", CCO)
    window = await by_hand().collect(None)
    assert [a.reference for a in window.announcements] == [IDFLUX]
    (notice,) = window.notices
    assert "F-123/film.mp4" in notice.title


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
async def test_a_file_without_the_right_to_read_it_is_told(by_hand: ByHand, returns: Path) -> None:
    drop(returns, "a.xml", CCO).chmod(0)
    drop(returns, "F-123/b.xml", CCO).parent.chmod(0)
    drop(returns, "bilan.xml", CCO)
    window = await by_hand().collect(None)
    (returns / "F-123").chmod(0o700)
    assert [a.reference for a in window.announcements] == [IDFLUX]
    assert len(window.notices) == 2


async def test_a_changed_document_is_another_edition_of_it(by_hand: ByHand, returns: Path) -> None:
    adapter = by_hand()
    drop(returns, "bilan.xml", CCO)
    window = await adapter.collect(None)
    drop(returns, "bilan.xml", CCO + b"<!-- 2 -->")
    (told,) = window.announcements
    assert await adapter.fetch(told) is None
    found, _last = await collected(adapter, window.cursor)
    assert len(found) == 1
    assert found[0].version != told.version


async def test_what_is_being_written_is_left_alone(
    by_hand: ByHand, returns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vaguemestre_izilio.hand_over.dropped.QUIET", 3600.0)
    drop(returns, "bilan.xml", CCO)
    assert (await by_hand().collect(None)).announcements == ()


@pytest.mark.parametrize("name", ["a.xml.part", "a.crdownload", ".a.xml", "~$a.xml", "F-1/.a.xml"])
async def test_what_programs_leave_while_they_work_is_no_return(
    by_hand: ByHand, returns: Path, name: str
) -> None:
    drop(returns, name, CCO)
    window = await by_hand().collect(None)
    assert window.announcements == window.notices == ()


async def test_links_and_pipes_are_not_followed(by_hand: ByHand, returns: Path) -> None:
    outside = drop(returns.parent, "secret.xml", CCO)
    (returns / "link.xml").symlink_to(outside)
    (returns / "folder").symlink_to(returns.parent)
    os.mkfifo(returns / "pipe.xml")
    assert (await by_hand().collect(None)).announcements == ()


@pytest.mark.parametrize("path", ["../secret.xml", "/etc/passwd", "a/../../secret.xml"])
async def test_a_locator_leads_nowhere_else(by_hand: ByHand, returns: Path, path: str) -> None:
    import hashlib

    import msgspec

    drop(returns.parent, "secret.xml", CCO)
    wanted = {"path": path, "sha256": hashlib.sha256(CCO).hexdigest()}
    told = Announcement(reference="F", nature="11", locator=msgspec.json.encode(wanted).decode())
    assert await by_hand().fetch(told) is None


async def test_the_cursor_of_the_line_survives_a_time_by_hand(
    by_hand: ByHand, returns: Path
) -> None:
    """So that a profile that goes back to the line misses none of its returns."""
    drop(returns, "bilan.xml", CCO)
    line = '{"until":"2026-11-01T12:00:00+00:00","bpij":"2026-11-01"}'
    window = await by_hand().collect(line)
    assert "seen" in window.cursor
    _found, window = await collected(by_hand(), window.cursor)
    assert window.cursor == line


@pytest.mark.parametrize("cursor", ["?", "[]", '{"seen": 1}', '{"seen": [{"path": "a"}]}'])
async def test_a_cursor_that_cannot_be_read_loses_no_return(
    by_hand: ByHand, returns: Path, cursor: str
) -> None:
    drop(returns, "bilan.xml", CCO)
    assert len((await by_hand().collect(cursor)).announcements) == 1


async def test_an_answer_to_what_still_waits_is_offered_for_confirmation(
    by_hand: ByHand, returns: Path
) -> None:
    """Nobody has to copy a reference that stands in the certificate; but the word is a person's."""
    adapter = by_hand()
    for number in (41, 42):
        await adapter.deposit(order_of(number))
    person = ("99999999800019", "MARTIN", "CLAUDE")
    now = datetime.now(UTC)
    document = certificate(person, IDFLUX, read(order_of(42).payload), now)
    drop(returns, "certificat.xml", document)
    window = await adapter.collect(None)
    (notice,) = window.notices
    assert notice.deposit == 42
    assert f"settle 42 --deposited {IDFLUX}" in notice.text
    assert not (await adapter.collect(window.cursor)).notices
    await adapter.over([(42, order_of(42).sha256)])
    drop(returns, "certificat.xml", document)
    assert not (await adapter.collect(window.cursor)).notices


async def test_the_returns_of_one_deposit_can_be_asked_for(by_hand: ByHand, returns: Path) -> None:
    drop(returns, "bilan.xml", CCO)
    assert [a.nature for a in await by_hand().announced(IDFLUX)] == ["11"]
    assert await by_hand().announced("other") == []


async def test_without_the_folder_there_is_nothing_to_collect(by_hand: ByHand) -> None:
    assert (await by_hand().collect(None)).announcements == ()
