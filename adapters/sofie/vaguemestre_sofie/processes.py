"""Which processes belong to a run of SOFiE, and which are somebody else's. Blocking.

Ours bear a mark in their environment, that all their descendants inherit, wherever they go; where
the environment cannot be read, the process started by us is known by its number and start time.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
from pathlib import Path

import msgspec
import psutil

#: The variable of the environment that marks a run of ours.
MARK = "VAGUEMESTRE_SOFIE_RUN"
#: Seconds by which two readings of one start time may differ.
SAME_START = 2.0
#: Seconds that a process gets to end by itself, and then to be gone.
PATIENCE = 5.0


class Started(msgspec.Struct, frozen=True):
    """A run that was started: its mark, the first process, and what for."""

    mark: str
    pid: int
    started: float
    kind: str
    at: float
    host: str


def start_time(pid: int) -> float:
    """When the process started, in seconds since 1970; 0.0 if it is gone."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0


def alive(run: Started) -> list[psutil.Process]:
    """The processes of the run that still work."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if _belongs(process, run) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _belongs(process: psutil.Process, run: Started) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        if process.environ().get(MARK) == run.mark:
            return True
    except (psutil.Error, OSError):
        pass
    return process.pid == run.pid and abs(process.create_time() - run.started) < SAME_START


def end(run: Started) -> bool:
    """End all processes of the run, first politely; whether all are gone."""
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        _signal_group(run, signal.SIGTERM if ask is psutil.Process.terminate else None)
        processes = alive(run)
        for process in processes:
            with contextlib.suppress(psutil.Error):
                ask(process)
        psutil.wait_procs(processes, timeout=PATIENCE)
        if not alive(run):
            return True
    return not alive(run)


def _signal_group(run: Started, number: signal.Signals | None) -> None:
    """The whole process group, which has the number of its first process, while that is ours."""
    if os.name == "nt" or abs(start_time(run.pid) - run.started) >= SAME_START:
        return
    with contextlib.suppress(OSError):
        os.killpg(run.pid, number or signal.SIGKILL)


def used_by_hand(pattern: str, home: Path) -> psutil.Process | None:
    """A process of somebody else that uses this installation.

    `pattern` is searched for in its command line. One that certainly works elsewhere (another
    installation on this machine) does not count.
    """
    if not pattern:
        return None
    wanted = re.compile(pattern, re.IGNORECASE)
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            words = " ".join(process.cmdline())
            if not wanted.search(words) or process.pid == os.getpid() or _is_ours(process):
                continue
            if process.status() != psutil.STATUS_ZOMBIE and _here(process, words, home):
                return process
    return None


def _is_ours(process: psutil.Process) -> bool:
    try:
        return MARK in process.environ()
    except (psutil.Error, OSError):
        return False


def _here(process: psutil.Process, words: str, home: Path) -> bool:
    if str(home) in words:
        return True
    try:
        place = Path(process.cwd())
    except (psutil.Error, OSError):
        return True  # somebody else's: nothing says that it works elsewhere
    return place == home or home in place.parents
