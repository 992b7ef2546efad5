"""The adapter that drives SOFiE, as the core calls it.

Cheap to import: what drives SOFiE is in `engine.py`, loaded on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from vaguemestre.api import (
    Absent,
    Adapter,
    Announcement,
    ConnectionReport,
    Declaration,
    Document,
    Examined,
    Found,
    Notice,
    Order,
    Profile,
    Receipt,
    Refusal,
    Status,
    Unknown,
    Window,
)
from vaguemestre_sofie.names import type_of
from vaguemestre_sofie.settings import Settings, mistakes
from vaguemestre_sofie.texts import _

if TYPE_CHECKING:
    from vaguemestre_sofie.engine import Engine


class Sofie(Adapter):
    """Sends SECUline files through one installation of SOFiE, and brings its returns back."""

    platform = "sofie"
    settings = Settings
    credential_fields: ClassVar[tuple[str, ...]] = ()
    modules = frozenset({"seculine"})
    queryable = True
    exclusive = True
    #: Whether a file was sent is seen in SOFiE's own folders, and they know it at once.
    settling_seconds = 1.0

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.poll_seconds = profile.settings.receive_minutes * 60
        self._made: Engine | None = None

    @classmethod
    def check_settings(cls, settings: Any) -> Sequence[tuple[str, str]]:
        return mistakes(settings)

    @classmethod
    def endpoint(cls, settings: Any) -> str:
        return str(settings.home)

    def carries(self, declaration: Declaration) -> str | None:
        settings = self.profile.settings
        if not type_of(declaration) and "{type}" in settings.sent_name:
            return _("the file does not tell of which type it is (DECSAL, DECAFF…)")
        return None

    async def aclose(self) -> None:
        if self._made is not None:
            await self._made.aclose()

    async def check(self) -> ConnectionReport:
        found = tuple(await self.examine())
        bad = [one for one in found if one.status is Status.ERROR]
        if bad:
            message = _("{count} things must be mended first.").format(count=len(bad))
            return ConnectionReport(ok=False, message=message, examined=found)
        message = _("The installation of SOFiE is as it should be; nothing was sent.")
        return ConnectionReport(ok=True, message=message, examined=found)

    async def examine(self) -> Sequence[Examined]:
        from vaguemestre_sofie.examination import examine

        return await examine(self.profile)

    async def upkeep(self) -> Sequence[Notice]:
        from vaguemestre_sofie.upkeep import upkeep

        return await upkeep(self.profile)

    async def deposit(self, order: Order) -> Receipt | Refusal:
        return await self._engine.deposit(order)

    async def look_up(self, order: Order, since: datetime) -> Found | Absent | Unknown:
        return await self._engine.look_up(order, since)

    async def collect(self, cursor: str | None) -> Window:
        return await self._engine.collect(cursor or "")

    async def fetch(self, announcement: Announcement) -> Document | None:
        return await self._engine.fetch(announcement)

    async def update(self) -> str | None:
        return await self._engine.update()

    def hurry(self) -> None:
        self._engine.hurry()

    def presumed_at(self, declaration: Declaration, deposited_at: datetime) -> datetime | None:
        settings = self.profile.settings
        kinds = {kind.upper() for kind in settings.presumed_types}
        if not settings.presumed_hours or type_of(declaration) not in kinds:
            return None
        from vaguemestre_sofie.working_time import after_working_hours

        due = after_working_hours(
            deposited_at, settings.presumed_hours, settings.working_days, settings.public_holidays
        )
        received = self._made.received_at if self._made else None
        # Silence says nothing while SOFiE does not receive.
        deaf = received is None or received < due
        return None if deaf and datetime.now(UTC) >= due else due

    @property
    def _engine(self) -> Engine:
        if self._made is None:
            from vaguemestre_sofie.engine import Engine

            self._made = Engine(self.profile)
        return self._made
