"""The adapter for the API DSN of Net-Entreprises, as the core calls it.

Cheap to import: what needs the network or an XML parser is in `engine.py`, loaded on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from vaguemestre.api import (
    Absent,
    Adapter,
    Announcement,
    ConnectionReport,
    CredentialRefused,
    Declaration,
    Document,
    Found,
    NoEffect,
    Order,
    Profile,
    Receipt,
    Refusal,
    Unknown,
    Window,
)
from vaguemestre_net_entreprises.settings import (
    Settings,
    consultation_host,
    deposit_point,
    mistakes,
    settling_seconds,
)
from vaguemestre_net_entreprises.texts import _

if TYPE_CHECKING:
    from vaguemestre_net_entreprises.engine import Engine


class NetEntreprises(Adapter):
    """Deposits DSN, signalements and FCTU, and brings their returns back."""

    platform = "net-entreprises"
    settings = Settings
    credential_fields: ClassVar[tuple[str, ...]] = ("siret", "nom", "prenom", "motdepasse")
    modules = frozenset({"dsn", "signalement", "fctu"})
    queryable = True

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.settling_seconds = settling_seconds(profile.settings)
        self.poll_seconds = profile.settings.poll_seconds
        self._made: Engine | None = None

    @classmethod
    def check_settings(cls, settings: Any) -> Sequence[tuple[str, str]]:
        return mistakes(settings)

    @classmethod
    def endpoint(cls, settings: Any) -> str:
        return consultation_host(settings)

    def carries(self, declaration: Declaration) -> str | None:
        here = deposit_point(self.profile.settings)
        wanted = declaration.deposit_point
        if not here or not wanted or wanted == here:
            return None
        if here == "01":
            return _(
                "The file is for the agricultural scheme (S10.G00.00.007 = {point}), this profile "
                "deposits at the general scheme."
            ).format(point=wanted)
        return _(
            "The file is for the general scheme (S10.G00.00.007 = {point}), this profile deposits "
            "at the agricultural scheme."
        ).format(point=wanted)

    async def aclose(self) -> None:
        if self._made is not None:
            await self._made.aclose()

    async def check(self) -> ConnectionReport:
        try:
            answer = await self._engine.session.authenticate()
        except CredentialRefused as refused:
            return ConnectionReport(ok=False, message=str(refused), evidence={"refused": True})
        except NoEffect as error:
            return ConnectionReport(ok=False, message=str(error))
        evidence: dict[str, Any] = {
            k: answer.headers[k] for k in ("date", "expires") if k in answer.headers
        }
        return ConnectionReport(
            ok=True,
            message=_("The platform accepts the credential; nothing was deposited."),
            evidence=evidence,
        )

    async def deposit(self, order: Order) -> Receipt | Refusal:
        return await self._engine.deposit(order)

    async def look_up(self, order: Order, since: datetime) -> Found | Absent | Unknown:
        return await self._engine.look_up(order, since)

    async def collect(self, cursor: str | None) -> Window:
        return await self._engine.collect(cursor)

    async def fetch(self, announcement: Announcement) -> Document | None:
        return await self._engine.fetcher.fetch(announcement)

    async def announced(self, reference: str) -> Sequence[Announcement]:
        return await self._engine.fetcher.announced(reference)

    @property
    def _engine(self) -> Engine:
        if self._made is None:
            from vaguemestre_net_entreprises.engine import Engine

            self._made = Engine(self.profile)
        return self._made
