"""By the line, against the simulated IZILIO over TLS: what differs from Net-Entreprises is sent as
configured, and after every fault the declaration is there exactly once."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import trio
from adapters.izilio.conftest import SECRET, Open, Start, order_of

from vaguemestre.api import (
    Absent,
    CredentialRefused,
    Found,
    NoEffect,
    Order,
    OutcomeUnknown,
    Receipt,
    Refusal,
    Unknown,
)
from vaguemestre_dsn import samples
from vaguemestre_izilio.adapter import Izilio
from vaguemestre_net_entreprises.simulator.server import Simulator


def arrived(simulator: Simulator) -> list[str]:
    return [r["sha256"] for r in simulator.ledger if r["event"] == "deposit"]


# -- the connection test


async def test_the_connection_test_authenticates_and_deposits_nothing(
    start: Start, connected: Open
) -> None:
    simulator = await start()
    async with connected(simulator) as adapter:
        report = await adapter.check()
    assert report.ok, report.message
    assert simulator.platform.calls == {"auth": 1}
    assert not simulator.ledger


@pytest.mark.parametrize("field", ["motdepasse", "courriel", "nom", "siret"])
async def test_each_field_of_the_credential_counts_and_is_tried_once(
    field: str, start: Start, connected: Open
) -> None:
    simulator = await start()
    wrong = {"siret": "99999999900017", "courriel": "other@example.org"}.get(field, "WRONG")
    async with connected(simulator, {**SECRET, field: wrong}) as adapter:
        report = await adapter.check()
        with pytest.raises(CredentialRefused):
            await adapter.deposit(order_of(1))
    assert not report.ok
    assert "mot de passe" in report.message
    assert wrong not in report.message
    assert simulator.platform.calls["authentication_refused"] == 1
    assert not simulator.ledger


async def test_the_address_may_be_written_in_any_case(start: Start, connected: Open) -> None:
    simulator = await start()
    credential = {**SECRET, "courriel": SECRET["courriel"].upper()}
    async with connected(simulator, credential) as adapter:
        assert (await adapter.check()).ok


async def test_without_an_address_nothing_is_sent(start: Start, connected: Open) -> None:
    simulator = await start()
    async with connected(simulator, {**SECRET, "courriel": ""}) as adapter:
        report = await adapter.check()
    assert "courriel" in report.message
    assert simulator.platform.calls == {}


async def test_the_body_of_net_entreprises_is_not_what_this_one_asks_for(
    start: Start, connected: Open
) -> None:
    simulator = await start()
    async with connected(simulator, authentication_body="declarant") as adapter:
        assert not (await adapter.check()).ok
    async with connected(simulator, authentication_body="msa") as adapter:
        assert not (await adapter.check()).ok


async def test_the_addresses_of_net_entreprises_are_not_here(start: Start, connected: Open) -> None:
    simulator = await start()
    url = f"{simulator.base}/services/authentifier/1.0/"
    async with connected(simulator, authentication_url=url) as adapter:
        report = await adapter.check()
    assert "404" in report.message


async def test_a_platform_that_is_not_there_is_said_to_be(start: Start, connected: Open) -> None:
    simulator = await start()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{taken.getsockname()[1]}/"
        async with connected(simulator, authentication_url=url) as adapter:
            assert not (await adapter.check()).ok


async def test_who_is_not_trusted_gets_no_password(
    start: Start, connected: Open, ca_of_others: str
) -> None:
    simulator = await start()
    async with connected(simulator, ca_file=ca_of_others) as adapter:
        report = await adapter.check()
    assert "certificat" in report.message
    assert simulator.platform.calls == {}


@pytest.fixture
def ca_of_others(tmp_path_factory: pytest.TempPathFactory) -> str:
    from vaguemestre_net_entreprises.simulator.tls import make

    path = tmp_path_factory.mktemp("other") / "ca.pem"
    make(path)
    return str(path)


# -- deposits, doubts and returns

FAULTS = {
    "reset-in-body": ["unknown", "Absent"],
    "answer-lost": ["unknown", "Found"],
    "status=500:effect=yes": ["unknown", "Found"],
    "status=503:effect=no": ["unknown", "Absent"],
    "status=429": ["no effect"],
    "token-expired": [],
    "garbage-200:effect=yes": ["unknown", "Found"],
    "double-answer": [],
    "status=503:call=auth": ["no effect"],
    "answer-lost:call=auth": ["no effect"],
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_after_every_fault_the_declaration_arrives_exactly_once(
    fault: str, start: Start, connected: Open
) -> None:
    simulator = await start(fault)
    one, story = order_of(1), []
    answer: Receipt | Found | None = None
    async with connected(simulator) as adapter:
        while answer is None:
            assert len(story) < 20, story
            began = datetime.now(UTC)
            try:
                answer = receipt(await adapter.deposit(one))
            except NoEffect:
                story.append("no effect")
            except OutcomeUnknown:
                ended = datetime.now(UTC)
                doubt = msgspec.structs.replace(one, started_at=began, ended_at=ended)
                proof = await settle(adapter, doubt)
                story += ["unknown", type(proof).__name__]
                answer = proof if isinstance(proof, Found) else None
    assert story == FAULTS[fault]
    assert arrived(simulator) == [one.sha256]
    assert simulator.ledger[0]["idflux"] == answer.reference


def receipt(answer: object) -> Receipt:
    assert isinstance(answer, Receipt)
    return answer


async def settle(adapter: Izilio, order: Order) -> Found | Absent:
    """Ask until there is a proof; absence counts only after the adapter's settling time."""
    assert order.started_at is not None
    assert order.ended_at is not None
    while True:
        answer = await adapter.look_up(order, order.started_at)
        settled = order.ended_at + timedelta(seconds=adapter.settling_seconds)
        if isinstance(answer, Found) or (
            isinstance(answer, Absent) and datetime.now(UTC) > settled
        ):
            return answer
        assert not isinstance(answer, Unknown) or not answer.ambiguous, answer
        await trio.sleep(0.1)


async def test_a_damaged_file_is_refused_with_the_reason(start: Start, connected: Open) -> None:
    simulator = await start()
    async with connected(simulator) as adapter:
        broken = msgspec.structs.replace(order_of(1), payload=b"not a DSN")
        refusal = await adapter.deposit(broken)
    assert isinstance(refusal, Refusal)
    assert refusal.findings


async def test_every_return_is_announced_and_fetched_from_izilios_own_host(
    start: Start, connected: Open
) -> None:
    simulator = await start()
    async with connected(simulator) as adapter:
        answer = receipt(await adapter.deposit(order_of(1, samples.mensuelle())))
        cursor, seen = None, {}
        while len(seen) < 4:
            window = await adapter.collect(cursor)
            cursor = window.cursor
            for told in window.announcements:
                document = await adapter.fetch(told)
                assert document is not None
                seen[told.reference, told.nature] = document.content
            await trio.sleep(0.0 if window.more else 0.2)
        asked = await adapter.announced(answer.reference)
    assert set(seen) == {(answer.reference, nature) for nature in ("10", "11", "62", "94")}
    assert {a.nature for a in asked} == {"10", "11", "62", "94"}
