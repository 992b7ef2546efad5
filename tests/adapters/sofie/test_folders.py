"""Nothing in SOFiE's folders is ever overwritten or lost, whoever put it there."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from vaguemestre_sofie import folders
from vaguemestre_sofie.receiving import Arrivals
from vaguemestre_sofie.records import Records

OURS = b"ours"
SHA = hashlib.sha256(OURS).hexdigest()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("outgoing", "records", "incoming"):
        (tmp_path / name).mkdir()
    return tmp_path


def take_back(place: Path) -> None:
    folders.take_back(place / "outgoing", "DECSAL.dta", SHA, place / "records" / "1.clear")


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_our_untouched_file_is_taken_back(place: Path) -> None:
    (place / "outgoing" / "DECSAL.dta").write_bytes(OURS)
    take_back(place)
    take_back(place)  # an earlier life had done it
    assert contents(place / "outgoing") == {}
    assert contents(place / "records") == {"1.clear": OURS}


def test_a_file_of_somebody_else_is_put_back(place: Path) -> None:
    (place / "outgoing" / "DECSAL.dta").write_bytes(b"theirs")
    take_back(place)
    assert contents(place / "outgoing") == {"DECSAL.dta": b"theirs"}
    assert contents(place / "records") == {}


def test_what_a_crash_left_of_a_file_of_somebody_else_is_put_back(place: Path) -> None:
    (place / "records" / "1.clear").write_bytes(b"theirs")
    take_back(place)
    assert contents(place / "outgoing") == {"DECSAL.dta": b"theirs"}


def test_two_files_of_others_are_both_kept(place: Path) -> None:
    (place / "records" / "1.clear").write_bytes(b"theirs")
    (place / "outgoing" / "DECSAL.dta").write_bytes(b"theirs too")
    take_back(place)
    assert contents(place / "outgoing") == {"DECSAL.dta": b"theirs too"}
    assert list(contents(place / "records").values()) == [b"theirs"]


def test_a_move_overwrites_nothing(place: Path) -> None:
    (place / "a").write_bytes(b"a")
    (place / "b").write_bytes(b"b")
    with pytest.raises(FileExistsError):
        folders.move(place / "a", place / "b")
    assert (place / "b").read_bytes() == b"b"
    with pytest.raises(FileNotFoundError):
        folders.move(place / "nothing", place / "c")


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP])
def test_a_disk_without_links_or_another_disk_will_do(
    number: int, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    (place / "a").write_bytes(b"a")
    folders.move(place / "a", place / "b")
    assert contents(place / "outgoing") == {}
    assert (place / "b").read_bytes() == b"a"
    assert not (place / "a").exists()
    (place / "c").write_bytes(b"c")
    with pytest.raises(FileExistsError):
        folders.move(place / "c", place / "b")


def test_files_with_odd_names_are_brought_too(place: Path) -> None:
    records = Records(place / "records")
    records.begin()
    arrivals = Arrivals(records, place / "incoming")
    odd = [b"SALRET.\xff\xfe.dta", b"x" * 250, "CALCUL é.xml".encode()]
    for name in odd:
        (place / "incoming" / os.fsdecode(name)).write_bytes(name)
    (place / "incoming" / ".hidden").write_bytes(b"")
    (place / "incoming" / "link.dta").symlink_to("/etc/hostname")
    (place / "incoming" / "folder").mkdir()
    arrivals.move_away()
    found = [arrivals.document(a.locator) for a in arrivals.announced()]
    assert sorted(d.content for d in found if d) == sorted(odd)
    for announcement in arrivals.announced():
        (announcement.reference + announcement.locator).encode()  # what the store keeps is text
