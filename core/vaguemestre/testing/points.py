"""Named stopping points between the durable steps of a deposit's way.

In the product `point` does nothing. Plugins name points of their own with `declare`. A test arms
one: with a callback in its own process, or in a child process by the environment,
`VAGUEMESTRE_STOP_AT=lane.claimed` (or `lane.claimed#3` for the third passage), which kills the
process there as `kill -9` would.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

#: Every point, and what has just happened there.
POINTS = {
    "intake.listed": "an outbox folder was listed, nothing read",
    "intake.read": "a batch of files was read, nothing written",
    "intake.committed": "a batch of files is durable in the store, the sources not yet moved",
    "intake.moved": "one source was moved, not yet marked",
    "intake.marked": "the moves are marked",
    "control.decided": "a file was controlled, nothing written",
    "control.committed": "the outcome of the control is durable",
    "lane.claimed": "attempts are durable, nothing was sent",
    "lane.answered": "the platform answered, nothing written",
    "lane.recorded": "the outcome of an attempt is durable",
    "reconcile.answered": "a look-up was answered, nothing written",
    "reconcile.recorded": "what a look-up proved is durable",
    "collect.announced": "announced returns and the cursor are durable",
    "collect.fetched": "a return was downloaded, nothing written",
    "collect.stored": "a return is durable",
    "inbox.written": "the file of a return is in the inbox folder, not yet marked",
}

#: The points that plugins declared, likewise.
PLUGIN_POINTS: dict[str, str] = {}

_armed: dict[str, Callable[[], None]] = {}


def declare(points: Mapping[str, str]) -> None:
    """Name the points of a plugin (`sofie.fed`), each with what has just happened there."""
    PLUGIN_POINTS.update(points)


def point(name: str) -> None:
    """Pass a point. `name` must be one of POINTS, or declared."""
    if _armed and (act := _armed.get(name)) is not None:
        act()


@contextmanager
def armed(name: str, act: Callable[[], None]) -> Iterator[None]:
    """Call `act` at each passage of the point, in this process. `act` may raise."""
    if name not in POINTS | PLUGIN_POINTS:
        raise KeyError(name)
    _armed[name] = act
    try:
        yield
    finally:
        del _armed[name]


def _arm_from_environment() -> None:
    name, _, count = os.environ.get("VAGUEMESTRE_STOP_AT", "").partition("#")
    if not name:
        return
    ours = {known.partition(".")[0] for known in POINTS}
    if name not in POINTS and name.partition(".")[0] in ours:  # plugins declare theirs later
        raise KeyError(name)
    left = int(count or 1)

    def act() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    _armed[name] = act


_arm_from_environment()
