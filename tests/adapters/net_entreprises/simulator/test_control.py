"""Looking behind the scenes while the simulator runs, and the wire that it keeps open."""

from __future__ import annotations

import gzip
import http.client
import json
from contextlib import suppress

import pytest
import trio
from adapters.net_entreprises.simulator.calling import (
    USER_AGENT,
    Client,
    Reply,
    Start,
    deposited,
    exchange,
    identity,
)

from vaguemestre_dsn import samples

WINDOW = "20261103093000"
FAULTS = "/_control/faults"


async def set_faults(client: Client, *specs: str) -> Reply:
    return await client.ask("POST", FAULTS, json.dumps({"faults": specs}).encode())


async def test_faults_are_added_and_cleared_while_it_runs(client: Client) -> None:
    assert (await set_faults(client, "status=500", "status=503*9")).status == 204
    found = [(await client.deposit(samples.arret(order=n))).status for n in (1, 2)]
    assert found == [500, 503]
    assert (await client.ask("DELETE", FAULTS)).status == 204
    assert (await client.deposit(samples.arret())).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"faults",
        b"[]",
        b"{}",
        b"3",
        b'{"faults": 3}',
        b'{"faults": [3]}',
        b'{"faults": null}',
        b'{"faults": ["status=500", "unknown"]}',
        b'{"faults": ["status=500", 3]}',
        b"\xff",
    ],
)
async def test_faults_that_are_not_understood_change_nothing(client: Client, body: bytes) -> None:
    reply = await client.ask("POST", FAULTS, body)
    assert reply.status == 400
    assert reply.body
    assert (await client.deposit(samples.arret())).status == 200


async def test_a_fault_that_is_refused_is_named(client: Client) -> None:
    assert b"'answer-lots' is not a fault" in (await set_faults(client, "answer-lots")).body


async def test_the_ledger_is_told(client: Client) -> None:
    assert json.loads((await client.ask("GET", "/_control/ledger")).body) == []
    idflux = await deposited(client, samples.arret())
    reply = await client.ask("GET", "/_control/ledger")
    assert reply.headers["content-type"] == "application/json"
    (record,) = json.loads(reply.body)
    assert (record["event"], record["idflux"]) == ("deposit", idflux)


async def test_calls_are_counted_by_their_kind(start: Start) -> None:
    client = await start()
    await client.authenticate(identity(motdepasse="Wrong-0"))
    await client.sign_in()
    for order in (1, 2):
        await client.deposit(samples.arret(order=order))
    await client.consult(f"lister-depots/1.0/{WINDOW}")
    for name in ("lister-retours-declarant", "lister-retours-flux"):
        await client.consult(f"{name}/1.0/{WINDOW}")
    await client.get("/telechargement/telecharger-retour/1.0/x/1")
    found = json.loads((await client.ask("GET", "/_control/calls")).body)
    assert found == {
        "auth": 2,
        "authentication_refused": 1,
        "deposit": 2,
        "depots": 1,
        "retours": 2,
        "download": 1,
    }


async def test_looking_is_no_call_and_spends_no_fault(client: Client) -> None:
    await set_faults(client, "status=500", *(f"status=500:call={c}" for c in ("auth", "retours")))
    before = dict(client.simulator.platform.calls)
    for target in ("ledger", "calls", "ledger"):
        assert (await client.ask("GET", f"/_control/{target}")).status == 200
    assert client.simulator.platform.calls == before
    assert (await client.deposit(samples.arret())).status == 500


@pytest.mark.parametrize(
    ("method", "target"), [("GET", "faults"), ("POST", "ledger"), ("GET", ""), ("DELETE", "calls")]
)
async def test_nothing_else_is_behind_the_scenes(client: Client, method: str, target: str) -> None:
    assert (await client.ask(method, f"/_control/{target}")).status == 404


@pytest.mark.parametrize("target", ["/", "/else/where", "//", "/%FF"])
async def test_elsewhere_there_is_nothing(client: Client, target: str) -> None:
    assert (await client.get(target)).status == 404


# -- the wire


async def test_many_requests_of_every_kind_share_one_connection(client: Client) -> None:
    headers = {"Authorization": f"DSNLogin jeton={client.token}", "Accept-Encoding": "gzip"}
    asked = [
        ("GET", f"/consultation/lister-depots/2.0/{WINDOW}", 200),
        ("GET", "/consultation/lister-retours-flux/1.0/unknown", 404),
        ("GET", "/telechargement/telecharger-retour/1.0/x/1", 404),
        ("GET", "/_control/calls", 200),
        ("HEAD", f"/consultation/lister-depots/1.0/{WINDOW}", 405),
    ] * 10

    def calls(connection: http.client.HTTPConnection) -> list[Reply]:
        exchange(connection, "GET", "/_control/calls")
        wire = connection.sock
        found = [exchange(connection, method, target, None, headers) for method, target, _ in asked]
        assert connection.sock is wire
        return found

    found = await client.on_one(calls)
    assert [reply.status for reply in found] == [status for _, _, status in asked]


async def test_a_connection_is_closed_for_who_asks_for_it(client: Client) -> None:
    def calls(connection: http.client.HTTPConnection) -> list[Reply]:
        found = exchange(connection, "GET", "/_control/calls", None, {"Connection": "close"})
        assert connection.sock is None
        return [found]

    (reply,) = await client.on_one(calls)
    assert reply.headers["connection"] == "close"


async def test_a_head_request_has_no_body_whatever_the_fault(client: Client) -> None:
    await set_faults(client, "garbage-200:call=depots")
    target = f"/consultation/lister-depots/1.0/{WINDOW}"
    reply = await client.ask("HEAD", target)
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["content-length"]) > 0
    assert (await client.consult(f"lister-depots/1.0/{WINDOW}")).status == 200


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST /depot/deposer-dsn/1.0 HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf",
    ],
)
async def test_what_is_no_request_does_not_stop_it(client: Client, rubbish: bytes) -> None:
    async with await client.connect() as stream:
        await stream.send_all(rubbish)
        await stream.send_eof()
        with suppress(trio.BrokenResourceError):
            async for _ in stream:
                pass
    assert (await client.ask("GET", "/_control/calls")).status == 200
    assert client.simulator.ledger == []


async def test_a_body_is_awaited_with_100_continue(client: Client) -> None:
    body = identity()
    async with await client.connect() as stream:
        await stream.send_all(
            b"POST /services/authentifier/1.0/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            b"Content-Type: application/xml\r\nExpect: 100-continue\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        )
        assert (await stream.receive_some()).startswith(b"HTTP/1.1 100 ")
        await stream.send_all(body)
        got = b"".join([part async for part in stream])
    assert got.startswith(b"HTTP/1.1 200 ")


async def test_a_chunked_deposit_is_put_together(client: Client) -> None:
    content = samples.arret()
    packed = gzip.compress(content)
    chunks = [packed[at : at + 100] for at in range(0, len(packed), 100)]

    def calls(connection: http.client.HTTPConnection) -> list[Reply]:
        connection.request(
            "POST",
            "/depot/deposer-dsn/1.0",
            iter(chunks),
            {
                "Authorization": f"DSNLogin jeton={client.token}",
                "Content-Type": "text/plain",
                "Content-Encoding": "gzip",
                "User-Agent": USER_AGENT,
                "Accept-Encoding": "gzip",
            },
            encode_chunked=True,
        )
        answer = connection.getresponse()
        return [Reply(answer.status, {}, answer.read())]

    assert (await client.on_one(calls))[0].status == 200
    assert client.simulator.ledger[0]["size"] == len(content)
