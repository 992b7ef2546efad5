"""Misbehaviour: `NAME[=VALUE][*TIMES]`, once if nothing is said. Standard library only."""

from __future__ import annotations

import re

from vaguemestre_sofie.simulator.home import Home, read, write

NAMES = {
    "update-fails": "the update at the start fails: exit 1, nothing was touched",
    "no-network": "encrypts, and cannot send",
    "right-withdrawn": "encrypts, and is not let in",
    "password-expired": "touches nothing",
    "certificate-expired": "cannot encrypt",
    "decrypted-exists": "a decrypted file of the name lies there already",
    "crash-at-start": "dies before it touches anything",
    "crash-after-encrypt": "dies when the encrypted file is there, without a line in the log",
    "half-line": "dies in the middle of the line about the encryption",
    "crash-before-delete": "dies when the encryption is in the log, the clear file still there",
    "crash-after-send": "dies when the file has arrived, without a line in the log",
    "crash-in-decrypt": "dies when half of a decrypted file is written",
    "hang": "hangs at the start",
    "hang-after-encrypt": "hangs between encrypting and sending",
    "hang-after-send": "hangs when the file has arrived and is in the log",
    "stubborn": "hangs after the encryption, and does not end when asked politely",
    "flood": "prints VALUE megabytes (20)",
    "garbage": "prints and logs bytes that are no text",
    "exit": "ends with code VALUE whatever it did",
    "orphan": "goes on in another session, VALUE seconds (1) after the first process has ended",
    "slow": "takes VALUE seconds (1) between encrypting and sending",
    "rotate": "begins the audit log anew in the middle of its work",
    "silent": "writes nothing in the audit log",
}
_SPEC = re.compile(r"([a-z-]+)(?:=([^*]+))?(?:\*(\d+))?")


class FaultError(ValueError):
    """A spec that is not understood."""


def parse(spec: str) -> tuple[str, str, int]:
    """Name, value and how often. Raises FaultError."""
    match = _SPEC.fullmatch(spec)
    if match is None or match[1] not in NAMES:
        raise FaultError(f"{spec!r} is no fault; there are: {', '.join(NAMES)}")
    return match[1], match[2] or "", int(match[3] or 1)


def add(home: Home, *specs: str) -> None:
    """Faults for the next runs. Raises FaultError, and then none is added."""
    write(home.faults, read(home.faults, []) + [list(parse(spec)) for spec in specs])


def clear(home: Home) -> None:
    write(home.faults, [])


def take(home: Home) -> dict[str, str]:
    """The faults of one run: name and value; each is used up by one."""
    left, now = [], {}
    for name, value, times in read(home.faults, []):
        if name in now:
            left.append([name, value, times])
            continue
        now[name] = value
        if times > 1:
            left.append([name, value, times - 1])
    write(home.faults, left)
    return now
