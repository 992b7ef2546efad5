"""Misbehaviour on demand.

A fault is written `NAME[=VALUE][:key=value…][*TIMES | @PROBABILITY]`, for instance
`answer-lost*2`, `status=503:effect=no`, `late:seconds=3@0.1`. Without a count it happens once. The
key `call` names the kind of call that it strikes (`auth`, `deposit`, `depots`, `retours`,
`download`); the default is `deposit`.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

#: What each fault does to the call that it strikes.
NAMES = {
    "reset-before-body": "reset the connection when the head of the request is read",
    "reset-in-body": "reset the connection in the middle of the request's body",
    "reset-after-body": "reset the connection after the body, recording nothing",
    "answer-lost": "record, then reset the connection without an answer",
    "answer-cut": "record, then send two thirds of the answer and reset the connection",
    "status": "answer with that status; effect=yes records the deposit nevertheless",
    "slow-drip": "record, then answer byte by byte (seconds: pause between bytes)",
    "late": "record, then answer after some seconds",
    "token-expired": "forget the token in the middle of the call",
    "garbage-200": "a maintenance page under 200; effect=yes records the deposit nevertheless",
    "double-answer": "record, and send the answer twice on the connection",
    "list-late": "record, but list the deposit and its returns only after some seconds",
    "overwrite": "publish a later edition of a report, whose first one can no longer be had",
}
#: Kinds of call that a fault can strike.
CALLS = ("auth", "deposit", "depots", "retours", "download")
#: Faults that answer in place of the platform, and those that are about deposits alone.
_REPLACING = ("status", "garbage-200")
_OF_DEPOSITS = ("list-late", "overwrite")
_TIMED = ("slow-drip", "late", *_OF_DEPOSITS)
_SPEC = re.compile(
    r"([a-z0-9-]+)(?:=(\w+))?((?::\w+=[\w.-]+)*)(?:\*(\d+)|@(\d+(?:\.\d+)?))?", re.ASCII
)
_SECONDS = re.compile(r"\d+(\.\d+)?", re.ASCII)
_STATUS = re.compile(r"[2-5]\d\d", re.ASCII)


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
    def replaces(self) -> bool:
        """Whether it answers in place of the platform."""
        return self.name in _REPLACING

    @property
    def effect(self) -> bool:
        """Whether the platform does what it is asked, whatever the caller sees."""
        return not self.replaces or self.options.get("effect", "no") == "yes"

    def seconds(self, default: float) -> float:
        return float(self.options.get("seconds", default))


def parse(spec: str) -> Fault:
    """The fault that `spec` writes. Raises FaultError."""
    match = _SPEC.fullmatch(spec)
    if match is None or match[1] not in NAMES:
        raise FaultError(f"{spec!r} is not a fault; known: {', '.join(NAMES)}")
    name, value = match[1], match[2] or ""
    options = dict(pair.split("=") for pair in match[3].split(":")[1:])
    times, chance = int(match[4] or 1), float(match[5] or 0)
    for wrong in _mistakes(name, value, options):
        raise FaultError(f"{spec!r}: {wrong}")
    if times == 0 or chance > 1 or (match[5] and not chance):
        raise FaultError(f"{spec!r}: *TIMES is 1 or more, @PROBABILITY above 0 and up to 1")
    return Fault(name, value, options, left=times, probability=chance)


def _mistakes(name: str, value: str, options: dict[str, str]) -> list[str]:
    found = []
    if name == "status" and not _STATUS.fullmatch(value):
        found.append("status wants a value from 200 to 599")
    if name != "status" and value:
        found.append("only status has a value")
    permitted = {"call"}
    permitted |= {"effect"} if name in _REPLACING else set()
    permitted |= {"seconds"} if name in _TIMED else set()
    found += [f"{name} has no key {key!r}" for key in options if key not in permitted]
    calls = ("deposit",) if name in _OF_DEPOSITS else CALLS
    if options.get("call", "deposit") not in calls:
        found.append(f"call is one of {', '.join(calls)}")
    if options.get("effect", "no") not in ("yes", "no"):
        found.append("effect is yes or no")
    if not _SECONDS.fullmatch(options.get("seconds", "0")):
        found.append("seconds is a number")
    return found


class Faults:
    """The faults in force. `strike` says which one, if any, strikes a call."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - chance in a simulator
        self._faults: list[Fault] = []

    def add(self, *specs: str) -> None:
        """Raises FaultError, and then adds none of them."""
        self._faults += [parse(spec) for spec in specs]

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
