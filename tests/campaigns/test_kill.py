"""Campaigns 1 and 2: the daemon is killed at every named point and at random moments, started
again, and the platform's ledger is compared with what was dropped."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from campaigns.conftest import assert_each_arrived_once, declarations
from support.site import Simulator, Site

from vaguemestre.testing.points import POINTS

AT_PLATFORM = ["deposited", "accepted"]

#: Points that are passed only when an answer was lost.
IN_DOUBT = {name for name in POINTS if name.startswith("reconcile.")}
#: Points that are passed only after a return was published.
LATER = {name for name in POINTS if name.startswith(("collect.", "inbox."))}


@pytest.mark.campaign
@pytest.mark.parametrize("point", sorted(POINTS))
def test_killed_at_a_named_point_nothing_is_lost_or_deposited_twice(
    point: str, simulator: Callable[..., Simulator], site: Callable[..., Site]
) -> None:
    faults = ["--fault", "answer-lost*2"] if point in IN_DOUBT else []
    platform = simulator("--return-delay", "0.2", *faults)
    here = site(platform)
    files = declarations(3)
    for name, payload in files.items():
        here.drop(name, payload)
    here.start(VAGUEMESTRE_STOP_AT=point)
    assert here.daemon is not None
    assert here.daemon.wait(60) == -9, f"{point} was never passed: {here.tail()}"
    here.start()
    here.wait(3, ["accepted"] if point in LATER else AT_PLATFORM)
    assert here.stop() == 0
    assert_each_arrived_once(platform, files)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_moments_nothing_is_lost_or_deposited_twice(
    seed: int, simulator: Callable[..., Simulator], site: Callable[..., Site]
) -> None:
    chance = random.Random(seed)
    platform = simulator(
        "--return-delay", "0.5", "--fault", "answer-lost@0.02", "--seed", str(seed)
    )
    here = site(platform)
    files: dict[str, bytes] = {}
    for life in range(6):
        more = declarations(15, start=15 * life)
        files |= more
        here.start()
        for name, payload in more.items():
            here.drop(name, payload)
        # The moment is random on purpose: it is what the campaign varies.
        time.sleep(chance.uniform(0.3, 1.6))
        here.kill()
    here.start()
    here.wait(len(files), AT_PLATFORM, within=120)
    assert here.stop() == 0
    assert_each_arrived_once(platform, files)
