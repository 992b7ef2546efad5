"""A simulator over real sockets, on a clock that tests move, and a client for it."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from adapters.net_entreprises.simulator.calling import ACCOUNT, Client, Clock, Start

from vaguemestre_net_entreprises.simulator.platform import Account, Config
from vaguemestre_net_entreprises.simulator.server import Simulator


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(nursery: trio.Nursery, clock: Clock) -> Start:
    """Starts a simulator with these faults and settings: a client that has no token yet."""

    async def started(*faults: str, **config: Any) -> Client:
        known = {"accounts": [Account(*ACCOUNT)], "clock": clock, **config}
        simulator = Simulator(Config(**known))
        simulator.faults.add(*faults)
        await nursery.start(simulator.serve)
        return Client(simulator)

    return started


@pytest.fixture
async def client(start: Start) -> Client:
    """A client that signed in to a simulator without faults."""
    found = await start()
    await found.sign_in()
    return found
