"""A platform that a test scripts byte by byte: what it is asked, and its odd but legal answers."""

from __future__ import annotations

import gzip
import re
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any

import msgspec
import trio

from vaguemestre.api import Declaration, Order

SECRET = {
    "siret": "99999999800019",
    "nom": "LÉVÊQUE & FILS",
    "prenom": "ANNE-MARIE",
    "motdepasse": "Sec<r>et-123",
}
IDFLUX = "WSaah7AQlUpYL5RsQssseG."


class Call(msgspec.Struct):
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")


Step = Callable[["Peer"], Awaitable[None]]


class Peer:
    """One connection, seen from the platform. A step of a script reads and writes through it."""

    def __init__(self, stream: trio.abc.Stream, platform: Platform) -> None:
        self.stream = stream
        self.platform = platform
        self.call: Call | None = None
        self._buffer = b""

    async def head(self) -> Call:
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += await self._more()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _version = first.split(" ")
        pairs = (line.split(":", 1) for line in lines)
        self.call = Call(method, path, {k.lower(): v.strip() for k, v in pairs})
        return self.call

    async def body(self) -> None:
        assert self.call is not None
        length = int(self.call.headers.get("content-length", "0"))
        while len(self._buffer) < length:
            self._buffer += await self._more()
        self.call.body, self._buffer = self._buffer[:length], self._buffer[length:]

    async def _more(self) -> bytes:
        chunk = await self.stream.receive_some(65_536)
        if not chunk:
            raise trio.BrokenResourceError
        return bytes(chunk)

    def reset(self) -> None:
        """Break the connection with a TCP reset."""
        inner: Any = self.stream
        while not hasattr(inner, "socket"):
            inner = inner.transport_stream
        linger = struct.pack("ii", 1, 0)
        inner.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        inner.socket.close()
        raise trio.BrokenResourceError


class Platform:
    """Routes by path; each route has steps that are used up one by one, the last one for ever."""

    def __init__(self, port: int, scheme: str) -> None:
        self.base = f"{scheme}://localhost:{port}"
        self.port = port
        self.calls: list[Call] = []
        self.routes: list[tuple[re.Pattern[str], list[Step]]] = []
        self.on("POST /auth", answer(200, b"VG9rZW4=", expires=1800))

    def on(self, pattern: str, *steps: Step) -> None:
        """Answer requests whose `METHOD /path` begins like the regular expression."""
        self.routes.insert(0, (re.compile(pattern), list(steps)))

    def count(self, word: str) -> int:
        return sum(word in call.path for call in self.calls)

    def of(self, word: str) -> list[Call]:
        return [call for call in self.calls if word in call.path]

    async def serve(self, stream: trio.abc.Stream) -> None:
        peer = Peer(stream, self)
        try:
            while True:
                call = await peer.head()
                self.calls.append(call)
                await self._step(call)(peer)
        except (trio.BrokenResourceError, trio.ClosedResourceError, ssl.SSLError, OSError):
            pass
        finally:
            with trio.CancelScope(shield=True):
                await trio.aclose_forcefully(stream)

    def _step(self, call: Call) -> Step:
        for pattern, steps in self.routes:
            if pattern.match(f"{call.method} {call.path}"):
                return steps.pop(0) if len(steps) > 1 else steps[0]
        return answer(404)


def answer(
    status: int,
    body: bytes = b"",
    *,
    expires: float | None = None,
    date: datetime | None = None,
    close: bool = False,
    **headers: str,
) -> Step:
    """A well-formed answer with Content-Length. `expires`: seconds from its date."""

    async def step(peer: Peer) -> None:
        await peer.body()
        now = date or datetime.now(UTC)
        lines = {"Date": http_date(now), "Content-Length": str(len(body))}
        if expires is not None:
            lines["Expires"] = http_date(now + timedelta(seconds=expires))
        lines |= {k.replace("_", "-"): v for k, v in headers.items()}
        if close:
            lines["Connection"] = "close"
        head = "".join(f"{k}: {v}\r\n" for k, v in lines.items())
        await peer.stream.send_all(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode("latin-1") + body)
        if close:
            raise trio.BrokenResourceError

    return step


def raw(data: bytes, *, stay: bool = False, cut: bool = False) -> Step:
    """These very bytes; then the connection is closed, reset (`cut`), or left open (`stay`)."""

    async def step(peer: Peer) -> None:
        await peer.body()
        await peer.stream.send_all(data)
        if stay:
            await trio.sleep_forever()
        if cut:
            peer.reset()
        await peer.stream.aclose()
        raise trio.BrokenResourceError

    return step


def chunked(body: bytes, *, packed: bool = False, head: str = "") -> bytes:
    """An answer 200 in chunks of 7 bytes, gzip-encoded if `packed`."""
    if packed:
        body = gzip.compress(body)
        head += "Content-Encoding: gzip\r\n"
    parts = [body[i : i + 7] for i in range(0, len(body), 7)]
    text = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\nX-Last: 1\r\n\r\n"
    start = f"HTTP/1.1 200 OK\r\n{head}Transfer-Encoding: chunked\r\n\r\n"
    return start.encode("latin-1") + text


def until_close(body: bytes, head: str = "") -> bytes:
    """An HTTP/1.0 answer that ends with the connection."""
    return f"HTTP/1.0 200 OK\r\n{head}\r\n".encode("latin-1") + body


async def reset_before_body(peer: Peer) -> None:
    peer.reset()


async def reset_after_body(peer: Peer) -> None:
    await peer.body()
    peer.reset()


async def silence(peer: Peer) -> None:
    await peer.body()
    await trio.sleep_forever()


def http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def aee(idflux: str = IDFLUX) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><g:rapport xmlns:g="http://www.gip-mds.fr/" '
        f'type="AEE" profil="DSN" version="v01r06"><envoi><envoi_identification><idflux>{idflux}'
        "</idflux><emetteur_siret>99999999800019</emetteur_siret>"
        "<date_reception>2026-01-09</date_reception><heure_reception>11:02:58</heure_reception>"
        "<date_enregistrement>2026-01-09</date_enregistrement>"
        "<heure_enregistrement>11:02:59</heure_enregistrement></envoi_identification><envoi_bilan>"
        "<envoi_etat>OK</envoi_etat></envoi_bilan></envoi></g:rapport>"
    ).encode()


def numbered() -> Step:
    """Receipts, each with a reference of its own."""
    numbers = count(1)

    async def step(peer: Peer) -> None:
        await answer(200, aee(f"FLUX-{next(numbers)}"))(peer)

    return step


def order(number: int = 1, payload: bytes = b"S10.G00.00.001,'x'\r\n", **more: Any) -> Order:
    declaration = more.pop("declaration", Declaration(kind="dsn", module="dsn"))
    return Order(
        deposit=number,
        name=f"{number}.dsn",
        payload=payload,
        sha256="00",
        declaration=declaration,
        **more,
    )
