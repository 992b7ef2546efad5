"""The one file that touches the network: sends a request, brings the whole answer back.

Its errors say the one thing that matters afterwards: whether a byte of the request can have
reached the platform (`Lost`) or certainly none (`NotSent`). Knows nothing of the protocol.
"""

from __future__ import annotations

import ssl
import zlib
from collections.abc import AsyncIterator
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
#: Seconds for which the rest of an answer that cannot be used is read and dropped.
_DROPPING = 1.0
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
            # Connecting and the TLS handshake end by themselves before the call's own patience
            # does: the client leaks the socket of a handshake that is cancelled from outside.
            timeout=httpx.Timeout(timeout, connect=0.45 * timeout),
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
            course = _Course()
            with trio.move_on_after(self._timeout + len(request.body) / _SLOWEST) as patience:
                return await self._exchange(request, most, course, patience)
            raise course.failure(_("the platform did not answer in time"))

    async def _exchange(
        self, request: Request, most: int, course: _Course, patience: trio.CancelScope
    ) -> Answer:
        began = datetime.now(UTC)
        try:
            response = await self._client.send(self._outgoing(request, course), stream=True)
            try:
                body = await _body(response, most, course, patience)
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise course.failure(_explain(error)) from error
        answer = Answer(
            status=response.status_code,
            headers={k.lower(): v for k, v in response.headers.items()},
            body=body,
            delimited=bool({"content-length", "transfer-encoding"} & set(response.headers)),
        )
        self._learn_skew(answer, began)
        return answer

    def _outgoing(self, request: Request, course: _Course) -> httpx.Request:
        made = self._client.build_request(
            request.method,
            request.url,
            headers=request.headers,
            content=request.body or None,
            extensions={"trace": course.trace},
        )
        made.stream = _Outgoing(request.body)
        return made

    def _learn_skew(self, answer: Answer, began: datetime) -> None:
        """From the answer's `Date`, a whole second that began at most a second before it."""
        if answer.date is not None and "age" not in answer.headers:
            ours = began + (datetime.now(UTC) - began) / 2
            self._skew = answer.date + timedelta(seconds=0.5) - ours


class _Outgoing(httpx.AsyncByteStream):
    """A body to send, in one piece. The client's own is a generator, which it leaves half read
    when the connection breaks."""

    def __init__(self, body: bytes) -> None:
        self._left = [body] if body else []

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()


class _Course:
    """How far a call has come. `begun`: the request itself has begun to leave, after connection,
    tunnel and TLS. `problem`: why the answer cannot be used."""

    def __init__(self) -> None:
        self.begun = False
        self.problem: Lost | None = None

    async def trace(self, name: str, info: dict[str, Any]) -> None:
        if name.endswith("send_request_headers.started"):
            self.begun |= info["request"].method != b"CONNECT"

    def failure(self, text: str) -> TransportError:
        if self.problem is not None:
            return self.problem
        if self.begun:
            return Lost(_("The answer was lost: {cause}.").format(cause=text))
        return NotSent(_("The platform could not be reached: {cause}.").format(cause=text))


async def _body(
    response: httpx.Response, most: int, course: _Course, patience: trio.CancelScope
) -> bytes:
    """The decoded body, at most `most` bytes. Raises Lost and TooLarge."""
    body = _Body(response.headers.get("content-encoding", ""), most)
    async for chunk in response.aiter_raw():
        if course.problem is not None:
            continue
        patience.deadline += len(chunk) / _SLOWEST
        course.problem = body.feed(chunk)
        if course.problem is not None:
            # What is left is dropped, for a moment only: the client's generators want to be read
            # to their end, or be cancelled from within.
            patience.deadline = min(patience.deadline, trio.current_time() + _DROPPING)
    if course.problem is not None:
        raise course.problem
    return body.whole()


class _Body:
    """A body while it comes. Decoded here, because the client would neither bound what a small
    answer unpacks to, nor notice that a compressed one was cut off."""

    def __init__(self, encoding: str, most: int) -> None:
        self._encoding = encoding.strip().lower()
        self._unpack = zlib.decompressobj(31) if self._encoding in ("gzip", "x-gzip") else None
        self._most = most
        self._size = 0
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> Lost | None:
        """Take a chunk; what is wrong with it, if anything is."""
        if self._unpack is not None:
            try:
                chunk = self._unpack.decompress(chunk, self._most + 1 - self._size)
            except zlib.error:
                return Lost(_("The answer was lost: it is damaged."))
        elif self._encoding not in ("", "identity"):
            return Lost(_("The answer was lost: its encoding was not asked for."))
        self._size += len(chunk)
        if self._size > self._most:
            return TooLarge(_("The answer was larger than is accepted."))
        self._parts.append(chunk)
        return None

    def whole(self) -> bytes:
        if self._unpack is not None and self._parts and not self._unpack.eof:
            raise Lost(_("The answer was lost: it was cut off."))
        return b"".join(self._parts)


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
