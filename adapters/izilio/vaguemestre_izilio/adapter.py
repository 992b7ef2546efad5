"""The adapter for IZILIO, as the core calls it: one of two ways, by the setting `transport`.

By the line it is the API DSN client of `vaguemestre_net_entreprises` at IZILIO's addresses. By hand
it is `hand_over`, which lays files ready for a person. Nothing of the protocol is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from vaguemestre.api import (
    Absent,
    Adapter,
    Announcement,
    ConnectionReport,
    Declaration,
    Document,
    Examined,
    Found,
    HandedOver,
    Order,
    Profile,
    Receipt,
    Refusal,
    Unknown,
    Window,
)
from vaguemestre_izilio.hand_over.adapter import HandOver
from vaguemestre_izilio.settings import Settings, by_hand, mistakes, needs
from vaguemestre_net_entreprises.adapter import NetEntreprises


class Izilio(Adapter):
    """Deposits DSN, signalements and FCTU at IZILIO, and brings their returns back."""

    platform = "izilio"
    settings = Settings
    credential_fields: ClassVar[tuple[str, ...]] = needs(Settings())
    modules = NetEntreprises.modules

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self._way = HandOver(profile) if by_hand(profile.settings) else NetEntreprises(profile)
        self.settling_seconds = self._way.settling_seconds
        self.poll_seconds = self._way.poll_seconds

    @classmethod
    def check_settings(cls, settings: Any) -> Sequence[tuple[str, str]]:
        return mistakes(settings)

    @classmethod
    def needs(cls, settings: Any) -> Sequence[str]:
        return needs(settings)

    @classmethod
    def endpoint(cls, settings: Any) -> str:
        return (HandOver if by_hand(settings) else NetEntreprises).endpoint(settings)

    def carries(self, declaration: Declaration) -> str | None:
        return self._way.carries(declaration)

    async def aclose(self) -> None:
        await self._way.aclose()

    async def check(self) -> ConnectionReport:
        return await self._way.check()

    async def deposit(self, order: Order) -> Receipt | Refusal | HandedOver:
        return await self._way.deposit(order)

    async def look_up(self, order: Order, since: datetime) -> Found | Absent | Unknown | HandedOver:
        return await self._way.look_up(order, since)

    async def waiting(self) -> Sequence[tuple[int, str]]:
        return await self._way.waiting()

    async def over(self, deposits: Sequence[tuple[int, str]]) -> None:
        await self._way.over(deposits)

    async def collect(self, cursor: str | None) -> Window:
        return await self._way.collect(cursor)

    async def fetch(self, announcement: Announcement) -> Document | None:
        return await self._way.fetch(announcement)

    async def announced(self, reference: str) -> Sequence[Announcement]:
        return await self._way.announced(reference)

    async def examine(self) -> Sequence[Examined]:
        return await self._way.examine()
