"""Every fault: what the caller sees, what the ledger has, and how one is written."""

from __future__ import annotations

import gzip
import http.client
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
import trio
from adapters.net_entreprises.simulator.calling import (
    ENDED,
    Client,
    Clock,
    Reply,
    Start,
    deposited,
    exchange,
    in_xml,
    returns,
)

from vaguemestre_dsn import samples
from vaguemestre_net_entreprises.simulator.faults import CALLS

Ask = Callable[[], Awaitable[Reply]]
WINDOW = "lister-depots/1.0/20261103093000"


async def signed_in(start: Start, *faults: str) -> Client:
    client = await start(*faults)
    await client.sign_in()
    return client


def recorded(client: Client) -> int:
    return sum(record["event"] == "deposit" for record in client.simulator.ledger)


# -- connections that end too early


@pytest.mark.parametrize(
    ("fault", "arrived"),
    [
        ("reset-before-body", 0),
        ("reset-in-body", 0),
        ("reset-after-body", 0),
        ("answer-lost", 1),
        ("answer-cut", 1),
    ],
)
async def test_the_ledger_knows_what_arrived_before_a_connection_broke(
    start: Start, fault: str, arrived: int
) -> None:
    client = await signed_in(start, fault)
    with pytest.raises((OSError, http.client.HTTPException)):
        await client.deposit(samples.mensuelle(employees=200))
    assert recorded(client) == arrived
    assert (await client.deposit(samples.arret())).status == 200
    assert recorded(client) == arrived + 1


@pytest.mark.parametrize("call", [call for call in CALLS if call != "deposit"])
@pytest.mark.parametrize("fault", ["reset-before-body", "reset-in-body", "answer-lost"])
async def test_every_kind_of_call_can_break(start: Start, fault: str, call: str) -> None:
    client = await signed_in(start)
    (row,) = await returns(client, await deposited(client, samples.arret()))
    asked: dict[str, Ask] = {
        "auth": client.authenticate,
        "depots": partial(client.consult, WINDOW),
        "retours": partial(client.consult, WINDOW.replace("depots", "retours-declarant")),
        "download": partial(client.get, row["url"].removeprefix(client.simulator.base)),
    }
    client.simulator.faults.add(f"{fault}:call={call}")
    for other in asked.keys() - {call}:
        assert (await asked[other]()).status == 200
    with pytest.raises((OSError, http.client.HTTPException)):
        await asked[call]()
    assert (await asked[call]()).status == 200


async def test_a_cut_answer_begins_and_does_not_end(start: Start) -> None:
    client = await signed_in(start, "answer-cut")
    got = b""
    async with await client.connect() as stream:
        await stream.send_all(client.raw_deposit(samples.arret()))
        with pytest.raises(trio.BrokenResourceError):
            async for part in stream:
                got += part
    assert got.startswith(b"HTTP/1.1 200 ")
    assert b"<idflux>" in got
    assert not got.endswith(b"</gipmds:rapport>\n")


# -- answers in place of the platform's


@pytest.mark.parametrize("status", [401, 403, 404, 407, 415, 422, 429, 500, 503])
@pytest.mark.parametrize(("effect", "arrived"), [("", 0), (":effect=no", 0), (":effect=yes", 1)])
async def test_a_status_with_and_without_effect(
    start: Start, status: int, effect: str, arrived: int
) -> None:
    client = await signed_in(start, f"status={status}{effect}")
    reply = await client.deposit(samples.arret())
    assert (reply.status, reply.body) == (status, b"")
    assert reply.headers.get("retry-after") == ("1" if status == 429 else None)
    assert recorded(client) == arrived
    listed = await client.consult(WINDOW)
    assert listed.body.count(b"<idflux>") == arrived


@pytest.mark.parametrize(("effect", "arrived"), [("", 0), (":effect=yes", 1)])
async def test_a_maintenance_page_with_and_without_effect(
    start: Start, effect: str, arrived: int
) -> None:
    client = await signed_in(start, f"garbage-200{effect}")
    reply = await client.deposit(samples.arret())
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html")
    assert b"<idflux>" not in reply.body
    assert recorded(client) == arrived


async def test_a_status_without_effect_spends_no_try_of_a_password(start: Start) -> None:
    client = await start("status=503:call=auth*9")
    for _ in range(9):
        assert (await client.authenticate(b"")).status == 503
    assert (await client.authenticate()).status == 200
    assert client.simulator.platform.calls == {"auth": 10}


# -- answers that are slow, doubled, or late


async def test_an_answer_byte_by_byte_is_whole(start: Start) -> None:
    client = await signed_in(start, "slow-drip:seconds=0")
    reply = await client.deposit(samples.arret())
    assert in_xml(reply.body, "idflux") == client.simulator.ledger[0]["idflux"]


async def test_a_late_answer_was_recorded_when_it_was_due(start: Start) -> None:
    client = await signed_in(start, "late:seconds=3600")
    async with await client.connect() as stream:
        await stream.send_all(client.raw_deposit(samples.arret()))
        with trio.fail_after(20):
            while (await client.ask("GET", "/_control/ledger")).body == b"[]":
                pass
        with trio.move_on_after(0) as waited:
            await stream.receive_some()
    assert waited.cancelled_caught
    assert recorded(client) == 1


async def test_a_late_answer_comes(start: Start) -> None:
    client = await signed_in(start, "late:seconds=0.01")
    assert (await client.deposit(samples.arret())).status == 200


async def test_a_doubled_answer_is_there_a_second_time(start: Start) -> None:
    client = await signed_in(start, "double-answer")
    async with await client.connect() as stream:
        await stream.send_all(client.raw_deposit(samples.arret(), "Connection: close"))
        got = b"".join([part async for part in stream])
    half = len(got) // 2
    assert got[:half] == got[half:]
    assert got.count(b"HTTP/1.1 200 ") == 2
    assert recorded(client) == 1


# -- faults of the platform itself


async def test_a_token_forgotten_in_the_middle_of_a_call_has_ended(start: Start) -> None:
    client = await signed_in(start, "token-expired")
    reply = await client.deposit(samples.arret())
    assert (reply.status, reply.realm) == (401, ENDED)
    assert recorded(client) == 0
    assert (await client.consult(WINDOW)).realm == ENDED
    await client.sign_in()
    assert (await client.deposit(samples.arret())).status == 200


async def test_a_deposit_can_be_listed_late_with_its_own_date(start: Start, clock: Clock) -> None:
    client = await signed_in(start, "list-late:seconds=60")
    first = await deposited(client, samples.arret(order=1))
    clock.advance(seconds=59)
    second = await deposited(client, samples.arret(order=2))
    listed = await client.consult(WINDOW)
    assert recorded(client) == 2
    assert first.encode() not in listed.body
    assert second.encode() in listed.body
    clock.advance(seconds=1)
    listed = await client.consult(WINDOW)
    assert in_xml(listed.body, "depot/idflux") == first
    assert in_xml(listed.body, "depot/date") == "20261103100000"


# -- how often


async def test_a_fault_happens_once_unless_told_otherwise(start: Start) -> None:
    client = await signed_in(start, "status=500", "status=503*2")
    found = [(await client.deposit(samples.arret(order=n))).status for n in range(1, 6)]
    assert found == [500, 503, 503, 200, 200]


async def test_many_requests_share_a_connection_until_one_is_reset(start: Start) -> None:
    client = await signed_in(start, "reset-after-body*1")
    body = gzip.compress(samples.arret())
    headers = {
        "Authorization": f"DSNLogin jeton={client.token}",
        "Content-Type": "text/plain",
        "Content-Encoding": "gzip",
    }

    def calls(connection: http.client.HTTPConnection) -> list[Reply]:
        with pytest.raises((OSError, http.client.HTTPException)):
            exchange(connection, "POST", "/depot/deposer-dsn/1.0", body, headers)
        connection.close()
        return [
            exchange(connection, "POST", "/depot/deposer-dsn/1.0", body, headers) for _ in range(3)
        ]

    assert [reply.status for reply in await client.on_one(calls)] == [200, 200, 200]
    assert recorded(client) == 3
