"""Asks an adapter once a day what people should know: certificates, passwords, updates."""

from __future__ import annotations

import trio

from vaguemestre.contracts import Adapter
from vaguemestre.supervision import Post

#: Seconds after the start, so that a daemon that restarts in a loop does not tell each time.
FIRST = 60.0
DAILY = 86_400.0


class Upkeep:
    def __init__(self, adapter: Adapter, post: Post) -> None:
        self._adapter = adapter
        self._post = post

    async def run(self) -> None:
        """Ask for ever."""
        await trio.sleep(FIRST)
        while True:
            for notice in await self._adapter.upkeep():
                await self._post(notice)
            await trio.sleep(DAILY)
