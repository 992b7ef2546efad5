"""A simulated IZILIO with TLS, adapters for it, and adapters that hand over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from vaguemestre.api import Credential, Declaration, Order, Profile
from vaguemestre_dsn import samples
from vaguemestre_dsn.recognition import DsnFormat
from vaguemestre_izilio.adapter import Izilio
from vaguemestre_izilio.settings import Settings
from vaguemestre_izilio.simulator import IZILIO
from vaguemestre_net_entreprises.simulator.platform import Account, Config
from vaguemestre_net_entreprises.simulator.server import Simulator
from vaguemestre_net_entreprises.simulator.tls import make

SECRET = {
    "siret": "99999999800019",
    "nom": "MARTIN",
    "prenom": "CLAUDE",
    "motdepasse": "Secret-123",
    "courriel": "claude.martin@example.org",
}
Open = Callable[..., AbstractAsyncContextManager[Izilio]]
Start = Callable[..., Any]
ByHand = Callable[..., Izilio]


def profile(base: Path, credential: Mapping[str, str] = SECRET, **settings: Any) -> Profile:
    return Profile(
        name="p",
        platform="izilio",
        mode="real",
        credential=Credential(name="c", fields=dict(credential)),
        settings=Settings(**settings),
        base=base,
        concurrency=4,
    )


def order_of(number: int, payload: bytes | None = None, **more: Any) -> Order:
    payload = payload or samples.arret(order=number, seed=number)
    declaration = DsnFormat().recognise("a.dsn", payload)
    assert isinstance(declaration, Declaration)
    facts: dict[str, Any] = {
        "deposit": number,
        "name": f"{number}.dsn",
        "payload": payload,
        "sha256": hashlib.sha256(payload).hexdigest(),
        "declaration": declaration,
    }
    return Order(**{**facts, **more})


@pytest.fixture
def start(tmp_path: Path, nursery: trio.Nursery) -> Start:
    """Starts a simulated IZILIO with TLS, with faults."""

    async def started(*faults: str, **config: Any) -> Simulator:
        names = ("siret", "nom", "prenom", "motdepasse")
        account = Account(*(SECRET[k] for k in names), courriel=SECRET["courriel"])
        config = {"accounts": [account], "return_delay": 0.0, **config}
        context = make(tmp_path / "ca.pem")
        simulator = Simulator(Config(**config), tls=context, dialect=IZILIO)
        for fault in faults:
            simulator.faults.add(fault)
        await nursery.start(simulator.serve)
        return simulator

    return started


@pytest.fixture
def connected(tmp_path: Path) -> Open:
    """Opens an adapter for the simulator, at the addresses that it gives."""

    @asynccontextmanager
    async def opened(
        simulator: Simulator, credential: Mapping[str, str] = SECRET, **settings: Any
    ) -> Any:
        ready = simulator.ready(tmp_path / "ca.pem")
        names = ("authentication_url", "deposit_url", "consultation_url", "ca_file")
        wanted: dict[str, Any] = {name: ready[name] for name in names}
        wanted["download_hosts"] = tuple(ready["download_hosts"])
        wanted |= {"timeout_seconds": 1.0, "settling_seconds": 0.0, **settings}
        async with Izilio(profile(tmp_path, credential, **wanted)) as adapter:
            yield adapter

    return opened


@pytest.fixture
def by_hand(tmp_path: Path) -> ByHand:
    """Makes an adapter that hands over into `tray` below the test's folder."""

    def made(**settings: Any) -> Izilio:
        wanted = {"transport": "hand-over", "folder": "tray", **settings}
        return Izilio(profile(tmp_path, {}, **wanted))

    return made
