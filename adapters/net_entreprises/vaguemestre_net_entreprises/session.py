"""Calls in the name of one account: holds the token, and renews it once when it is refused.

One authentication at a time; whoever waits for it shares its outcome, its refusal too, because each
refused password brings the account nearer to being blocked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
import trio

from vaguemestre.api import CredentialRefused, NoEffect
from vaguemestre_net_entreprises.answers import TransportError
from vaguemestre_net_entreprises.protocol import authentication
from vaguemestre_net_entreprises.protocol.faults import Call, fault
from vaguemestre_net_entreprises.protocol.messages import Answer, Request, Unreadable
from vaguemestre_net_entreprises.settings import Settings
from vaguemestre_net_entreprises.texts import _
from vaguemestre_net_entreprises.transport import ANSWER_BYTES, Transport, Trust

#: Seconds during which calls that were already on their way share a refusal. Short, so that a
#: person who has just mended the account is not told the old answer.
_SHARED_REFUSAL = 3.0

Build = Callable[[str], Request]


class Held(msgspec.Struct, frozen=True):
    """A token and until when it is used (trio's clock)."""

    value: str
    until: float


class Session:
    """The account's session at one platform."""

    def __init__(
        self, transport: Transport, settings: Settings, credential: Mapping[str, str]
    ) -> None:
        self.transport = transport
        self._settings = settings
        self._credential = credential
        self._held: Held | None = None
        self._one_at_a_time = trio.Lock()
        self._refusal: tuple[CredentialRefused, float] | None = None

    async def authenticate(self) -> Answer:
        """Ask for a new token, whatever is held. Raises NoEffect or CredentialRefused."""
        async with self._one_at_a_time:
            return await self._authenticate()

    async def call(
        self, build: Build, *, most: int = ANSWER_BYTES, trust: Trust | None = None
    ) -> Answer:
        """Send what `build` makes with the `Authorization` it is given; the answer, which is a 401
        only if a new token was refused too. `trust`: see `Transport.send`.

        Raises NoEffect (CredentialRefused) if no token can be had, TransportError for the call.
        """
        held = await self._token(refused=None)
        request = build(self._authorization(held))
        answer = await self.transport.send(request, most=most, trust=trust)
        if answer.status != 401:
            return answer
        held = await self._token(refused=held)
        request = build(self._authorization(held))
        return await self.transport.send(request, most=most, trust=trust)

    async def ask(self, build: Build, call: Call, *, most: int = ANSWER_BYTES) -> Answer:
        """`call` for what has no effect at the platform: an answer was not had is NoEffect."""
        try:
            answer = await self.call(build, most=most)
        except TransportError as error:
            raise NoEffect(str(error)) from error
        if answer.status == 401:
            raise fault(answer, call)
        return answer

    async def _token(self, refused: Held | None) -> Held:
        """The token in use, made new if it is over or is the one that was refused."""
        async with self._one_at_a_time:
            held = self._held
            if held is None or held == refused or held.until <= trio.current_time():
                if self._refusal is not None and trio.current_time() < self._refusal[1]:
                    raise CredentialRefused(str(self._refusal[0]))
                await self._authenticate()
                held = self._held
            assert held is not None  # noqa: S101 - _authenticate has set it
            return held

    async def _authenticate(self) -> Answer:
        self._held = None
        try:
            answer = await self._identify()
        except CredentialRefused as refusal:
            self._refusal = refusal, trio.current_time() + _SHARED_REFUSAL
            raise
        self._refusal = None
        try:
            token = authentication.token(answer)
        except Unreadable:
            raise NoEffect(
                _("The platform answered the identification with something else than a token.")
            ) from None
        self._held = Held(token.value, trio.current_time() + token.lifetime)
        return answer

    async def _identify(self) -> Answer:
        settings = self._settings
        request = authentication.request(
            settings.authentication_url,
            self._credential,
            service=settings.service,
            shape=settings.authentication_body,
        )
        try:
            answer = await self.transport.send(request)
        except TransportError as error:
            raise NoEffect(str(error)) from error
        if answer.status != 200:
            raise fault(answer, Call.AUTHENTICATION)
        return answer

    def _authorization(self, held: Held) -> str:
        if self._settings.caller == "logiciel":
            return authentication.bearer(held.value)
        of = self._credential
        siret, nom, prenom = (of.get(f"declarant_{k}") or of.get(k, "") for k in _DECLARANT)
        return authentication.hub_bearer(held.value, siret, nom, prenom)


_DECLARANT = ("siret", "nom", "prenom")
