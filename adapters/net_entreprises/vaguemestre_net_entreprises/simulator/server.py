"""The wire: HTTP/1.1 by h11 over trio's streams, with the faults that act on bytes."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import h11
import trio

from vaguemestre_net_entreprises.simulator.dialect import NATIONAL, Dialect
from vaguemestre_net_entreprises.simulator.faults import Fault, FaultError, Faults
from vaguemestre_net_entreprises.simulator.platform import Config, Platform
from vaguemestre_net_entreprises.simulator.routes import CONTROL, Answer, Request, Router

#: Bytes of one read.
CHUNK = 65_536
#: Bodies above this are compressed when the caller takes it.
COMPRESS_ABOVE = 512
MAINTENANCE = b"<html><body><h1>Service en maintenance</h1></body></html>"


class ResetError(Exception):
    """The connection is to be reset."""


class Simulator:
    """A simulated platform on a loopback port. `serve` runs it; `base` is known once it listens."""

    def __init__(
        self,
        config: Config,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        seed: int = 0,
        dialect: Dialect = NATIONAL,
    ) -> None:
        self.platform = Platform(config)
        self.faults = Faults(seed)
        self._host, self._port, self._tls = host, port, tls
        self._listeners: list[trio.SocketListener] = []
        self.base = ""
        self._dialect = dialect
        self.router = Router(self.platform, "", dialect)

    @property
    def ledger(self) -> list[dict[str, Any]]:
        return self.platform.ledger.records

    def ready(self, ca_file: Path | None) -> dict[str, Any]:
        """What a deployment must know, as the line that the command prints."""
        roots = self._dialect.roots
        return {
            "port": self._port,
            "base": self.base,
            "ca_file": str(ca_file) if ca_file else None,
            "authentication_url": f"{self.base}/{roots['services']}/authentifier/1.0/",
            "deposit_url": f"{self.base}/{roots['depot']}/deposer-dsn/1.0/",
            "consultation_url": f"{self.base}/{roots['consultation']}/",
            "download_hosts": [self._place],
        }

    @property
    def _place(self) -> str:
        return f"[{self._host}]:{self._port}" if ":" in self._host else f"{self._host}:{self._port}"

    async def listen(self) -> None:
        """Take the port. Raises OSError if that cannot be."""
        self._listeners = await trio.open_tcp_listeners(self._port, host=self._host, backlog=512)
        self._port = self._listeners[0].socket.getsockname()[1]
        self.base = f"{'https' if self._tls else 'http'}://{self._place}"
        self.router.listings.base = self.base

    async def serve(self, task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled; starts with the base address."""
        try:
            if not self._listeners:
                await self.listen()
            await trio.serve_listeners(
                self._connection, self._listeners, task_status=_Started(task_status, self.base)
            )
        finally:
            self.platform.ledger.close()

    async def _connection(self, stream: trio.SocketStream) -> None:
        stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire: trio.abc.Stream = stream
        if self._tls is not None:
            wire = trio.SSLStream(stream, self._tls, server_side=True, https_compatible=True)
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError, h11.RemoteProtocolError):
            try:
                await self._converse(wire)
            except ResetError:
                _reset(stream)
            finally:
                with trio.move_on_after(1, shield=True):
                    await trio.aclose_forcefully(wire)

    async def _converse(self, wire: trio.abc.Stream) -> None:
        connection = h11.Connection(h11.SERVER)
        while True:
            head = await _next(connection, wire)
            if not isinstance(head, h11.Request):
                return
            request = Request(
                head.method.decode(),
                head.target.decode(),
                {k.decode().lower(): v.decode("latin-1") for k, v in head.headers},
                dialect=self._dialect,
            )
            fault = None
            if request.steps[:1] != [CONTROL]:
                fault = self.faults.strike(request.call)
            if fault and fault.name == "reset-before-body":
                raise ResetError
            request.body = await _body(connection, wire, fault)
            if fault and fault.name == "reset-after-body":
                raise ResetError
            answer = self._answer(request, fault)
            await self._send(connection, wire, request, answer, fault)
            if connection.our_state is not h11.DONE:
                return
            connection.start_next_cycle()

    def _answer(self, request: Request, fault: Fault | None) -> Answer:
        if request.steps[:1] == [CONTROL]:
            return self._control(request)
        if fault and fault.name == "token-expired":
            self.platform.forget_tokens()
        listed_late = fault and fault.name == "list-late"
        self.router.listed_after = fault.seconds(5) if fault and listed_late else 0.0
        overwrite = fault and fault.name == "overwrite"
        self.router.overwrite_after = fault.seconds(1) if fault and overwrite else 0.0
        if fault and not fault.effect:
            self.platform.count(request.call)
            return _instead(fault)
        answer = self.router.answer(request)
        return _instead(fault) if fault and fault.replaces else answer

    def _control(self, request: Request) -> Answer:
        """How a test looks behind the scenes while the simulator runs."""
        match (request.method, request.steps[1:]):
            case ("POST", ["faults"]):
                try:
                    self.faults.add(*json.loads(request.body)["faults"])
                except FaultError as error:
                    return Answer(400, str(error).encode())
                except (ValueError, KeyError, TypeError):
                    return Answer(400, b'{"faults": ["SPEC", ...]} is wanted')
                return Answer(204)
            case ("POST", ["portal", siret]):
                recorded = self.platform.by_hand(siret, request.body)
                return Answer(404) if recorded is None else Answer(204 if recorded else 422)
            case ("DELETE", ["faults"]):
                self.faults.clear()
                return Answer(204)
            case ("GET", ["ledger"]):
                return _json(self.ledger)
            case ("GET", ["calls"]):
                return _json(self.platform.calls)
        return Answer(404)

    async def _send(
        self,
        connection: h11.Connection,
        wire: trio.abc.Stream,
        request: Request,
        answer: Answer,
        fault: Fault | None,
    ) -> None:
        if fault and fault.name == "answer-lost":
            raise ResetError
        if fault and fault.name == "late":
            await trio.sleep(fault.seconds(3))
        data = _encode(connection, request, answer)
        if fault and fault.name == "answer-cut":
            await wire.send_all(data[: len(data) * 2 // 3])
            raise ResetError
        if fault and fault.name == "slow-drip":
            for number in range(len(data)):
                await wire.send_all(data[number : number + 1])
                await trio.sleep(fault.seconds(0.002))
            return
        await wire.send_all(data * 2 if fault and fault.name == "double-answer" else data)


class _Started:
    """Passes on that the listeners are open, with the address instead of the listeners."""

    def __init__(self, outer: trio.TaskStatus[str], base: str) -> None:
        self._outer = outer
        self._base = base

    def started(self, _listeners: object = None) -> None:
        self._outer.started(self._base)


async def _next(connection: h11.Connection, wire: trio.abc.Stream) -> object:
    while True:
        event = connection.next_event()
        if event is not h11.NEED_DATA:
            return event
        if connection.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[])
            await wire.send_all(connection.send(go_on) or b"")
        connection.receive_data(bytes(await wire.receive_some(CHUNK)))


async def _body(connection: h11.Connection, wire: trio.abc.Stream, fault: Fault | None) -> bytes:
    parts: list[bytes] = []
    while True:
        event = await _next(connection, wire)
        if fault and fault.name == "reset-in-body":
            raise ResetError
        if isinstance(event, h11.EndOfMessage):
            return b"".join(parts)
        if not isinstance(event, h11.Data):
            raise ResetError
        parts.append(bytes(event.data))


def _encode(connection: h11.Connection, request: Request, answer: Answer) -> bytes:
    """The answer as bytes, compressed where that is worth it and welcome."""
    body, headers = answer.body, dict(answer.headers)
    if len(body) > COMPRESS_ABOVE and request.takes_gzip:
        body = gzip.compress(body, 1)
        headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(body))
    headers["Date"] = format_datetime(datetime.now(UTC), usegmt=True)
    data = connection.send(h11.Response(status_code=answer.status, headers=list(headers.items())))
    silent = not body or request.method == "HEAD"
    body_data = b"" if silent else connection.send(h11.Data(data=body))
    return (data or b"") + (body_data or b"") + (connection.send(h11.EndOfMessage()) or b"")


def _instead(fault: Fault) -> Answer:
    """What a fault answers in place of the platform."""
    if fault.name == "garbage-200":
        return Answer(200, MAINTENANCE, {"Content-Type": "text/html"})
    return Answer(int(fault.value), b"", {"Retry-After": "1"} if fault.value == "429" else {})


def _json(thing: object) -> Answer:
    return Answer(200, json.dumps(thing).encode(), {"Content-Type": "application/json"})


def _reset(stream: trio.SocketStream) -> None:
    """Close so that the other side sees a reset, not an end."""
    with suppress(OSError):
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.socket.close()
