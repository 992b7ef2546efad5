"""What the campaigns share: a simulated platform, deployments on disk, and sample files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.site import Simulator, Site

from vaguemestre_dsn import samples


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Callable[..., Simulator]]:
    started: list[Simulator] = []

    def start(*options: str) -> Simulator:
        folder = tmp_path / f"platform-{len(started)}"
        folder.mkdir()
        started.append(Simulator(folder, *options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    made: list[Site] = []

    def make(simulator: Simulator, **profile: object) -> Site:
        made.append(Site(tmp_path / f"site-{len(made)}", simulator.settings(), **profile))
        return made[-1]

    yield make
    for one in made:
        one.kill()


def declarations(count: int, start: int = 0, **more: Any) -> dict[str, bytes]:
    """Files that differ, each a declaration of its own for the platform: name and bytes."""
    return {
        f"arret-{number:05d}.dsn": samples.arret(order=number + 1, seed=number, **more)
        for number in range(start, start + count)
    }


def large_declarations(count: int) -> dict[str, bytes]:
    """The same with mensuelles of 8 kB, each of a company of its own."""
    return {
        f"dsn-{number:05d}.dsn": samples.mensuelle(
            siret=samples.siret(number), employees=4, seed=number
        )
        for number in range(count)
    }


def assert_each_arrived_once(simulator: Simulator, files: dict[str, bytes]) -> None:
    """The judgement of every campaign: the ledger has each file, once, and nothing else."""
    arrived = Counter(record["sha256"] for record in simulator.deposits())
    wanted = {hashlib.sha256(payload).hexdigest(): name for name, payload in files.items()}
    lost = sorted(name for sha, name in wanted.items() if sha not in arrived)
    doubled = sorted(wanted.get(sha, sha) for sha, times in arrived.items() if times > 1)
    strangers = set(arrived) - set(wanted)
    assert not lost, f"lost: {lost}"
    assert not doubled, f"deposited twice: {doubled}"
    assert not strangers
