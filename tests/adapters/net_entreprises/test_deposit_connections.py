"""What a depositor can rely on when deposits share connections: no answer goes to another."""

from __future__ import annotations

from contextlib import suppress

import pytest
import trio
from adapters.net_entreprises.conftest import Connect
from adapters.net_entreprises.scripted import (
    Peer,
    Platform,
    Step,
    aee,
    answer,
    numbered,
    order,
)

from vaguemestre.api import NoEffect, OutcomeUnknown, Receipt

DEPOSIT = "POST /deposer-dsn"
ARE = (
    b'<rapport type="ARE"><envoi><envoi_identification><idflux>UR5W</idflux></envoi_identification>'
    b"<envoi_bilan><envoi_etat>KO</envoi_etat></envoi_bilan><envoi_anomalie><description><code>"
    b"B1-105-15</code><message>Le format du fichier\n n'est pas reconnu.</message></description>"
    b"</envoi_anomalie></envoi></rapport>"
)
PAGE = b"<!DOCTYPE html><html><body>Maintenance en cours</body></html>"


async def test_many_deposits_at_once_all_arrive_even_if_some_are_cancelled(
    platform: Platform, connect: Connect
) -> None:
    platform.on(DEPOSIT, numbered())
    async with connect() as adapter:
        async with trio.open_nursery() as nursery:
            for number in range(40):
                nursery.start_soon(adapter.deposit, order(number))
            with trio.move_on_after(0.01):
                await adapter.deposit(order(99))
        assert platform.count("auth") == 1
        assert platform.count("deposer-dsn") >= 40
        assert isinstance(await adapter.deposit(order(100)), Receipt)


def twice(*answers: bytes) -> Step:
    """Answers that come together on one connection, though only one was asked for."""

    async def step(peer: Peer) -> None:
        await peer.body()
        await peer.stream.send_all(
            b"".join(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(a) + a for a in answers)
        )

    return step


async def test_an_answer_that_comes_twice_is_never_taken_for_that_to_another_deposit(
    platform: Platform, connect: Connect
) -> None:
    platform.on(
        DEPOSIT,
        twice(aee("FIRST"), aee("FIRST")),
        *(answer(200, aee(name)) for name in ("SECOND", "THIRD", "FOURTH", "FIFTH")),
    )
    given = []
    async with connect() as adapter:
        for number in range(5):
            try:
                receipt = await adapter.deposit(order(number))
            except OutcomeUnknown:
                given.append("unknown")
            else:
                assert isinstance(receipt, Receipt)
                given.append(receipt.reference)
    # The second deposit may have read the first one's answer again, and says so; the others are
    # not shifted by it.
    assert given in (
        ["FIRST", "unknown", "THIRD", "FOURTH", "FIFTH"],
        ["FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH"],
    )


@pytest.mark.parametrize("first", [answer(429), answer(422, ARE), answer(503), answer(401)])
async def test_after_an_answer_that_proves_nothing_the_connection_is_not_used_again(
    first: Step, platform: Platform, connect: Connect
) -> None:
    peers = []

    async def note(peer: Peer) -> None:
        peers.append(peer)
        await (first if len(peers) == 1 else answer(200, aee(f"N{len(peers)}")))(peer)

    platform.on(DEPOSIT, note)
    async with connect() as adapter:
        for number in range(3):
            with suppress(NoEffect, OutcomeUnknown):
                await adapter.deposit(order(number))
    assert peers[1] is not peers[0]
    assert peers[2] is peers[1]


async def test_every_other_call_has_a_connection_of_its_own(
    platform: Platform, connect: Connect
) -> None:
    peers = []

    async def note(peer: Peer) -> None:
        peers.append(peer)
        await answer(200, b"{}")(peer)

    platform.on("GET /lister-retours-flux", note)
    async with connect() as adapter:
        await adapter.announced("A")
        await adapter.announced("B")
    assert peers[0] is not peers[1]
    assert platform.calls[-1].headers["connection"] == "close"
