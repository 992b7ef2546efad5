"""What becomes of a file that is given to SOFiE, whatever SOFiE does: judged by the ledger of what
really arrived, and by what the core is told."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trio
from adapters.sofie.conftest import Connect, Installed
from adapters.sofie.files import decaff, decsal, order

from vaguemestre.api import (
    Absent,
    CredentialRefused,
    Found,
    NoEffect,
    OutcomeUnknown,
    Receipt,
    Refusal,
    Unknown,
)
from vaguemestre.testing.points import armed


async def test_a_file_arrives_under_the_name_of_its_type_and_has_its_encrypted_name(
    installed: Installed, connect: Connect
) -> None:
    wanted = order(decsal())
    async with connect() as adapter:
        receipt = await adapter.deposit(wanted)
    assert isinstance(receipt, Receipt)
    (record,) = installed.centre.deposits()
    assert record["sha256"] == wanted.sha256
    assert receipt.reference == record["transport"]
    assert installed.names("send") == []


async def test_two_files_of_a_type_go_in_turn(installed: Installed, connect: Connect) -> None:
    first, second = order(decsal(), deposit=1), order(decsal("1962010154321"), deposit=2)
    receipts = {}
    async with connect() as one, connect() as two, trio.open_nursery() as nursery:

        async def deposit(adapter: object, wanted: object) -> None:
            receipts[wanted.deposit] = await adapter.deposit(wanted)  # type: ignore[attr-defined]

        nursery.start_soon(deposit, one, first)
        nursery.start_soon(deposit, two, second)
    assert sorted(installed.arrived()) == sorted([first.sha256, second.sha256])
    assert receipts[1].reference != receipts[2].reference
    by_transport = {r["transport"]: r["sha256"] for r in installed.centre.deposits()}
    assert by_transport[receipts[2].reference] == second.sha256
    assert not installed.two_at_once()


NO_EFFECT = ["update-fails", "crash-at-start", "certificate-expired"]


@pytest.mark.parametrize("fault", NO_EFFECT)
async def test_what_sofie_did_not_touch_is_taken_back_and_sent_again_later(
    fault: str, installed: Installed, connect: Connect
) -> None:
    installed.fault(fault)
    async with connect() as adapter:
        with pytest.raises(NoEffect):
            await adapter.deposit(order(decsal()))
        assert installed.names("send") == []
        assert isinstance(await adapter.look_up(order(decsal()), datetime.now(UTC)), Absent)
        assert isinstance(await adapter.deposit(order(decsal(), attempt=2)), Receipt)
    assert len(installed.arrived()) == 1


PENDING = [
    "no-network",
    "right-withdrawn",
    "crash-after-encrypt",
    "half-line",
    "crash-before-delete",
    "crash-after-send",
]


@pytest.mark.parametrize("fault", PENDING)
async def test_what_is_encrypted_waits_and_is_never_given_to_sofie_again(
    fault: str, installed: Installed, connect: Connect
) -> None:
    installed.fault(fault)
    wanted = order(decsal())
    async with connect() as adapter:
        with pytest.raises(OutcomeUnknown):
            await adapter.deposit(wanted)
        assert installed.names("send") == []
        found = await adapter.look_up(wanted, datetime.now(UTC))
    assert isinstance(found, Found)
    assert found.reference == installed.centre.deposits()[0]["transport"]
    assert installed.arrived() == [wanted.sha256]


async def test_while_the_line_stays_cut_it_keeps_waiting(
    installed: Installed, connect: Connect
) -> None:
    installed.fault("no-network*3")
    wanted = order(decsal())
    async with connect() as adapter:
        with pytest.raises(OutcomeUnknown):
            await adapter.deposit(wanted)
        for _try in range(2):
            answer = await adapter.look_up(wanted, datetime.now(UTC))
            assert isinstance(answer, Unknown)
            assert not answer.ambiguous
        assert isinstance(await adapter.look_up(wanted, datetime.now(UTC)), Found)
    assert len(installed.arrived()) == 1


async def test_a_file_that_waits_does_not_hold_up_the_next_of_its_type(
    installed: Installed, connect: Connect
) -> None:
    installed.fault("no-network")
    waits, follows = order(decsal(), deposit=1), order(decsal(hours=10), deposit=2)
    async with connect() as adapter:
        with pytest.raises(OutcomeUnknown):
            await adapter.deposit(waits)
        receipt = await adapter.deposit(follows)
        found = await adapter.look_up(waits, datetime.now(UTC))
    assert isinstance(receipt, Receipt)
    assert isinstance(found, Found)
    arrived = {r["transport"]: r["sha256"] for r in installed.centre.deposits()}
    assert arrived == {receipt.reference: follows.sha256, found.reference: waits.sha256}


@pytest.mark.parametrize("fault", ["exit=1", "exit=0", "exit=77", "flood=3", "garbage", "rotate"])
async def test_exit_codes_floods_garbage_and_rotations_change_nothing(
    fault: str, installed: Installed, connect: Connect
) -> None:
    installed.fault(fault)
    async with connect() as adapter:
        assert isinstance(await adapter.deposit(order(decsal())), Receipt)
    assert len(installed.arrived()) == 1


@pytest.mark.parametrize("faults", [("exit=0", "update-fails"), ("exit=0", "certificate-expired")])
async def test_an_exit_code_of_0_proves_nothing(
    faults: tuple[str, ...], installed: Installed, connect: Connect
) -> None:
    installed.fault(*faults)
    async with connect() as adapter:
        with pytest.raises(NoEffect):
            await adapter.deposit(order(decsal()))
    assert installed.arrived() == []


@pytest.mark.parametrize(
    ("fault", "arrived"),
    [("hang", 0), ("hang-after-encrypt", 0), ("stubborn", 0), ("hang-after-send", 1)],
)
async def test_a_program_that_hangs_is_ended_with_all_it_started_and_judged_by_its_traces(
    fault: str, arrived: int, installed: Installed, connect: Connect
) -> None:
    installed.fault(fault)
    wanted = order(decsal())
    async with connect(timeout_seconds=1.0) as adapter:
        if arrived:
            assert isinstance(await adapter.deposit(wanted), Receipt)
        else:
            with pytest.raises((NoEffect, OutcomeUnknown)):
                await adapter.deposit(wanted)
        assert len(installed.arrived()) == arrived
        answer = await adapter.look_up(wanted, datetime.now(UTC))
        if isinstance(answer, Absent):
            await adapter.deposit(order(decsal(), attempt=2))
    assert len(installed.arrived()) == 1


async def test_a_program_that_goes_on_in_another_session_is_waited_for(
    installed: Installed, connect: Connect
) -> None:
    installed.fault("orphan=0.5")
    async with connect() as adapter:
        assert isinstance(await adapter.deposit(order(decsal())), Receipt)
    assert len(installed.arrived()) == 1


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le", "latin-1"])
async def test_the_log_may_be_of_any_encoding(
    encoding: str, tmp_path: Path, connect: Connect, installed: Installed
) -> None:
    shutil.rmtree(installed.root)
    again = Installed(installed.root, log_encoding=encoding)
    async with connect(sent="") as adapter:  # so that the log alone decides
        assert isinstance(await adapter.deposit(order(decsal())), Receipt)
        assert isinstance(await adapter.deposit(order(decaff(), "DECAFF", 2)), Receipt)
    assert len(again.arrived()) == 2


async def test_without_a_word_in_the_log_the_folders_decide(
    installed: Installed, connect: Connect
) -> None:
    installed.fault("silent")
    async with connect() as adapter:
        receipt = await adapter.deposit(order(decsal()))
    assert isinstance(receipt, Receipt)
    assert receipt.reference == installed.centre.deposits()[0]["transport"]


async def test_without_a_word_and_a_folder_a_person_decides(
    installed: Installed, connect: Connect
) -> None:
    installed.fault("silent")
    wanted = order(decsal())
    async with connect(sent="") as adapter:
        with pytest.raises(OutcomeUnknown):
            await adapter.deposit(wanted)
        answer = await adapter.look_up(wanted, datetime.now(UTC))
        assert isinstance(answer, Unknown)
        assert answer.ambiguous
        # The person made sure that it is nowhere: the next attempt gives it to SOFiE again.
        assert isinstance(await adapter.deposit(order(decsal(), attempt=2)), Receipt)


async def test_a_file_that_sofie_finds_wrong_is_refused(
    installed: Installed, connect: Connect
) -> None:
    async with connect() as adapter:
        answer = await adapter.deposit(order(b"no header\r\n"))
    assert isinstance(answer, Refusal)
    assert "header" in answer.message
    assert installed.names("send") == []


async def test_an_expired_password_stops_the_account_at_once_and_says_what_to_tick(
    installed: Installed, connect: Connect
) -> None:
    old = datetime.now(UTC).timestamp() - 91 * 86_400
    os.utime(installed.home.passwords, (old, old))
    async with connect() as adapter:
        with pytest.raises(CredentialRefused, match="Save encrypted password"):
            await adapter.deposit(order(decsal()))
    assert installed.names("send") == []


async def test_a_file_that_somebody_laid_there_is_neither_overwritten_nor_taken_for_ours(
    installed: Installed, connect: Connect
) -> None:
    theirs = installed.home.data("send") / "DECSAL.dta"
    theirs.write_bytes(decsal(hours=1))
    async with connect() as adapter:
        with pytest.raises(NoEffect) as caught:
            await adapter.deposit(order(decsal()))
    assert caught.value.resting
    assert theirs.read_bytes() == decsal(hours=1)
    assert installed.arrived() == []


async def test_a_file_that_was_never_given_is_absent(
    installed: Installed, connect: Connect
) -> None:
    async with connect() as adapter:
        await adapter.collect(None)  # the records begin
        answer = await adapter.look_up(order(decsal()), datetime.now(UTC))
    assert isinstance(answer, Absent)


async def test_records_that_were_lost_prove_nothing(installed: Installed, connect: Connect) -> None:
    wanted = order(decsal())
    async with connect() as adapter:
        await adapter.deposit(wanted)
    shutil.rmtree(installed.root / "vaguemestre")
    async with connect() as adapter:
        answer = await adapter.look_up(wanted, datetime.now(UTC))
    assert isinstance(answer, Unknown)


async def test_a_program_that_is_not_there_is_said(connect: Connect, installed: Installed) -> None:
    async with connect(send_command=["/no/such/program"]) as adapter:
        with pytest.raises(NoEffect, match="/no/such/program"):
            await adapter.deposit(order(decsal()))
    assert installed.names("send") == []


@pytest.mark.parametrize("fault", ["crash-after-encrypt", "half-line", "crash-before-delete"])
@pytest.mark.parametrize("what", ["look up", "receive", "update"])
async def test_no_run_for_anything_else_encrypts_again_what_a_crash_left_clear(
    fault: str, what: str, installed: Installed, connect: Connect
) -> None:
    """Two are in doubt: one waits encrypted, the other one was left clear beside its encrypted file
    when program and daemon died. Whatever is done first must not send the second twice."""
    installed.fault("no-network@send")
    everything = [*installed.profile().settings.update_command]
    waits, left = order(decsal(), deposit=1), order(decsal(hours=9), deposit=2)
    async with connect(receive_command=everything) as adapter:
        with pytest.raises(OutcomeUnknown):
            await adapter.deposit(waits)
        installed.fault(fault)
        with armed("sofie.ended", lambda: _die()), pytest.raises(Died):
            await adapter.deposit(left)
    assert installed.names("send") == ["DECSAL.dta"]
    async with connect(receive_command=everything) as adapter:
        if what == "look up":
            assert isinstance(await adapter.look_up(waits, datetime.now(UTC)), Found)
        elif what == "receive":
            await adapter.collect("")
        else:
            await adapter.update()
        for one in (waits, left):
            assert isinstance(await adapter.look_up(one, datetime.now(UTC)), Found)
    assert sorted(installed.arrived()) == sorted([waits.sha256, left.sha256])


class Died(BaseException):
    """The daemon was killed."""


def _die() -> None:
    raise Died
