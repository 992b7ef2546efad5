"""Campaigns 1 and 8 for SOFiE: the program hangs, lies, floods and dies, the daemon is killed at
each named point around a run. Judged by what really arrived."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from adapters.sofie.files import decaff, decsal
from support.sofie import SofieSite

from vaguemestre.testing.points import POINTS
from vaguemestre_sofie.points import POINTS as SOFIE_POINTS

AT_PLATFORM = ["deposited", "accepted"]
FILES = {"paie-a.dta": decsal(), "paie-b.dta": decsal("1962010154321"), "entree.dta": decaff()}
#: Points that are passed only when the outcome of a run was lost.
IN_DOUBT = {name for name in POINTS if name.startswith("reconcile.")}
#: Points that are passed only when SOFiE did not touch a file.
TAKEN_BACK = {"sofie.taken_back"}
#: Points that are passed only when something was received.
RECEIVED = {
    "sofie.moved",
    *(n for n in POINTS if n.startswith(("collect.f", "collect.s", "inbox"))),
}

PROGRAM = [
    ["hang@send"],
    ["hang-after-encrypt"],
    ["hang-after-send"],
    ["stubborn"],
    ["exit=1@send*5"],
    ["exit=0@send*5", "update-fails@send*2"],
    ["exit=0@send*5", "no-network@send*2"],
    ["flood=30@send"],
    ["garbage@send*3"],
    ["crash-at-start@send"],
    ["crash-after-encrypt"],
    ["half-line"],
    ["crash-before-delete"],
    ["crash-after-send"],
    ["orphan=1@send*2"],
    ["silent@send*3"],
    ["rotate*3"],
]

#: What the random campaign draws from.
MIXED = [
    "no-network@send",
    "update-fails@send",
    "crash-after-encrypt",
    "half-line",
    "crash-before-delete",
    "crash-after-send",
    "orphan=0.5@send",
    "rotate",
    "silent@send",
    "hang-after-encrypt",
    "hang-after-send",
    "exit=3@send",
    "garbage@send",
    "crash-at-start@send",
    "stubborn",
]


@pytest.fixture
def sofie(tmp_path: Path) -> Iterator[Callable[..., SofieSite]]:
    made: list[SofieSite] = []

    def make(*faults: str, **settings: object) -> SofieSite:
        made.append(SofieSite(tmp_path / f"site-{len(made)}", *faults, **settings))
        return made[-1]

    yield make
    for one in made:
        one.kill()
    for process in psutil.process_iter():
        try:
            if str(tmp_path) in " ".join(process.cmdline()):
                process.kill()
        except psutil.Error:
            continue


@pytest.mark.campaign
@pytest.mark.parametrize("faults", PROGRAM, ids=lambda f: f[-1])
def test_whatever_the_program_does_each_file_arrives_once(
    faults: list[str], sofie: Callable[..., SofieSite]
) -> None:
    here = sofie(*faults, timeout_seconds=2)
    for name, payload in FILES.items():
        here.drop(name, payload)
    here.start()
    here.wait(len(FILES), AT_PLATFORM, within=90)
    assert here.stop() == 0
    here.assert_each_arrived_once(FILES)


@pytest.mark.campaign
@pytest.mark.parametrize("point", sorted(POINTS | SOFIE_POINTS))
def test_killed_at_a_named_point_around_a_run_nothing_is_lost_or_sent_twice(
    point: str, sofie: Callable[..., SofieSite]
) -> None:
    faults = []
    if point in IN_DOUBT:
        faults = ["crash-after-send"]
    if point in TAKEN_BACK:
        faults = ["update-fails@send"]
    here = sofie(*faults)
    if point in RECEIVED:
        here.simulate("--once", "--return-delay", "0", "--reject-next", "DECSAL:14")
    for name, payload in FILES.items():
        here.drop(name, payload)
    here.start(VAGUEMESTRE_STOP_AT=point)
    assert here.daemon is not None
    assert here.daemon.wait(60) == -9, f"{point} was never passed: {here.tail()}"
    here.start()
    here.wait(len(FILES), [*AT_PLATFORM, "to_check", "refused"], within=90)
    if point in RECEIVED:
        here.wait_for(lambda: list((here.folder / "in").rglob("*SALRET*")))
    assert here.stop() == 0
    here.assert_each_arrived_once(FILES)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", [100, 209, 217])  # these found a file that was encrypted twice
def test_killed_at_random_moments_nothing_is_lost_or_sent_twice(
    seed: int, sofie: Callable[..., SofieSite]
) -> None:
    chance = random.Random(seed)
    here = sofie(*(chance.choice(MIXED) for _number in range(6)), timeout_seconds=2)
    files: dict[str, bytes] = {}
    for life in range(4):
        numbers = range(life * 2, life * 2 + 2)
        more = {f"paie-{n}.dta": decsal(f"{1948072337000 + n}") for n in numbers}
        files |= more
        here.start()
        for name, payload in more.items():
            here.drop(name, payload)
        # The moment is random on purpose: it is what the campaign varies.
        time.sleep(chance.uniform(0.6, 3.0))
        here.kill()
    here.start()
    here.wait(len(files), AT_PLATFORM, within=120)
    assert here.stop() == 0
    here.assert_each_arrived_once(files)


@pytest.mark.campaign
def test_the_daemon_stops_in_time_while_sofie_hangs(sofie: Callable[..., SofieSite]) -> None:
    here = sofie("hang@send", timeout_seconds=60)
    here.drop("paie.dta", decsal())
    here.start()
    here.wait_for(lambda: here.states()["depositing"] == 1)
    here.wait_for(lambda: (here.home / "vaguemestre" / "run.json").exists())
    before = time.monotonic()
    here.stop()
    assert time.monotonic() - before < 10.5  # the promise of the README


@pytest.mark.campaign
def test_two_daemons_on_one_installation_never_use_it_at_once(
    sofie: Callable[..., SofieSite],
) -> None:
    one, two = sofie(), sofie()
    text = two.config.read_text("utf-8").replace(str(two.home), str(one.home))
    two.config.write_text(text, "utf-8")
    first, second = {"a.dta": decsal()}, {"b.dta": decsal("1962010154321")}
    one.drop("a.dta", first["a.dta"])
    one.start()
    one.wait(1, AT_PLATFORM)
    two.drop("b.dta", second["b.dta"])
    two.start()
    two.wait_for(lambda: "Vaguemestre" in _message(two))
    assert two.states() == {"ready": 1}
    one.kill()
    two.command("send")
    two.wait(1, AT_PLATFORM)
    assert two.stop() == 0
    one.assert_each_arrived_once(first | second)


def _message(site: SofieSite) -> str:
    return "".join(text for (text,) in site.query("SELECT message FROM deposit"))
