"""Campaign 4 for the intake: the Nth call to the file system fails, for N = 1, 2, 3… until a run
passes without a failure. Whatever fails, the next scan ends well."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

Desk = Any

FILES = {f"{n}.txt": f"content {n}".encode() for n in range(3)}
#: What Python tells an audit hook of, with the path first.
CALLS = {"open", "os.rename", "os.mkdir", "os.scandir", "os.listdir", "os.remove"}


class Disk:
    """Stands between Python and the file system, below `folders`; fails once, when told to."""

    def __init__(self) -> None:
        self.folders: tuple[str, ...] = ()
        self.left = 0
        self.code = 0
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.left or event not in CALLS or not arguments:
            return
        path = arguments[0]
        if not isinstance(path, str | bytes) or not os.fsdecode(path).startswith(self.folders):
            return
        self.left -= 1
        if self.left == 0:
            raise OSError(self.code, os.strerror(self.code), path)

    @contextmanager
    def fails_at(self, number: int, code: int, *folders: Path) -> Iterator[None]:
        self.folders = tuple(map(str, folders))
        self.left, self.code = number, code
        try:
            yield
        finally:
            self.reached, self.left = self.left == 0, 0


@pytest.fixture(scope="session")
def disk() -> Disk:
    return Disk()  # a hook cannot be taken away again


@pytest.mark.parametrize("volume", ["same volume", "other volume"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.ESTALE])
async def test_whichever_call_fails_every_file_is_taken_and_moved_once(
    code: int, volume: str, disk: Disk, tmp_path: Path, other_volume: Path, new_desk: Any
) -> None:
    number = 0
    while True:
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        desk = new_desk(folder)
        if volume == "other volume":
            taken = other_volume / f"taken {number}"
            desk.outbox = msgspec.structs.replace(desk.outbox, taken=taken)
            desk.restart()
        for name, content in FILES.items():
            desk.drop(name, content)
        with disk.fails_at(number, code, desk.outbox.path, desk.outbox.taken):
            report = await desk.intake.scan()
        failed, at_once = disk.reached, desk.waiting() == set() and report.taken == len(FILES)
        await desk.intake.scan()
        assert desk.deposits() == desk.taken() == FILES
        assert desk.waiting() == set()
        assert desk.duplicates() == {}
        assert all(desk.events(n) == ["taken"] for n in range(1, 4))
        desk.assert_settled(deposits=3)
        leftovers = [p for p in desk.outbox.taken.iterdir() if p.name not in FILES]
        assert leftovers == [], "no half-written copy stays"
        if not failed:
            break
        assert at_once or desk.notices(), f"call {number} failed and nobody was told"
    assert number > 10
