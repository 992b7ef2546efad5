"""Calls a simulator over real sockets with the standard library's client: nothing of the product,
so that what a test sees is what was on the wire.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit
from xml.etree import ElementTree

import trio

from vaguemestre_net_entreprises.simulator.server import Simulator

ACCOUNT = ("99999999800019", "MARTIN", "CLAUDE", "Secret-123")
OTHER = ("99999999700011", "DURAND", "ALIX", "Autre-456")
MISSING = 'DSNLogin realm="Jeton manquant ou invalide"'
ENDED = 'DSNLogin realm="Expiration du jeton"'
USER_AGENT = "Client-DSN (Essais/1.0; Editeur)"
#: Seconds after which a call that hangs has failed.
TIMEOUT = 20


class Clock:
    """The platform's time. It stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 3, 9, 0, 0, tzinfo=UTC)  # 10:00 in Paris

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Reply:
    """`body` is decompressed; `headers` have names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def realm(self) -> str:
        return self.headers.get("www-authenticate", "")


def identity(
    siret: str = ACCOUNT[0],
    nom: str = ACCOUNT[1],
    prenom: str = ACCOUNT[2],
    motdepasse: str = ACCOUNT[3],
    service: str = "25",
) -> bytes:
    """The body of an authentication; values stand in it as they are."""
    return (
        f"<identifiants><siret>{siret}</siret><nom>{nom}</nom><prenom>{prenom}</prenom>"
        f"<motdepasse>{motdepasse}</motdepasse><service>{service}</service></identifiants>"
    ).encode()


def hub(token: str, declarant: str) -> str:
    """What a concentrateur authorises itself with; `declarant`: SIRET;NOM;PRENOM."""
    packed = base64.b64encode(declarant.encode()).decode()
    return f"DSNLogin concentrateur={token},declarant={packed}"


def in_xml(body: bytes, path: str) -> str:
    """The text of the first element there, empty if there is none."""
    return ElementTree.fromstring(body).findtext(f".//{path}") or ""


def open_connection(base: str, context: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
    """A connection to a simulator's base address; `context` for TLS. The caller closes it."""
    place = urlsplit(base)
    assert place.hostname
    if place.scheme == "https":
        return http.client.HTTPSConnection(
            place.hostname, place.port, timeout=TIMEOUT, context=context
        )
    return http.client.HTTPConnection(place.hostname, place.port, timeout=TIMEOUT)


def exchange(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One request with just these headers (and Host and Content-Length), and its answer."""
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    found = {name.lower(): value for name, value in answer.getheaders()}
    if found.get("content-encoding") == "gzip":
        content = gzip.decompress(content)
    return Reply(answer.status, found, content)


class Client:
    """Speaks to one simulator; every call has a connection of its own."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.token = ""

    async def on_one(
        self, calls: Callable[[http.client.HTTPConnection], list[Reply]]
    ) -> list[Reply]:
        """What `calls` does with one connection, in a thread."""

        def run() -> list[Reply]:
            connection = open_connection(self.simulator.base)
            try:
                return calls(connection)
            finally:
                connection.close()

        return await trio.to_thread.run_sync(run)

    async def ask(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        call = partial(exchange, method=method, target=target, body=body, headers=headers)
        (reply,) = await self.on_one(lambda connection: [call(connection)])
        return reply

    async def authenticate(
        self, body: bytes | None = None, version: str = "1.0", **headers: str
    ) -> Reply:
        return await self.ask(
            "POST",
            f"/services/authentifier/{version}/",
            identity() if body is None else body,
            {"Content-Type": "application/xml", **named(headers)},
        )

    async def sign_in(self, body: bytes | None = None) -> str:
        reply = await self.authenticate(body)
        assert reply.status == 200
        self.token = reply.body.decode()
        return self.token

    def _identified(self, headers: Mapping[str, str]) -> dict[str, str]:
        known = {"Authorization": f"DSNLogin jeton={self.token}"} if self.token else {}
        return {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", **known, **named(headers)}

    async def deposit(
        self, content: bytes, version: str = "1.0", *, packed: bool = True, **headers: str
    ) -> Reply:
        body = gzip.compress(content) if packed else content
        about = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
        target = f"/depot/deposer-dsn/{version}/"
        return await self.ask("POST", target, body, {**about, **self._identified(headers)})

    async def connect(self) -> trio.SocketStream:
        """A bare connection, for what no client would do. The caller closes it."""
        place = urlsplit(self.simulator.base)
        assert place.hostname and place.port
        return await trio.open_tcp_stream(place.hostname, place.port)

    def raw_deposit(self, content: bytes, *lines: str) -> bytes:
        """The bytes of a deposit that accepts no compression, with further header lines."""
        body = gzip.compress(content)
        head = [
            "POST /depot/deposer-dsn/1.0 HTTP/1.1",
            "Host: simulator",
            f"Authorization: DSNLogin jeton={self.token}",
            "Content-Type: text/plain",
            "Content-Encoding: gzip",
            f"Content-Length: {len(body)}",
            *lines,
        ]
        return "\r\n".join([*head, "", ""]).encode() + body

    async def consult(self, target: str, **headers: str) -> Reply:
        """`target`: without the service, as in `lister-depots/1.0/…`."""
        return await self.get(f"/consultation/{target}", **headers)

    async def get(self, target: str, **headers: str) -> Reply:
        return await self.ask("GET", target, None, self._identified(headers))


Start = Callable[..., Awaitable[Client]]
Row = dict[str, str]


async def deposited(client: Client, content: bytes) -> str:
    """The idflux of the receipt of a deposit."""
    reply = await client.deposit(content)
    assert reply.status == 200
    return in_xml(reply.body, "idflux")


async def returns(client: Client, idflux: str) -> list[Row]:
    """The returns of one flow."""
    reply = await client.consult(f"lister-retours-flux/1.0/{idflux}")
    assert reply.status == 200
    found = ElementTree.fromstring(reply.body).iter("retour")
    return [{child.tag: child.text or "" for child in one} for one in found]


def named(headers: Mapping[str, str]) -> dict[str, str]:
    """`accept_encoding` as `Accept-Encoding`."""
    return {name.replace("_", "-").title(): value for name, value in headers.items()}
