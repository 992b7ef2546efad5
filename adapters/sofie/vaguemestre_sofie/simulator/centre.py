"""The other side of the line: takes what is sent, writes it down, and answers. Standard library
only.

An encrypted file that comes a second time is recognised by its name and has no effect: SOFiE itself
sends it again after a break.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vaguemestre_sofie.simulator import seculine
from vaguemestre_sofie.simulator.home import Home, read, write


class Centre:
    """What the simulated SIX and CCSS have, in the files of `home`."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def write(self, event: str, **facts: Any) -> None:
        """Write a record into the ledger, durably."""
        record = {"event": event, "at": datetime.now(UTC).isoformat(), **facts}
        with self.home.ledger.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def records(self) -> list[dict[str, Any]]:
        try:
            lines = self.home.ledger.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def deposits(self) -> list[dict[str, Any]]:
        """What really arrived, in order."""
        return [r for r in self.records() if r["event"] == "deposit"]

    def deliver(self, transport: str, original: str, payload: bytes) -> None:
        """A file arrives."""
        if any(r["transport"] == transport for r in self.deposits()):
            self.write("again", transport=transport)
            return
        kind = original.removesuffix(".dta")
        employer, number = seculine.facts(payload)
        self.write(
            "deposit",
            transport=transport,
            type=kind,
            employer=employer,
            seculine=number,
            sha256=hashlib.sha256(payload).hexdigest(),
            size=len(payload),
            payload=base64.b64encode(payload).decode(),
        )
        self._answer(kind, payload)

    def _answer(self, kind: str, payload: bytes) -> None:
        options = self.home.options
        now = datetime.now(UTC)
        wrong = list(seculine.rejects(kind, payload, frozenset(options.unaffiliated), now))
        wrong += self._ordered(kind, payload)
        if wrong:
            self._send_back(kind, payload, wrong, options.return_delay)

    def _ordered(self, kind: str, payload: bytes) -> list[tuple[int, str]]:
        """Rejects that somebody asked for of the next file of this type."""
        orders = read(self.home.orders, [])
        mine = next((o for o in orders if o[0] == kind), None)
        if mine is None:
            return []
        orders.remove(mine)
        write(self.home.orders, orders)
        return [(mine[1], record) for record in seculine.records(payload)[:1]]

    def _send_back(
        self, kind: str, payload: bytes, wrong: list[tuple[int, str]], delay: float
    ) -> str:
        employer, number = seculine.facts(payload)
        answer = (seculine.TYPES | seculine.OTHERS)[kind]
        lines = [f"0;{employer};{number}"]
        for code, record in wrong:
            first, _semicolon, rest = record.partition(";")
            lines.append(f"{first};{code};{rest}")
        content = "".join(f"{line}\r\n" for line in lines).encode("ascii")
        return self.put(f"{answer}.{employer}_{number}_{stamp()}.dta", content, delay)

    def put(self, name: str, content: bytes, delay: float = 0.0) -> str:
        """Put a file into the mailbox, to be received after `delay` seconds; its name."""
        letter = {
            "name": name,
            "due": time.time() + delay,
            "content": base64.b64encode(content).decode(),
        }
        self.home.mailbox.mkdir(exist_ok=True)
        write(self.home.mailbox / f"{time.time_ns()}-{uuid.uuid4().hex}.json", letter)
        return name

    def reject_next(self, kind: str, code: int) -> None:
        """Reject the first record of the next file of this type."""
        write(self.home.orders, [*read(self.home.orders, []), [kind, code]])

    def reject_now(self, kind: str, code: int, employer: str = "") -> str:
        """Reject the first record of the last file of this type (and employer) that arrived; the
        name of the return. Raises LookupError if none did."""
        found = [
            r for r in self.deposits() if r["type"] == kind and employer in ("", r["employer"])
        ]
        if not found:
            raise LookupError(f"no {kind} has arrived")
        payload = base64.b64decode(found[-1]["payload"])
        return self._send_back(kind, payload, [(code, seculine.records(payload)[0])], 0.0)

    def letters(self) -> list[tuple[Path, str, bytes]]:
        """What can be received now: its place, name and content."""
        found = []
        for path in sorted(self.home.mailbox.glob("[0-9]*.json")):
            letter = read(path, None)
            if letter is not None and letter["due"] <= time.time():
                found.append((path, letter["name"], base64.b64decode(letter["content"])))
        return found


def stamp() -> str:
    """The 14 digits of a received name: `YYMMDDHHMMSS` and hundredths."""
    now = datetime.now().astimezone()
    return f"{now:%y%m%d%H%M%S}{now.microsecond // 10_000:02d}"
