"""A platform in memory: an adapter whose every answer a test decides, with a ledger of what really
arrived. It stands in for a platform, not for code of ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from vaguemestre.api import (
    Absent,
    Adapter,
    Announcement,
    Candidate,
    ConnectionReport,
    Credential,
    Declaration,
    Document,
    Effect,
    Format,
    Found,
    HandedOver,
    Order,
    Profile,
    Receipt,
    Refusal,
    ReturnReader,
    ReturnSummary,
    Unknown,
    Window,
)

Behaviour = Callable[["Platform", Order], Awaitable[Receipt | Refusal | HandedOver]]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Platform(Adapter):
    """Deposits everything at once unless `behaviour` says otherwise."""

    platform = "memory"
    settings = Settings
    modules = frozenset({"letter"})
    settling_seconds = 0.0
    poll_seconds = 3600.0

    def __init__(self, profile: Profile | None = None) -> None:
        super().__init__(
            profile
            or Profile(
                name="p",
                platform="memory",
                mode="real",
                credential=Credential(name="c", fields={}),
                settings=Settings(),
                base=Path(),
            )
        )
        self.ledger: list[tuple[str, str]] = []  # reference, sha256
        self.behaviour: Behaviour = accept
        self.asked: list[Order] = []
        self.announcements: list[Announcement] = []
        self.documents: dict[str, Document | Exception | None] = {}

    def record(self, order: Order) -> str:
        reference = f"F{len(self.ledger) + 1:04d}"
        self.ledger.append((reference, order.sha256))
        return reference

    async def check(self) -> ConnectionReport:
        return ConnectionReport(ok=True, message="")

    async def deposit(self, order: Order) -> Receipt | Refusal | HandedOver:
        return await self.behaviour(self, order)

    async def look_up(self, order: Order, since: datetime) -> Found | Absent | Unknown:
        self.asked.append(order)
        open_ones = [r for r, sha in self.ledger if r not in order.known and sha == order.sha256]
        if not open_ones:
            return Absent()
        if len(open_ones) > 1:
            candidates = tuple(Candidate(reference=r) for r in open_ones)
            return Unknown(message="several", candidates=candidates, ambiguous=True)
        return Found(reference=open_ones[0])

    async def collect(self, cursor: str | None) -> Window:
        return Window(announcements=tuple(self.announcements), cursor=str(len(self.announcements)))

    async def fetch(self, announcement: Announcement) -> Document | None:
        document = self.documents[announcement.locator]
        if isinstance(document, Exception):
            raise document
        return document

    async def announced(self, reference: str) -> list[Announcement]:
        return [a for a in self.announcements if a.reference == reference]


async def accept(platform: Platform, order: Order) -> Receipt:
    return Receipt(reference=platform.record(order), recorded_at=datetime.now(UTC))


class Letters(Format):
    """Files that begin with `LETTER`: a form small enough to be read in a test."""

    name = "letter"

    def recognise(self, name: str, payload: bytes) -> Declaration | None:
        if not payload.startswith(b"LETTER"):
            return None
        return Declaration(kind="letter", module="letter", issuer="1", company="1")

    def people(self, payload: bytes) -> Iterator[Mapping[str, str]]:
        """Whoever is written to: `LETTER to DUPONT to MARTIN`."""
        for name in payload.decode().split(" to ")[1:]:
            yield {"family_name": name.split()[0], "matricule": "7"}


class Verdicts(ReturnReader):
    """Documents that hold the name of their effect, and maybe their author: `certificate by X`."""

    name = "verdicts"

    def read(self, document: Document, announcement: Announcement | None) -> ReturnSummary | None:
        word, _by, author = document.content.decode().partition(" by ")
        effect = Effect(word) if word in set(Effect) else Effect.NONE
        return ReturnSummary(family="verdict", label=word, effect=effect, organism=author)


def announcement(reference: str, locator: str, **more: Any) -> Announcement:
    return Announcement(reference=reference, nature="11", locator=locator, version=locator, **more)
