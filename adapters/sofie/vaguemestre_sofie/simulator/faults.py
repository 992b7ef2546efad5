"""Misbehaviour: `NAME[=VALUE][@send|@receive|@update][*TIMES]`, in any run and once if nothing is
said. A fault is used up where it strikes. Standard library only."""

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
_SPEC = re.compile(r"([a-z-]+)(?:=([^*@]+))?(?:@(send|receive|update))?(?:\*(\d+))?")


class FaultError(ValueError):
    """A spec that is not understood."""


def parse(spec: str) -> tuple[str, str, str, int]:
    """Name, value, in which kind of run ("" for any), how often. Raises FaultError."""
    match = _SPEC.fullmatch(spec)
    if match is None or match[1] not in NAMES:
        raise FaultError(f"{spec!r} is no fault; there are: {', '.join(NAMES)}")
    return match[1], match[2] or "", match[3] or "", int(match[4] or 1)


def add(home: Home, *specs: str) -> None:
    """Faults for the next runs. Raises FaultError, and then none is added."""
    write(home.faults, read(home.faults, []) + [list(parse(spec)) for spec in specs])


class Faults:
    """The faults that strike one run of `kind`."""

    def __init__(self, home: Home, kind: str) -> None:
        self._home = home
        self._kind = kind
        self._struck: dict[str, str] = {}

    def strikes(self, name: str) -> bool:
        """Whether the fault is in force here; once in a run, it is so until its end."""
        if name in self._struck:
            return True
        left = read(self._home.faults, [])
        for fault in left:
            if fault[0] == name and fault[2] in ("", self._kind):
                self._struck[name] = fault[1]
                fault[3] -= 1
                write(self._home.faults, [f for f in left if f[3] > 0])
                return True
        return False

    def value(self, name: str, otherwise: str) -> str:
        return self._struck.get(name) or otherwise
