"""The adapter's working parts, put together: what `adapter.py` loads when it is first used."""

from __future__ import annotations

import importlib.metadata
import ssl
from collections import OrderedDict
from datetime import datetime
from zoneinfo import ZoneInfo

from vaguemestre.api import (
    Absent,
    ConfigurationError,
    Found,
    NoEffect,
    Order,
    OutcomeUnknown,
    Profile,
    Receipt,
    Refusal,
    Unknown,
    Window,
)
from vaguemestre_net_entreprises import besides, collecting
from vaguemestre_net_entreprises.answers import Lost, NotSent
from vaguemestre_net_entreprises.fetching import Fetcher
from vaguemestre_net_entreprises.lookup import LookUp
from vaguemestre_net_entreprises.protocol import deposit
from vaguemestre_net_entreprises.protocol.messages import Answer
from vaguemestre_net_entreprises.session import Session
from vaguemestre_net_entreprises.settings import Settings, completed
from vaguemestre_net_entreprises.texts import _
from vaguemestre_net_entreprises.transport import Transport
from vaguemestre_net_entreprises.windows import Windows, utc_now

#: Calls beside the deposits that may be under way: listings and downloads.
_OTHER_CALLS = 6
#: References of receipts that are remembered, to notice one that comes twice.
_REMEMBERED = 10_000


class Engine:
    """One profile at work. Raises ConfigurationError if `ca_file` cannot be used."""

    def __init__(self, profile: Profile) -> None:
        self.settings: Settings = completed(profile.settings)
        self._references: OrderedDict[str, None] = OrderedDict()
        self._transport = _transport(profile, self.settings)
        self.session = Session(self._transport, self.settings, profile.credential.fields)
        self._windows = Windows(self.session, self.settings, utc_now)
        self.fetcher = Fetcher(self.session, self._windows, self.settings)

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def deposit(self, order: Order) -> Receipt | Refusal:
        """Deposit once; see `Adapter.deposit` for what is raised."""
        own = _Own(self._references)
        try:
            answer = await self.session.call(
                lambda authorization: deposit.request(
                    self.settings.deposit_url,
                    authorization,
                    order.payload,
                    self.settings.content_type,
                ),
                trust=own.trust,
            )
        except NotSent as error:
            raise NoEffect(str(error)) from error
        except Lost as error:
            raise OutcomeUnknown(str(error)) from error
        if own.foreign:
            raise OutcomeUnknown(_("The platform answered with the receipt of another deposit."))
        return deposit.read(answer, ZoneInfo(self.settings.time_zone))

    async def look_up(self, order: Order, since: datetime) -> Found | Absent | Unknown:
        return await LookUp(order, since, self._windows, self.fetcher).answer()

    async def collect(self, cursor: str | None) -> Window:
        window = await collecting.collect(self._windows, self.settings, cursor)
        if window.more:
            return window
        return await besides.with_rest(window, self._windows, self.settings)


class _Own:
    """Tells whether an answer is that to its own deposit: a reference comes only once."""

    def __init__(self, given: OrderedDict[str, None]) -> None:
        self._given = given
        self.foreign = False

    def trust(self, answer: Answer) -> bool:
        """Whether it certainly is. `foreign` says whether it certainly is not."""
        references = deposit.references(answer)
        self.foreign = any(reference in self._given for reference in references)
        self._given.update(dict.fromkeys(references))
        while len(self._given) > _REMEMBERED:
            self._given.popitem(last=False)
        return answer.status == 200 and len(references) == 1 and not self.foreign


def _transport(profile: Profile, settings: Settings) -> Transport:
    ca_file = profile.base / settings.ca_file if settings.ca_file else None
    try:
        return Transport(
            user_agent=settings.user_agent or _user_agent(),
            timeout=settings.timeout_seconds,
            ca_file=ca_file,
            proxy=settings.proxy,
            calls=profile.concurrency + _OTHER_CALLS,
        )
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            _("ca_file cannot be read as certificates: {path} ({error})").format(
                path=ca_file, error=type(error).__name__
            )
        ) from error


def _user_agent() -> str:
    """`Client-DSN (<logiciel>/<version>; <éditeur>)`, as the platform's guide wants it."""
    version = importlib.metadata.version("vaguemestre")
    return f"Client-DSN (Vaguemestre/{version}; Vaguemestre)"
