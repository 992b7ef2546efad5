"""The adapter against the product's simulator, an independent and strict server: after every fault
the declaration is at the platform exactly once, and its returns come back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio

from vaguemestre.api import (
    Absent,
    Credential,
    CredentialRefused,
    Found,
    NoEffect,
    Order,
    OutcomeUnknown,
    Profile,
    Receipt,
    Refusal,
    Unknown,
)
from vaguemestre_dsn import samples
from vaguemestre_dsn.recognition import DsnFormat
from vaguemestre_net_entreprises.adapter import NetEntreprises
from vaguemestre_net_entreprises.settings import Settings
from vaguemestre_net_entreprises.simulator.platform import Account, Config
from vaguemestre_net_entreprises.simulator.server import Simulator
from vaguemestre_net_entreprises.simulator.tls import make

SECRET = {
    "siret": "99999999800019",
    "nom": "MARTIN",
    "prenom": "CLAUDE",
    "motdepasse": "Secret-123",
}
Open = Callable[..., AbstractAsyncContextManager[NetEntreprises]]
Start = Callable[..., Any]


def order_of(number: int, payload: bytes | None = None) -> Order:
    payload = payload or samples.arret(order=number, seed=number)
    declaration = DsnFormat().recognise("a.dsn", payload)
    assert declaration is not None
    return Order(
        deposit=number,
        name=f"{number}.dsn",
        payload=payload,
        sha256=hashlib.sha256(payload).hexdigest(),
        declaration=declaration,
    )


@pytest.fixture
def start(tmp_path: Path, nursery: trio.Nursery) -> Start:
    """Starts a simulator with TLS, with faults."""

    async def started(*faults: str, **config: Any) -> Simulator:
        account = Account(*SECRET.values())
        config = {"accounts": [account], "return_delay": 0.0, **config}
        simulator = Simulator(Config(**config), tls=make(tmp_path / "ca.pem"))
        for fault in faults:
            simulator.faults.add(fault)
        await nursery.start(simulator.serve)
        return simulator

    return started


@pytest.fixture
def connected(tmp_path: Path) -> Open:
    @asynccontextmanager
    async def opened(simulator: Simulator, **settings: Any) -> Any:
        ready = simulator.ready(tmp_path / "ca.pem")
        names = ("authentication_url", "deposit_url", "consultation_url", "ca_file")
        wanted: dict[str, Any] = {name: ready[name] for name in names}
        wanted["download_hosts"] = tuple(ready["download_hosts"])
        wanted |= {"timeout_seconds": 1.0, "settling_seconds": 0.0, **settings}
        credential = Credential(name="c", fields=settings.pop("credential", SECRET))
        wanted.pop("credential", None)
        profile = Profile(
            name="p",
            platform="net-entreprises",
            mode="real",
            credential=credential,
            settings=Settings(**wanted),
            base=tmp_path,
            concurrency=4,
        )
        async with NetEntreprises(profile) as adapter:
            yield adapter

    return opened


def arrived(simulator: Simulator) -> list[str]:
    return [record["sha256"] for record in simulator.ledger if record["event"] == "deposit"]


async def carry(adapter: NetEntreprises, order: Order) -> tuple[str, list[str]]:
    """Deposit as the core does: again after no effect or proven absence, never otherwise. The
    reference, and what happened on the way."""
    story: list[str] = []
    while True:
        assert len(story) < 20, story
        began = datetime.now(UTC)
        try:
            answer = await adapter.deposit(order)
        except NoEffect as error:
            assert not error.permanent, error
            story.append("no effect")
            continue
        except OutcomeUnknown:
            story.append("unknown")
            order = msgspec.structs.replace(order, started_at=began, ended_at=datetime.now(UTC))
            found = await settle(adapter, order)
            story.append(type(found).__name__)
            if isinstance(found, Found):
                return found.reference, story
            continue
        assert isinstance(answer, Receipt)
        return answer.reference, story


async def settle(adapter: NetEntreprises, order: Order) -> Found | Absent:
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


FAULTS = {
    "reset-before-body": ["unknown", "Absent"],
    "reset-in-body": ["unknown", "Absent"],
    "reset-after-body": ["unknown", "Absent"],
    "answer-lost": ["unknown", "Found"],
    "answer-cut": ["unknown", "Found"],
    "status=500:effect=yes": ["unknown", "Found"],
    "status=500:effect=no": ["unknown", "Absent"],
    "status=502:effect=yes": ["unknown", "Found"],
    "status=503:effect=no": ["unknown", "Absent"],
    "status=429": ["no effect"],
    "slow-drip:seconds=0.2": ["unknown", "Found"],
    "late:seconds=3": ["unknown", "Found"],
    "token-expired": [],
    "garbage-200:effect=yes": ["unknown", "Found"],
    "garbage-200:effect=no": ["unknown", "Absent"],
    "double-answer": [],
    "status=500:call=auth": ["no effect"],
    "status=503:call=auth": ["no effect"],
    "status=429:call=auth": ["no effect"],
    "garbage-200:call=auth": ["no effect"],
    "answer-lost:call=auth": ["no effect"],
    "answer-cut:call=auth": ["no effect"],
    "reset-in-body:call=auth": ["no effect"],
    "late:call=auth:seconds=3": ["no effect"],
}


VERSIONS = ("1.0", "2.0")


@pytest.mark.parametrize(
    ("fault", "version"), [(fault, VERSIONS[n % 2]) for n, fault in enumerate(FAULTS)]
)
async def test_after_every_fault_the_declaration_arrives_exactly_once(
    fault: str, version: str, start: Start, connected: Open
) -> None:
    simulator = await start(fault)
    one = order_of(1)
    url = f"{simulator.base}/depot/deposer-dsn/{version}"
    async with connected(simulator, deposit_url=url, consultation_version=version) as adapter:
        reference, story = await carry(adapter, one)
    assert story == FAULTS[fault]
    assert arrived(simulator) == [one.sha256]
    assert simulator.ledger[0]["idflux"] == reference


@pytest.mark.parametrize(
    "fault",
    ["status=500", "status=429", "garbage-200", "answer-lost", "answer-cut", "token-expired"],
)
@pytest.mark.parametrize("call", ["depots", "retours", "download"])
async def test_a_fault_of_the_look_up_itself_never_makes_a_double(
    fault: str, call: str, start: Start, connected: Open
) -> None:
    simulator = await start("answer-lost*1", f"{fault}:call={call}*1")
    one = order_of(1)
    async with connected(simulator) as adapter:
        began = datetime.now(UTC)
        with pytest.raises(OutcomeUnknown):
            await adapter.deposit(one)
        one = msgspec.structs.replace(one, started_at=began, ended_at=datetime.now(UTC))
        with suppress(NoEffect):
            await adapter.look_up(one, began)
        found = await settle(adapter, one)
    assert isinstance(found, Found)
    assert arrived(simulator) == [one.sha256]


async def test_several_in_doubt_at_once_are_told_apart_by_their_certificates(
    start: Start, connected: Open
) -> None:
    simulator = await start("answer-lost*6")
    orders = [order_of(number) for number in range(1, 7)]
    found: dict[int, Found | Absent] = {}
    async with connected(simulator) as adapter:
        began = datetime.now(UTC)

        async def deposit(one: Order) -> None:
            with pytest.raises(OutcomeUnknown):
                await adapter.deposit(one)

        async with trio.open_nursery() as nursery:
            for one in orders:
                nursery.start_soon(deposit, one)
        ended = datetime.now(UTC)
        orders = [msgspec.structs.replace(o, started_at=began, ended_at=ended) for o in orders]
        while len(found) < len(orders):
            for one in orders:
                rivals = tuple(o for o in orders if o is not one and o.deposit not in found)
                known = frozenset(f.reference for f in found.values() if isinstance(f, Found))
                asked = msgspec.structs.replace(one, rivals=rivals, known=known)
                if one.deposit not in found:
                    answer = await adapter.look_up(asked, began)
                    if isinstance(answer, Found):
                        found[one.deposit] = answer
            await trio.sleep(0.1)
    truth = {r["sha256"]: r["idflux"] for r in simulator.ledger if r["event"] == "deposit"}
    for one in orders:
        answered = found[one.deposit]
        assert isinstance(answered, Found)
        assert answered.reference == truth[one.sha256]
    assert len(truth) == 6


async def test_a_wrong_password_is_tried_once(start: Start, connected: Open) -> None:
    simulator = await start()
    wrong = {**SECRET, "motdepasse": "wrong"}
    async with connected(simulator, credential=wrong) as adapter, trio.open_nursery() as nursery:

        async def refused(number: int) -> None:
            with pytest.raises(CredentialRefused):
                await adapter.deposit(order_of(number))

        for number in range(5):
            nursery.start_soon(refused, number)
    assert simulator.platform.calls["authentication_refused"] == 1
    assert not arrived(simulator)


@pytest.mark.parametrize(("state", "words"), [("expired", "expiré"), ("enrolled", "inscrit")])
async def test_the_state_of_the_account_is_told(
    state: str, words: str, start: Start, connected: Open
) -> None:
    simulator = await start()
    setattr(simulator.platform.config.accounts[0], state, state == "expired")
    async with connected(simulator) as adapter:
        report = await adapter.check()
    assert not report.ok
    assert words in report.message


async def test_a_damaged_file_is_refused_with_the_reason(start: Start, connected: Open) -> None:
    simulator = await start()
    broken = msgspec.structs.replace(order_of(1), payload=b"not a DSN")
    async with connected(simulator) as adapter:
        refusal = await adapter.deposit(broken)
    assert isinstance(refusal, Refusal)
    assert refusal.findings
    assert refusal.document


async def test_tokens_that_end_soon_are_renewed(start: Start, connected: Open) -> None:
    simulator = await start(token_seconds=1.0)
    async with connected(simulator) as adapter:
        for number in range(1, 6):
            assert isinstance(await adapter.deposit(order_of(number)), Receipt)
            await trio.sleep(0.3)
    assert len(arrived(simulator)) == 5


@pytest.mark.parametrize("version", ["1.0", "2.0"])
async def test_every_return_of_every_deposit_is_announced_and_fetched(
    version: str, start: Start, connected: Open
) -> None:
    simulator = await start("overwrite:seconds=0*1")
    async with connected(simulator, consultation_version=version) as adapter:
        references = {}
        for number in range(1, 4):
            one = order_of(number, samples.mensuelle(order=number, month=f"2026-0{number}"))
            receipt = await adapter.deposit(one)
            assert isinstance(receipt, Receipt)
            references[receipt.reference] = one
        seen: dict[tuple[str, str], bytes] = {}
        cursor: str | None = None
        while len(seen) < 4 * len(references):
            window = await adapter.collect(cursor)
            cursor = window.cursor
            for told in window.announcements:
                document = await adapter.fetch(told)
                if document is not None:
                    seen[told.reference, told.nature] = document.content
            await trio.sleep(0.0 if window.more else 0.3)
        assert {r for r, _nature in seen} == set(references)
        assert {n for _reference, n in seen} == {"10", "11", "62", "94"}
        first = next(iter(references))
        assert {a.nature for a in await adapter.announced(first)} == {"10", "11", "62", "94"}


async def test_a_narrow_platform_is_caught_up_with(start: Start, connected: Open) -> None:
    simulator = await start(returns_minutes=7)
    async with connected(simulator, lookback_days=0.1) as adapter:
        await adapter.deposit(order_of(1))
        await trio.sleep(2.1)  # the search covers whole seconds that are over
        cursor, more, announced = None, True, 0
        while more:
            with suppress(NoEffect):  # it narrows its question step by step
                window = await adapter.collect(cursor)
                cursor, more = window.cursor, window.more
                announced += len(window.announcements)
    assert announced >= 2
