"""The one file that touches the network: sends a request, brings the whole answer back.

Its errors say the one thing that matters afterwards: whether a byte of the request can have
reached the platform (`Lost`) or certainly none (`NotSent`). Knows nothing of the protocol.
"""

from __future__ import annotations

import ssl
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import trio

from vaguemestre_net_entreprises.protocol.messages import Answer, Request
from vaguemestre_net_entreprises.texts import _

#: Bytes of an answer, received and decoded: receipts and listings, and downloaded returns.
ANSWER_BYTES = 16 * 1024 * 1024
DOWNLOAD_BYTES = 128 * 1024 * 1024
#: Bytes a second below which a line is given up: what is sent and received adds to the time that a
#: call may take, so that a large return has its time and a dripping answer has not.
_SLOWEST = 32 * 1024
#: Seconds that an unused connection is kept: less than servers and firewalls do, because a request
#: that goes out on a connection the other side has closed leaves its outcome unknown.
_KEPT = 4.0
#: Connections beyond what waits for one (httpcore spoils its pool when a waiter is cancelled).
_SPARE = 2


class TransportError(Exception):
    """The call brought no answer that can be used. The message is for people."""


class NotSent(TransportError):
    """Certainly no byte of the request left this machine for the platform."""


class Lost(TransportError):
    """Bytes left, and the answer did not come, or not whole, or not readable."""


class TooLarge(Lost):
    """The answer is larger than is accepted."""


class Transport:
    """The connections of one profile. `calls` may be under way at the same time."""

    def __init__(
        self, *, user_agent: str, timeout: float, ca_file: Path | None, proxy: str, calls: int
    ) -> None:
        """Raises OSError or ssl.SSLError if `ca_file` cannot be used."""
        verify = ssl.create_default_context(cafile=ca_file)
        verify.minimum_version = ssl.TLSVersion.TLSv1_2
        self._timeout = timeout
        self._limit = trio.CapacityLimiter(calls)
        self._skew: timedelta | None = None
        self._client = httpx.AsyncClient(
            verify=verify,
            proxy=proxy or None,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(timeout),
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            limits=httpx.Limits(
                max_connections=calls + _SPARE,
                max_keepalive_connections=calls,
                keepalive_expiry=_KEPT,
            ),
        )

    async def aclose(self) -> None:
        await self._client.aclose()

    @property
    def skew(self) -> timedelta | None:
        """How far the platform's clock is ahead of ours, by its last answer with a date."""
        return self._skew

    async def send(self, request: Request, *, most: int = ANSWER_BYTES) -> Answer:
        """Send and receive. Raises NotSent, Lost, or TooLarge above `most` bytes.

        A cancellation passes through: whoever cancels knows that the outcome is unknown.
        """
        async with self._limit:
            sent = _Sent()
            with trio.move_on_after(self._timeout + len(request.body) / _SLOWEST) as patience:
                return await self._exchange(request, most, sent, patience)
            raise _failure(sent, _("the platform did not answer in time"))

    async def _exchange(
        self, request: Request, most: int, sent: _Sent, patience: trio.CancelScope
    ) -> Answer:
        began = datetime.now(UTC)
        try:
            async with self._client.stream(
                request.method,
                request.url,
                headers=request.headers,
                content=request.body or None,
                extensions={"trace": sent.trace},
            ) as response:
                body = await _body(response, most, patience)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _failure(sent, _explain(error)) from error
        answer = Answer(
            status=response.status_code,
            headers={k.lower(): v for k, v in response.headers.items()},
            body=body,
            delimited=bool({"content-length", "transfer-encoding"} & set(response.headers)),
        )
        self._learn_skew(answer, began)
        return answer

    def _learn_skew(self, answer: Answer, began: datetime) -> None:
        """From the answer's `Date`, a whole second that began at most a second before it."""
        if answer.date is not None and "age" not in answer.headers:
            ours = began + (datetime.now(UTC) - began) / 2
            self._skew = answer.date + timedelta(seconds=0.5) - ours


class _Sent:
    """Watches whether the request itself has begun to leave, after connection, tunnel and TLS."""

    def __init__(self) -> None:
        self.begun = False

    async def trace(self, name: str, info: dict[str, Any]) -> None:
        if name.endswith("send_request_headers.started"):
            self.begun |= info["request"].method != b"CONNECT"

    def __bool__(self) -> bool:
        return self.begun


def _failure(sent: _Sent, text: str) -> TransportError:
    if sent:
        return Lost(_("The answer was lost: {cause}.").format(cause=text))
    return NotSent(_("The platform could not be reached: {cause}.").format(cause=text))


async def _body(response: httpx.Response, most: int, patience: trio.CancelScope) -> bytes:
    """The decoded body. Decoded here, because the client would neither bound what a small answer
    unpacks to, nor notice that a compressed one was cut off."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    unpack = zlib.decompressobj(31) if encoding in ("gzip", "x-gzip") else None
    if unpack is None and encoding not in ("", "identity"):
        raise Lost(_("The answer was lost: its encoding was not asked for."))
    parts, received, size = [], 0, 0
    async for chunk in response.aiter_raw():
        received += len(chunk)
        patience.deadline += len(chunk) / _SLOWEST
        part = chunk
        if unpack is not None:
            try:
                part = unpack.decompress(chunk, most + 1 - size)
            except zlib.error:
                raise Lost(_("The answer was lost: it is damaged.")) from None
        size += len(part)
        if size > most:
            raise TooLarge(_("The answer was larger than is accepted."))
        parts.append(part)
    if unpack is not None and received and not unpack.eof:
        raise Lost(_("The answer was lost: it was cut off."))
    return b"".join(parts)


def _explain(error: Exception) -> str:
    """The cause, for people; without addresses of persons, which these errors do not have."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _(
                "the certificate is not accepted ({reason}); check the address, ca_file and the "
                "clock"
            ).format(reason=cause.verify_message)
        cause = cause.__cause__ or cause.__context__
    match error:
        case httpx.TimeoutException():
            return _("the platform did not answer in time")
        case httpx.ProxyError():
            return _("the proxy refused the connection")
        case httpx.ConnectError():
            return _("no connection (address, network or TLS)")
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return _("the address is not valid")
        case httpx.RemoteProtocolError():
            return _("the connection was closed, or what came is not HTTP")
        case _other:
            return _("the connection broke")
