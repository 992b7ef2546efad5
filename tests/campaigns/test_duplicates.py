"""Campaign: two declarations for one place arrive at the same moment in two outboxes, and the
daemon is killed around the decision. One goes, once; the other one waits and says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.site import Simulator, Site

from vaguemestre_dsn import samples

PAIRS = 4


@pytest.mark.campaign
@pytest.mark.parametrize(
    "point",
    [
        "control.decided",
        "control.decided#3",
        "control.committed",
        "lane.claimed",
        "intake.committed",
    ],
)
def test_one_of_each_pair_is_deposited_whenever_the_daemon_is_killed(
    point: str, tmp_path: Path, simulator: Callable[..., Simulator]
) -> None:
    platform = simulator("--return-delay", "3600")
    other = tmp_path / "rh"
    outbox = f'[[outbox]]\nname = "rh"\npath = {json.dumps(str(other))}\nquiet_seconds = 0.1\n'
    here = Site(tmp_path / "site", platform.settings(), extra=outbox)
    other.mkdir()
    try:
        for number in range(PAIRS):
            first, second = (
                samples.mensuelle(siret=samples.siret(number), employees=1, seed=seed)
                for seed in (1, 2)
            )
            here.drop(f"{number}.dsn", first)
            (other / f"{number}.dsn").write_bytes(second)
        here.start(VAGUEMESTRE_STOP_AT=point)
        assert here.daemon is not None
        assert here.daemon.wait(60) == -9, f"{point} was never passed: {here.tail()}"
        here.start()
        here.wait(2 * PAIRS, ["deposited", "held"])
        assert here.stop() == 0
    finally:
        here.kill()
    assert here.states() == {"deposited": PAIRS, "held": PAIRS}
    assert len({record["siret"] for record in platform.deposits()}) == PAIRS
    assert len(platform.deposits()) == PAIRS
    held = here.query("SELECT message FROM deposit WHERE state = 'held'")
    assert all("Doublon possible du dépôt" in message for (message,) in held)
    assert len([key for key in here.notices() if key.startswith("held:")]) == PAIRS
