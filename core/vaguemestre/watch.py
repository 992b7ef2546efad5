"""Watches all outbox folders at once, and wakes the intake of the one in which something happened.

It only saves waiting: the periodic scan of each intake is the truth, and where the system reports
nothing (network shares) everything goes by its rhythm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from pathlib import Path

import trio
import watchfiles
from loguru import logger

#: Milliseconds that the watcher's thread may wait before it looks whether it shall end.
RUST_TIMEOUT = 500
#: Seconds between two looks for folders that were made, and after a failure.
REMAKING, AFTER_FAILURE = 1.0, 10.0


class Watch:
    """The service. `wakes`: what to call when something happens in a folder."""

    def __init__(self, wakes: Mapping[Path, Callable[[], None]]) -> None:
        self._wakes = dict(wakes)

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            try:
                await self._watch(self._there())
            except (OSError, RuntimeError) as error:
                logger.debug("the outbox folders are not watched: {}", error)
                await trio.sleep(AFTER_FAILURE)

    def _there(self) -> dict[Path, tuple[int, int]]:
        """The folders that are there, each with what tells it from one made in its place."""
        found = {}
        for folder in self._wakes:
            with suppress(OSError):
                status = folder.stat()
                found[folder] = (status.st_dev, status.st_ino)
        return found

    async def _watch(self, folders: dict[Path, tuple[int, int]]) -> None:
        """Watch these folders until another set of them is there."""
        if not folders:
            await trio.sleep(REMAKING)
            return
        reports = watchfiles.awatch(
            *folders,
            watch_filter=None,
            recursive=False,
            debounce=100,
            step=50,
            rust_timeout=RUST_TIMEOUT,
            yield_on_timeout=True,
        )
        looked = trio.current_time()
        async with aclosing(reports) as news:
            async for changes in news:
                paths = {Path(path) for _change, path in changes}
                self._wake({path.parent for path in paths} & set(self._wakes))
                if paths & set(folders) or trio.current_time() >= looked + REMAKING:
                    looked, there = trio.current_time(), self._there()
                    if there != folders:
                        # Nobody reported what lies in the new ones.
                        self._wake(
                            {f for f, identity in there.items() if folders.get(f) != identity}
                        )
                        return

    def _wake(self, folders: Iterable[Path]) -> None:
        for folder in folders:
            self._wakes[folder]()
