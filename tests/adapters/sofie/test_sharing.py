"""One installation has one user at a time: among profiles, processes, machines and people."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import trio
from adapters.sofie.conftest import Connect, Installed
from adapters.sofie.files import decaff, decsal, order

from vaguemestre.api import ConfigurationError, Found, NoEffect, Receipt
from vaguemestre.deployment import Deployment
from vaguemestre.plugins import Registry
from vaguemestre_sofie import processes
from vaguemestre_sofie.lease import Lease, Note
from vaguemestre_sofie.records import Records

HOLDER = """
import sys, time
from pathlib import Path
from vaguemestre_sofie.lease import Lease
Lease(Path(sys.argv[1]), 3600).hold()
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def process(*words: str, cwd: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, cwd=cwd) as started:
        assert started.stdout is not None
        started.stdout.readline()
        try:
            yield started
        finally:
            started.kill()


async def test_another_process_keeps_us_out_until_it_dies(
    installed: Installed, connect: Connect
) -> None:
    state = installed.root / "vaguemestre"
    state.mkdir()
    async with connect() as adapter:
        with process("-c", HOLDER, str(state)) as holder:
            with pytest.raises(NoEffect, match=str(holder.pid)) as caught:
                await adapter.deposit(order(decsal()))
            assert caught.value.resting
        assert isinstance(await adapter.deposit(order(decsal())), Receipt)
    assert not (state / "lease.json").exists()


async def test_another_machine_keeps_us_out_until_its_note_runs_out(
    installed: Installed, connect: Connect
) -> None:
    state = installed.root / "vaguemestre"
    state.mkdir()
    note = Note("elsewhere", 7, time.time(), time.time() + 600)
    (state / "lease.json").write_bytes(msgspec.json.encode(note))
    async with connect() as adapter:
        with pytest.raises(NoEffect, match="elsewhere"):
            await adapter.deposit(order(decsal()))
        over = msgspec.structs.replace(note, until=time.time() - 1)
        (state / "lease.json").write_bytes(msgspec.json.encode(over))
        assert isinstance(await adapter.deposit(order(decsal())), Receipt)


async def test_a_test_of_the_profile_needs_no_lease(installed: Installed, connect: Connect) -> None:
    state = installed.root / "vaguemestre"
    state.mkdir()
    with process("-c", HOLDER, str(state)):
        async with connect() as adapter:
            report = await adapter.check()
    assert report.ok, report.examined


async def test_two_profiles_of_one_installation_must_describe_it_alike(connect: Connect) -> None:
    async with connect() as one, connect() as same:
        one.hurry()
        same.hurry()
        async with connect(timeout_seconds=7.0) as other:
            with pytest.raises(ConfigurationError):
                other.hurry()


def test_two_profiles_of_one_installation_are_one_account(tmp_path: Path) -> None:
    profile = """
[[profile]]
name = "{name}"
platform = "sofie"
scope = {scope}
[profile.settings]
home = "{home}"
user_id = "123456789"
outgoing = "a"
incoming = "b"
encrypted = "c"
"""
    text = '[store]\npath = "s.db"\n'
    text += profile.format(name="one", scope="{}", home="sofie")
    text += profile.format(name="two", scope='{ company = "1948072337999" }', home="sofie")
    text += profile.format(name="three", scope='{ company = "1962010154321" }', home="other")
    (tmp_path / "v.toml").write_text(text, "utf-8")
    with Deployment.open(tmp_path / "v.toml", Registry().load()) as deployment:
        accounts = {p.name: deployment.account_of(p) for p in deployment.config.profile}
    assert accounts["one"] == accounts["two"] != accounts["three"]


GUI = "import sys, time; print('open', flush=True); time.sleep(60)"


async def test_sofie_used_by_hand_is_noticed_and_waited_for(
    installed: Installed, connect: Connect
) -> None:
    async with connect() as adapter:
        with process("-c", GUI, "lu.cetrel.sofie.client.SofieMain", cwd=installed.root):
            with pytest.raises(NoEffect) as caught:
                await adapter.deposit(order(decsal()))
            assert caught.value.resting
            with pytest.raises(NoEffect):
                await adapter.collect("")
            shown = {e.subject: e.message for e in await adapter.examine()}
            assert "à la main" in shown["utilisation"]
        assert isinstance(await adapter.deposit(order(decsal())), Receipt)


async def test_another_installation_used_by_hand_does_not_count(
    installed: Installed, connect: Connect, tmp_path: Path
) -> None:
    async with connect() as adapter:
        with process("-c", GUI, "lu.cetrel.sofie.client.SofieMain", cwd=tmp_path):
            assert isinstance(await adapter.deposit(order(decsal())), Receipt)


async def test_a_run_that_an_earlier_life_left_behind_is_waited_for(
    installed: Installed, connect: Connect
) -> None:
    """The daemon stops in the middle of a run; the next one finds it, and gives nothing twice."""
    installed.fault("slow=2")
    wanted = order(decsal())
    async with connect() as adapter, trio.open_nursery() as nursery:
        nursery.start_soon(adapter.deposit, wanted)
        await installed.until(lambda: installed.names("encrypted"))
        nursery.cancel_scope.cancel()
    assert installed.arrived() == []
    async with connect() as adapter:
        # While it still runs, the next file waits for its turn.
        receipt = await adapter.deposit(order(decaff(), "DECAFF", 2))
        found = await adapter.look_up(wanted, datetime.now(UTC))
    assert isinstance(receipt, Receipt)
    assert isinstance(found, Found)
    assert sorted(r["type"] for r in installed.centre.deposits()) == ["DECAFF", "DECSAL"]
    assert not installed.two_at_once()


async def test_a_run_that_was_left_behind_and_hangs_is_ended(
    installed: Installed, connect: Connect
) -> None:
    installed.fault("stubborn")
    wanted = order(decsal())
    async with connect(timeout_seconds=2.0) as adapter, trio.open_nursery() as nursery:
        nursery.start_soon(adapter.deposit, wanted)
        await installed.until(lambda: installed.names("encrypted"))
        nursery.cancel_scope.cancel()
    run = Records(installed.root / "vaguemestre").run()
    assert run is not None
    assert processes.alive(run)
    async with connect(timeout_seconds=2.0) as adapter:
        assert isinstance(await adapter.look_up(wanted, datetime.now(UTC)), Found)
    assert not processes.alive(run)
    assert not installed.two_at_once()


def test_a_process_number_that_was_given_away_again_is_not_ours(installed: Installed) -> None:
    run = processes.Started(
        mark="0" * 32,
        pid=os.getppid(),
        started=processes.start_time(os.getppid()) - 60,
        kind="send",
        at=time.time(),
        host=socket.gethostname(),
    )
    assert processes.alive(run) == []


async def test_a_run_on_another_machine_is_waited_for(
    installed: Installed, connect: Connect
) -> None:
    records = Records(installed.root / "vaguemestre")
    records.begin()
    run = processes.Started("0" * 32, 1, 0.0, "send", time.time(), "elsewhere")
    records.run_started(run)
    async with connect() as adapter:
        with pytest.raises(NoEffect, match="elsewhere"):
            await adapter.deposit(order(decsal()))
        records.run_started(msgspec.structs.replace(run, at=time.time() - 3600))
        assert isinstance(await adapter.deposit(order(decsal())), Receipt)


async def test_records_that_cannot_be_read_stop_everything_and_say_so(
    installed: Installed, connect: Connect
) -> None:
    records = Records(installed.root / "vaguemestre")
    records.begin()
    (records.folder / "run.json").write_text("{half")
    async with connect() as adapter:
        with pytest.raises(NoEffect, match="vaguemestre"):
            await adapter.deposit(order(decsal()))
    assert installed.arrived() == []


def test_a_lease_can_be_given_back_and_taken_again(tmp_path: Path) -> None:
    first, second = Lease(tmp_path, 60), Lease(tmp_path, 60)
    first.hold()
    first.hold()
    with pytest.raises(NoEffect):
        second.hold()
    first.release()
    first.release()
    second.hold()
    second.release()
