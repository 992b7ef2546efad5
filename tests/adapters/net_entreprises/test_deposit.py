"""What a depositor can rely on when a deposit goes well, badly, or nowhere, over real sockets."""

from __future__ import annotations

import gzip
import socket
from datetime import UTC, datetime

import pytest
import trio
from adapters.net_entreprises.conftest import Connect
from adapters.net_entreprises.scripted import (
    IDFLUX,
    Peer,
    Platform,
    Step,
    aee,
    answer,
    chunked,
    order,
    raw,
    reset_after_body,
    reset_before_body,
    silence,
    until_close,
)

from vaguemestre.api import CredentialRefused, NoEffect, OutcomeUnknown, Receipt, Refusal

DEPOSIT = "POST /deposer-dsn"
ARE = (
    b'<rapport type="ARE"><envoi><envoi_identification><idflux>UR5W</idflux></envoi_identification>'
    b"<envoi_bilan><envoi_etat>KO</envoi_etat></envoi_bilan><envoi_anomalie><description><code>"
    b"B1-105-15</code><message>Le format du fichier\n n'est pas reconnu.</message></description>"
    b"</envoi_anomalie></envoi></rapport>"
)
PAGE = b"<!DOCTYPE html><html><body>Maintenance en cours</body></html>"


async def test_the_receipt_of_a_deposit_carries_its_reference_time_and_document(
    platform: Platform, connect: Connect
) -> None:
    platform.on(DEPOSIT, answer(200, aee(), Content_Type="application/json"))
    async with connect() as adapter:
        receipt = await adapter.deposit(order(payload=b"S10.G00.00.001,'\xe9'\r\n"))
    assert isinstance(receipt, Receipt)
    assert receipt.reference == IDFLUX
    assert receipt.recorded_at == datetime(2026, 1, 9, 10, 2, 59, tzinfo=UTC)
    assert receipt.document == aee()
    (call,) = platform.of("deposer-dsn")
    assert call.path == "/deposer-dsn/2.0/"
    assert gzip.decompress(call.body) == b"S10.G00.00.001,'\xe9'\r\n"
    assert call.authorization == "DSNLogin jeton=VG9rZW4="
    assert call.headers["content-type"] == "text/plain"
    assert call.headers["content-encoding"] == "gzip"
    assert call.headers["accept-encoding"] == "gzip"
    assert call.headers["user-agent"].startswith("Client-DSN (Vaguemestre/")


@pytest.mark.parametrize(
    "script",
    [
        raw(until_close(aee(), "Content-Type: application/json\r\n")),
        raw(until_close(gzip.compress(aee()), "Content-Encoding: x-gzip\r\n")),
        raw(chunked(aee())),
        raw(chunked(aee(), packed=True), stay=True),
        raw(b"HTTP/1.1 100 Continue\r\n\r\n" + until_close(aee())),
        answer(200, b'{"accuse": {"IdFlux": "' + IDFLUX.encode() + b'"}}'),
        answer(200, b'[{"idflux":"' + IDFLUX.encode() + b'"}]', close=True),
        answer(200, b"\xef\xbb\xbf" + aee(), content_TYPE="text/html"),
    ],
)
async def test_the_receipt_is_read_in_every_legal_form(
    script: Step, platform: Platform, connect: Connect
) -> None:
    platform.on(DEPOSIT, script)
    async with connect() as adapter:
        receipt = await adapter.deposit(order())
    assert isinstance(receipt, Receipt)
    assert receipt.reference == IDFLUX


async def test_a_rejected_deposit_says_why(platform: Platform, connect: Connect) -> None:
    platform.on(DEPOSIT, answer(422, ARE))
    async with connect() as adapter:
        refusal = await adapter.deposit(order())
    assert isinstance(refusal, Refusal)
    assert refusal.reference == "UR5W"
    assert [(f.code, f.message) for f in refusal.findings] == [
        ("B1-105-15", "Le format du fichier n'est pas reconnu.")
    ]
    assert refusal.document == ARE


@pytest.mark.parametrize(
    ("script", "permanent"),
    [
        (answer(400), True),
        (answer(404), False),
        (answer(405), False),
        (answer(406), True),
        (answer(407), False),
        (answer(413), True),
        (answer(415), True),
        (answer(422), True),
        (answer(422, PAGE), False),
        (answer(429), False),
    ],
)
async def test_what_was_refused_before_anything_was_recorded_has_no_effect(
    script: Step, permanent: bool, platform: Platform, connect: Connect
) -> None:
    platform.on(DEPOSIT, script)
    async with connect() as adapter:
        with pytest.raises(NoEffect) as caught:
            await adapter.deposit(order())
    assert caught.value.permanent is permanent
    assert not isinstance(caught.value, CredentialRefused)


async def test_the_wait_that_the_platform_asks_for_is_passed_on(
    platform: Platform, connect: Connect
) -> None:
    platform.on(DEPOSIT, answer(429, Retry_After="17"))
    async with connect() as adapter:
        with pytest.raises(NoEffect) as caught:
            await adapter.deposit(order())
    assert caught.value.retry_after == 17


async def drip(peer: Peer) -> None:
    """The receipt, so slowly that it never ends."""
    await peer.body()
    await peer.stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        await peer.stream.send_all(b"<")
        await trio.sleep(0.02)


CUT = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(aee()) + 1) + aee()


@pytest.mark.parametrize(
    "script",
    [
        answer(200),
        answer(200, PAGE),
        answer(200, b'{"statut": "OK"}'),
        answer(200, b'{"a": {"idflux": "A"}, "b": {"idflux": "B"}}'),
        answer(200, aee()[:-20]),
        answer(202, b"{}"),
        answer(302, Location="https://example.org/"),
        answer(303),
        answer(408),
        answer(409),
        answer(500),
        answer(500, PAGE),
        answer(502),
        answer(503, Retry_After="5"),
        answer(504),
        answer(422, aee()),
        answer(200, aee(), Content_Encoding="gzip"),
        answer(200, gzip.compress(aee())[:-9], Content_Encoding="gzip", close=True),
        answer(200, aee(), Content_Encoding="br"),
        answer(200, gzip.compress(bytes(20_000_000)), Content_Encoding="gzip"),
        raw(CUT),
        raw(CUT, cut=True),
        raw(chunked(aee())[:-30]),
        raw(b"HTTP/1.1 2"),
        raw(b""),
        raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
        reset_before_body,
        reset_after_body,
        silence,
        drip,
    ],
    ids=lambda s: getattr(s, "__name__", ""),
)
async def test_without_proof_the_outcome_is_unknown(
    script: Step, platform: Platform, connect: Connect
) -> None:
    platform.on(DEPOSIT, script)
    async with connect(timeout_seconds=0.3) as adapter:
        with pytest.raises(OutcomeUnknown):
            await adapter.deposit(order())
    assert platform.count("deposer-dsn") == 1


async def test_a_platform_that_cannot_be_reached_recorded_nothing(
    platform: Platform, connect: Connect
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        async with connect(deposit_url=f"https://localhost:{port}/deposer-dsn/2.0/") as adapter:
            with pytest.raises(NoEffect):
                await adapter.deposit(order())


@pytest.mark.parametrize("host", ["127.0.0.1", "does-not-exist.invalid"])
async def test_a_wrong_certificate_or_name_recorded_nothing(
    host: str, platform: Platform, connect: Connect
) -> None:
    # The certificate is for localhost, not for the address.
    url = f"https://{host}:{platform.port}/deposer-dsn/2.0/"
    async with connect(deposit_url=url) as adapter:
        with pytest.raises(NoEffect):
            await adapter.deposit(order())
    assert platform.count("deposer-dsn") == 0


async def test_a_platform_that_does_not_finish_the_tls_handshake_recorded_nothing(
    platform: Platform, connect: Connect, nursery: trio.Nursery
) -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")

    async def mute(stream: trio.SocketStream) -> None:
        await trio.sleep_forever()

    nursery.start_soon(trio.serve_listeners, mute, [listener])
    url = f"https://localhost:{listener.socket.getsockname()[1]}/deposer-dsn/2.0/"
    async with connect(deposit_url=url, timeout_seconds=0.3) as adapter:
        with pytest.raises(NoEffect):
            await adapter.deposit(order())


async def test_a_refused_token_is_renewed_once_and_the_deposit_replayed(
    platform: Platform, connect: Connect
) -> None:
    platform.on("POST /auth", answer(200, b"first"), answer(200, b"second"))
    platform.on(DEPOSIT, answer(401), answer(200, aee()))
    async with connect() as adapter:
        assert isinstance(await adapter.deposit(order()), Receipt)
    tokens = [call.authorization for call in platform.of("deposer-dsn")]
    assert tokens == ["DSNLogin jeton=first", "DSNLogin jeton=second"]


async def test_a_second_401_suspends_the_credential(platform: Platform, connect: Connect) -> None:
    platform.on(DEPOSIT, answer(401, WWW_Authenticate='DSNLogin realm="Expiration du jeton"'))
    async with connect() as adapter:
        with pytest.raises(CredentialRefused):
            await adapter.deposit(order())
    assert platform.count("deposer-dsn") == 2
    assert platform.count("auth") == 2


async def test_a_blocked_account_suspends_the_credential(
    platform: Platform, connect: Connect
) -> None:
    platform.on(DEPOSIT, answer(403))
    async with connect() as adapter:
        with pytest.raises(CredentialRefused):
            await adapter.deposit(order())
    assert platform.count("deposer-dsn") == 1


async def test_a_deposit_that_is_cancelled_stays_a_cancellation(
    platform: Platform, connect: Connect
) -> None:
    arrived = trio.Event()

    async def hold(peer: Peer) -> None:
        arrived.set()
        await trio.sleep_forever()

    platform.on(DEPOSIT, hold, answer(200, aee()))
    async with connect() as adapter:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(adapter.deposit, order())
            await arrived.wait()
            nursery.cancel_scope.cancel()
        assert nursery.cancel_scope.cancelled_caught
        # The connections are not spoilt for those that follow.
        assert isinstance(await adapter.deposit(order(2)), Receipt)
