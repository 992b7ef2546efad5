"""The one file that touches the network: sends a request, brings the whole answer back.

Its errors say the one thing that matters afterwards: whether a byte of the request can have
reached the platform (`Lost`) or certainly none (`NotSent`). Knows nothing of the protocol.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import trio

from vaguemestre_net_entreprises.answers import Body, Lost, NotSent, TransportError
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
#: Whether an answer proves that it belongs to its request.
Trust = Callable[[Answer], bool]
#: Connections beyond what waits for one (httpcore spoils its pool when a waiter is cancelled).
_SPARE = 2


class Transport:
    """The connections of one profile. `calls` may be under way at the same time.

    An answer is taken for the one to the request before it on the same connection; something in
    between that answers twice shifts all that follow. So a call has a connection of its own, and
    only calls whose answers prove what they belong to share theirs (`trust`).
    """

    def __init__(
        self, *, user_agent: str, timeout: float, ca_file: Path | None, proxy: str, calls: int
    ) -> None:
        """Raises OSError or ssl.SSLError if `ca_file` cannot be used."""
        verify = ssl.create_default_context(cafile=ca_file)
        verify.minimum_version = ssl.TLSVersion.TLSv1_2
        self._timeout = timeout
        self._limit = trio.CapacityLimiter(calls)
        self._skew: timedelta | None = None

        def client(kept: int) -> httpx.AsyncClient:
            return httpx.AsyncClient(
                verify=verify,
                proxy=proxy or None,
                trust_env=False,
                follow_redirects=False,
                timeout=timeout,
                headers={
                    "User-Agent": user_agent,
                    "Accept-Encoding": "gzip",
                    **({} if kept else {"Connection": "close"}),
                },
                limits=httpx.Limits(
                    max_connections=calls + _SPARE,
                    max_keepalive_connections=kept,
                    keepalive_expiry=_KEPT,
                ),
            )

        self._single = _Line(client(0))
        self._make_shared = partial(client, calls)
        self._shared = _Line(self._make_shared())

    async def aclose(self) -> None:
        await self._single.client.aclose()
        await self._shared.client.aclose()

    @property
    def skew(self) -> timedelta | None:
        """How far the platform's clock is ahead of ours, by its last answer with a date."""
        return self._skew

    async def send(
        self, request: Request, *, most: int = ANSWER_BYTES, trust: Trust | None = None
    ) -> Answer:
        """Send and receive. Raises NotSent, Lost, or TooLarge above `most` bytes.

        `trust`: says of the answer whether it proves that it belongs to the request; while it does,
        the connection is shared with other such calls. A cancellation passes through: whoever
        cancels knows that the outcome is unknown.
        """
        async with self._limit:
            course = _Course()
            with trio.move_on_after(self._timeout + len(request.body) / _SLOWEST) as patience:
                async with self._line(shared=trust is not None) as client:
                    return await self._exchange(client, request, most, course, patience, trust)
            raise course.failure(_("the platform did not answer in time"))

    @asynccontextmanager
    async def _line(self, *, shared: bool) -> AsyncIterator[httpx.AsyncClient]:
        """A client, kept open until nobody uses it any more."""
        line = self._shared if shared else self._single
        line.users += 1
        try:
            yield line.client
        finally:
            line.users -= 1
            if line.given_up and not line.users:
                await line.client.aclose()

    def _give_up_shared(self, client: httpx.AsyncClient) -> None:
        """No call uses these connections any more, except those that are under way on them."""
        if self._shared.client is client:
            self._shared.given_up = True
            self._shared = _Line(self._make_shared())

    async def _exchange(
        self,
        client: httpx.AsyncClient,
        request: Request,
        most: int,
        course: _Course,
        patience: trio.CancelScope,
        trust: Trust | None,
    ) -> Answer:
        began = datetime.now(UTC)
        try:
            response = await client.send(_outgoing(client, request, course), stream=True)
            try:
                answer = await _answer(response, most, course, patience)
                if trust is not None and not trust(answer):
                    self._give_up_shared(client)  # before the connection is free for others
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise course.failure(_explain(error)) from error
        self._learn_skew(answer, began)
        return answer

    def _learn_skew(self, answer: Answer, began: datetime) -> None:
        """From the answer's `Date`, a whole second that began at most a second before it."""
        if answer.date is not None and "age" not in answer.headers:
            ours = began + (datetime.now(UTC) - began) / 2
            self._skew = answer.date + timedelta(seconds=0.5) - ours


class _Line:
    """A client with its connections, and how many calls are under way on them."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.users = 0
        self.given_up = False


def _outgoing(client: httpx.AsyncClient, request: Request, course: _Course) -> httpx.Request:
    made = client.build_request(
        request.method,
        request.url,
        headers=request.headers,
        content=request.body or None,
        extensions={"trace": course.trace},
    )
    made.stream = _Outgoing(request.body)
    return made


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
        self._connected: Any = None

    async def trace(self, name: str, info: dict[str, Any]) -> None:
        """What the client tells of its steps (httpcore's trace extension)."""
        if name.endswith("send_request_headers.started"):
            self.begun |= info["request"].method != b"CONNECT"
        elif name.endswith("connect_tcp.complete"):
            self._connected = info["return_value"]
        elif name.endswith("start_tls.failed") and self._connected is not None:
            # The client forgets to close it when the handshake is cancelled.
            await self._connected.aclose()

    def failure(self, text: str) -> TransportError:
        if self.problem is not None:
            return self.problem
        if self.begun:
            return Lost(_("The answer was lost: {cause}.").format(cause=text))
        return NotSent(_("The platform could not be reached: {cause}.").format(cause=text))


async def _answer(
    response: httpx.Response, most: int, course: _Course, patience: trio.CancelScope
) -> Answer:
    """The whole answer, its body decoded, at most `most` bytes. Raises Lost and TooLarge.

    The connection stays in use until the response is closed.
    """
    body = Body(response.headers.get("content-encoding", ""), most)
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - narrows the type
    async for chunk in response.stream:
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
    return Answer(
        status=response.status_code,
        headers={k.lower(): v for k, v in response.headers.items()},
        body=body.whole(),
        delimited=bool({"content-length", "transfer-encoding"} & set(response.headers)),
    )


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
