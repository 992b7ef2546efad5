"""Misbehaviour on demand.

A fault is written `NAME[=VALUE][:key=value…][*TIMES | @PROBABILITY]`, for instance
`answer-lost*2`, `status=503:effect=no`, `late:seconds=3@0.1`. Without a count it happens once. The
key `call` names the kind of call that it strikes (`auth`, `deposit`, `depots`, `retours`,
`download`); the default is `deposit`, except where the fault is about something else.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

#: What each fault does, and the call that it strikes unless told otherwise.
NAMES = {
    "reset-before-body": "reset the connection when the head of the request is read",
    "reset-in-body": "reset the connection in the middle of the request's body",
    "reset-after-body": "reset the connection after the body, recording nothing",
    "answer-lost": "record, then close the connection without an answer",
    "answer-cut": "record, then send half of the answer and close",
    "status": "answer with that status; effect=yes records the deposit nevertheless",
    "slow-drip": "record, then answer byte by byte (seconds: pause between bytes)",
    "late": "record, then answer after some seconds",
    "token-expired": "forget the token in the middle of the call",
    "garbage-200": "a maintenance page under 200; effect=yes records the deposit nevertheless",
    "double-answer": "record, and send the answer twice on the connection",
    "list-late": "record, but list the deposit only after some seconds",
    "overwrite": "publish a later edition of a report, whose first one can no longer be had",
}
_SPEC = re.compile(r"([a-z0-9-]+)(?:=(\w+))?((?::\w+=[\w.-]+)*)(?:\*(\d+)|@([\d.]+))?")


class FaultError(ValueError):
    """A fault that cannot be understood."""


@dataclass
class Fault:
    name: str
    value: str = ""
    options: dict[str, str] = field(default_factory=dict)
    left: int = 1
    probability: float = 0.0

    @property
    def call(self) -> str:
        return self.options.get("call", "deposit")

    @property
    def effect(self) -> bool:
        return self.options.get("effect", "no") == "yes"

    def seconds(self, default: float) -> float:
        return float(self.options.get("seconds", default))


def parse(spec: str) -> Fault:
    """The fault that `spec` writes. Raises FaultError."""
    match = _SPEC.fullmatch(spec)
    if match is None or match[1] not in NAMES:
        raise FaultError(f"{spec!r} is not a fault; known: {', '.join(NAMES)}")
    options = dict(pair.split("=") for pair in match[3].split(":")[1:])
    return Fault(
        match[1],
        match[2] or "",
        options,
        left=int(match[4] or 1),
        probability=float(match[5] or 0.0),
    )


class Faults:
    """The faults in force. `strike` says which one, if any, strikes a call."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - chance in a simulator
        self._faults: list[Fault] = []

    def add(self, spec: str) -> None:
        self._faults.append(parse(spec))

    def clear(self) -> None:
        self._faults.clear()

    def strike(self, call: str) -> Fault | None:
        for fault in self._faults:
            if fault.call != call:
                continue
            if fault.probability:
                if self._chance.random() < fault.probability:
                    return fault
            elif fault.left > 0:
                fault.left -= 1
                return fault
        return None
