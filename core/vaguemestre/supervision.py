"""Keeps the daemon's services running: one that fails is started again, later and later, and a
notice says so. Only a cancellation ends a service; a plugin's failure never ends the daemon.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio
from loguru import logger

from vaguemestre.locale import _
from vaguemestre.model import Level, Notice

#: Seconds before the first restart; doubled each time up to the maximum.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
#: A service that ran this long was well: its next failure starts from the first pause again.
WELL_AFTER = 120.0

Post = Callable[[Notice], Awaitable[None]]


async def keep_running(name: str, run: Callable[[], Awaitable[None]], post: Post) -> None:
    """Run `run` for ever. If it returns by itself, it is done and not started again."""
    pause = FIRST_PAUSE
    while True:
        began = trio.current_time()
        try:
            await run()
        except Exception as error:  # noqa: BLE001 - whatever it is, the daemon goes on
            logger.opt(exception=error).warning("service {} failed", name)
            await _report(name, error, post)
        else:
            return
        if trio.current_time() - began > WELL_AFTER:
            pause = FIRST_PAUSE
        await trio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _report(name: str, error: Exception, post: Post) -> None:
    try:
        await post(
            Notice(
                key=f"service:{name}",
                level=Level.ERROR,
                title=_("The service {name} failed and is being restarted").format(name=name),
                text=_(
                    "Cause: {error}. Nothing is lost; if this repeats, send the log to support."
                ).format(error=type(error).__name__),
            )
        )
    except Exception as second:  # noqa: BLE001 - the store may be what failed
        logger.opt(exception=second).warning("the notice about {} could not be kept", name)


def backoff(tries: int, *, first: float, longest: float, spread: float) -> float:
    """Seconds before the next try: doubled each time, and spread so that lanes do not march in
    step. `tries` counts from 1; `spread` is a random number between 0 and 1."""
    pause: float = min(first * 2 ** min(tries - 1, 30), longest)
    return pause * (0.5 + spread / 2)
