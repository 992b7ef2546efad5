"""A deployment in which files are taken and controlled at will, without a daemon: declarations of a
form of our own say by themselves which places they take, replace, and by when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from support.platform import Platform
from vaguemestre.api import (
    Adapter,
    Autocontrol,
    Declaration,
    Finding,
    Format,
    Notice,
    Part,
    Severity,
    hookimpl,
)
from vaguemestre.confront import hold_closed
from vaguemestre.control import Control
from vaguemestre.decisions import decide, settle_absent
from vaguemestre.deployment import Deployment
from vaguemestre.lifecycle import Event
from vaguemestre.plugins import Registry
from vaguemestre.store import deposits, documents, journal, listings
from vaguemestre.store.engine import Session

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)

CONFIG = """
locale = "en"
[store]
path = "store.db"
[vault]
key_file = "vault.key"
[[outbox]]
name = "paie"
path = "out"
user = "marie"
[[outbox]]
name = "rh"
path = "out-rh"
[[outbox]]
name = "checked"
path = "out-checked"
hold = true
[inbox]
path = "in"
[[profile]]
name = "p"
platform = "memory"
[[profile]]
name = "t"
platform = "memory"
mode = "test"
[[activation]]
user = "marie"
module = "parcel"
active = false
"""


def card(*keys: str, **more: Any) -> bytes:
    """A file that declares what is given; `words` make its bytes differ."""
    declaration = {"kind": "card", "module": "letter", "issuer": "1", "keys": keys, **more}
    return b"CARD" + msgspec.json.encode(declaration)


class Cards(Format):
    """`CARD` and a declaration in JSON; several are split at each line end."""

    name = "card"

    def recognise(self, name: str, payload: bytes) -> Declaration | None:
        if not payload.startswith(b"CARD"):
            return None
        first, *others = payload.split(b"\n")
        found = msgspec.json.decode(first[4:], type=Declaration)
        return msgspec.structs.replace(found, declarations=1 + len(others))

    def split(self, name: str, payload: bytes) -> Sequence[Part]:
        return [Part(f"{n}-{name}", part) for n, part in enumerate(payload.split(b"\n"), start=1)]


class Objection(Autocontrol):
    """Objects to whatever holds the counter's word, and warns of what holds its other one."""

    name = "objection"

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def applies(self, declaration: Declaration) -> bool:
        return bool(self._counter.objects_to or self._counter.warns_of)

    async def check(self, declaration: Declaration, payload: bytes) -> Sequence[Finding]:
        words = {
            self._counter.objects_to: Severity.BLOCKING,
            self._counter.warns_of: Severity.WARNING,
        }
        return [
            Finding(severity=severity, code="objection", message="Correct it.")
            for word, severity in words.items()
            if word and word.encode() in payload
        ]


class Plugin:
    __name__ = "cards"

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    @hookimpl
    def register_autocontrols(self, register: Callable[[Autocontrol], None]) -> None:
        register(Objection(self._counter))

    @hookimpl
    def register_formats(self, register: Callable[[Format], None]) -> None:
        register(Cards())

    @hookimpl
    def register_adapters(self, register: Callable[[type[Adapter]], None]) -> None:
        register(Platform)


class Counter:
    """Where files are handed in. `now` is what the clock says."""

    def __init__(self, folder: Path, extra: str = "") -> None:
        self.config = folder / "site.toml"
        self.config.write_text(CONFIG + extra, "utf-8")
        registry = Registry()
        registry.register(Plugin(self))
        self.now = NOW
        self.objects_to = self.warns_of = ""
        self.told: list[Notice] = []
        self.deployment = Deployment.open(self.config, registry, lambda: self.now)
        self.store = self.deployment.store
        self.control = Control(self.deployment, lambda _profile, _declaration: None, self._post)
        self._files = 0

    async def _post(self, notice: Notice) -> None:
        self.told.append(notice)

    def take(self, payload: bytes, outbox: str = "paie") -> int:
        """A file that was taken, not controlled yet."""
        self._files += 1
        name = f"{self._files}.card"

        def put(session: Session) -> int:
            packed = documents.pack(payload)
            documents.put(session, packed)
            file_id = session.sql.file_add(
                session.connection,
                outbox=outbox,
                source=name,
                name=name,
                sha256=packed.sha256,
                size=packed.size,
                source_path=b"",
                target_path=b"",
                now=session.now,
                duplicate_of=None,
            )
            return deposits.add(
                session,
                file_id=file_id,
                name=name,
                sha256=packed.sha256,
                outbox=outbox,
                source=name,
            )

        return self.store.write_now(put)

    async def drop(self, payload: bytes, outbox: str = "paie", *, then: str = "") -> int:
        """A file that was taken and controlled; `then`: events that followed, by name."""
        deposit = self.take(payload, outbox)
        await self.control.control([deposit])
        for event in then.split():
            self.happen(deposit, Event(event))
        return deposit

    def happen(self, deposit: int, event: Event) -> None:
        def work(session: Session) -> None:
            if event is Event.ATTEMPT:
                # Of all that is ready only this one is due.
                session.connection.execute(
                    "UPDATE deposit SET next_try_at = CASE WHEN id = ? THEN NULL ELSE '9' END"
                    " WHERE state = 'ready'",
                    (deposit,),
                )
                deposits.claim(session, "p", 1)
                return
            if event in (Event.RECEIPT, Event.REFUSAL, Event.GIVE_UP, Event.LOSE_TRACK):
                deposits.end_attempt(session, deposit, event.value, {})
            if event is Event.RECEIPT:
                deposits._refer(session, deposit, f"F{deposit}", session.moment)
            journal.move(session, deposit, event)

        self.store.write_now(work)

    async def decide(self, deposit: int, event: Event) -> str:
        """What a person decides, and what the control makes of it."""
        self.store.write_now(lambda s: decide(s, deposit, event, by="marie"))
        await self.control.control([deposit])
        return self.state(deposit)

    def settle_absent(self, deposit: int) -> str:
        return self.store.write_now(lambda s: settle_absent(s, deposit, by="marie")).value

    def hold_closed(self) -> None:
        """What a lane does before it sends."""
        self.store.write_now(lambda s: hold_closed(s, "p"))

    def show(self, deposit: int) -> dict[str, Any]:
        found = self.store.read_now(lambda s: listings.deposit(s, deposit))
        assert found is not None
        return found

    def state(self, deposit: int) -> str:
        return str(self.show(deposit)["state"])

    def codes(self, deposit: int) -> list[str]:
        """What was found about it."""
        return [f["code"] for f in self.show(deposit)["findings"]]

    def notices(self) -> list[str]:
        return [n["title"] for n in self.store.read_now(listings.notices)]
