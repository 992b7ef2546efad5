"""Runs SOFiE: starts it, drains what it prints, ends it when its time is over, and finds a run that
an earlier life left behind.

A run belongs to no daemon: when the daemon stops, SOFiE goes on and finishes what it does; the next
life waits for it before it decides anything.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import trio

from vaguemestre.api import NoEffect, OutcomeUnknown
from vaguemestre_sofie import launch, processes
from vaguemestre_sofie.points import point
from vaguemestre_sofie.processes import MARK, Started
from vaguemestre_sofie.records import Records
from vaguemestre_sofie.texts import _

#: Bytes of its output that are kept: the last ones say why it ended.
KEPT = 16_384
#: Seconds between two looks at a run.
LOOK = 0.1
#: Seconds that the rest of the output may take once nobody writes any more.
REST = 2.0
#: Of our own environment, what a foreign program has no need of.
SECRETS = ("VAGUEMESTRE_VAULT_KEY", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_PID")


class Ran(msgspec.Struct, frozen=True):
    """A run that is over. `code`: None if it was ended. `began`: seconds since 1970."""

    kind: str
    code: int | None
    began: float
    output: str
    printed: int

    @property
    def cut(self) -> bool:
        """It was ended, or died of a signal."""
        return self.code is None or self.code < 0

    def evidence(self) -> dict[str, Any]:
        return {"exit_code": self.code, "printed_bytes": self.printed}


class StillRunning(OutcomeUnknown):
    """A run cannot be ended: what it does, nobody can say."""


class Runner:
    """Runs the program of one installation, one at a time: the caller sees to that."""

    def __init__(self, records: Records, home: Path, timeout: float) -> None:
        self._records = records
        self._home = home
        self._timeout = timeout

    async def run(self, kind: str, words: Sequence[str]) -> Ran:
        """Run the program and wait until it and all that it started are gone.

        Raises OSError if not even a process can be started, StillRunning if it cannot be ended.
        """
        mark = secrets.token_hex(16)
        process = await self._open(words, mark)
        _ours.append(process)
        started = Started(
            mark=mark,
            pid=process.pid,
            started=processes.start_time(process.pid),
            kind=kind,
            at=time.time(),
            host=socket.gethostname(),
        )
        assert process.stdin is not None  # noqa: S101 - narrows the type
        async with process.stdin:  # closed without a word, it starts nothing
            await trio.to_thread.run_sync(self._records.run_started, started)
            point("sofie.waiting")
            await process.stdin.send_all(b"go\n")
        point("sofie.started")
        tail = Tail()
        code = await self._over(process, started, tail)
        point("sofie.ended")
        await self._over_with()
        return Ran(kind, code, started.at, tail.text(), tail.total)

    async def _open(self, words: Sequence[str], mark: str) -> trio.Process:
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        return await trio.lowlevel.open_process(
            [sys.executable, "-I", "-S", launch.__file__, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._home,
            env=_environment(os.environ, mark),
            **options,
        )

    async def _over(self, process: trio.Process, started: Started, tail: Tail) -> int | None:
        """Wait for the end; the exit code, None if it had to be ended."""
        async with trio.open_nursery() as nursery:
            assert process.stdout is not None  # noqa: S101 - narrows the type
            nursery.start_soon(tail.drain, process.stdout)
            code: int | None = None
            with trio.move_on_after(self._timeout) as limit:
                code = await process.wait()
                await self._gone(started)
            if limit.cancelled_caught:
                code = None
                await self._end(started)
                await process.wait()
            nursery.cancel_scope.deadline = trio.current_time() + REST
        return code

    async def _gone(self, run: Started) -> None:
        """Wait until nothing of the run works any more."""
        while await trio.to_thread.run_sync(processes.alive, run):  # noqa: ASYNC110 - not our child
            await trio.sleep(LOOK)

    async def _end(self, run: Started) -> None:
        if not await trio.to_thread.run_sync(processes.end, run):
            raise StillRunning(
                _(
                    "SOFiE hangs and cannot be ended (process {pid}): end it by hand, or restart "
                    "this machine."
                ).format(pid=run.pid)
            )

    async def recover(self) -> None:
        """See to it that no earlier run is under way. Raises NoEffect if one is that cannot be
        waited for here, OSError."""
        run = await trio.to_thread.run_sync(self._records.run)
        if run is None:
            return
        left = run.at + self._timeout - time.time()
        if run.host != socket.gethostname():
            if left > 0:
                text = _("SOFiE was started on {host} and may still run there.")
                raise NoEffect(text.format(host=run.host), retry_after=left, resting=True)
        else:
            with trio.move_on_after(max(left, 0.0)) as limit:
                await self._gone(run)
            if limit.cancelled_caught:
                try:
                    await self._end(run)
                except StillRunning as error:
                    raise NoEffect(str(error), retry_after=60.0) from error
        await self._over_with()

    async def _over_with(self) -> None:
        """The run is over: forget it, and let the system do so."""
        await trio.to_thread.run_sync(self._records.run_over)
        _ours[:] = [process for process in _ours if process.poll() is None]


#: Processes that this process has started and not seen the end of: a run that is left behind when
#: the configuration changes ends later.
_ours: list[trio.Process] = []


class Tail:
    """The end of what a program prints."""

    def __init__(self) -> None:
        self.total = 0
        self._kept = b""

    async def drain(self, stream: trio.abc.ReceiveStream) -> None:
        """Read until nobody can write any more."""
        async with stream:
            async for chunk in stream:
                self.total += len(chunk)
                self._kept = (self._kept + chunk)[-KEPT:]

    def text(self) -> str:
        return self._kept.decode("utf-8", "replace")


def last_line(output: str) -> str:
    """The last line of an output that says something, for people."""
    lines = ["".join(c for c in line if c.isprintable()).strip() for line in output.splitlines()]
    return next((line[:200] for line in reversed(lines) if line), "")


def _environment(ours: Mapping[str, str], mark: str) -> dict[str, str]:
    return {k: v for k, v in ours.items() if k not in SECRETS} | {MARK: mark}
