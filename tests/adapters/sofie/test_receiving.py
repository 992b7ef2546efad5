"""What SOFiE brings is moved away at once, announced, and lost by nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from adapters.sofie.conftest import Connect, Installed
from adapters.sofie.files import EMPLOYER, decsal, order

from vaguemestre.api import Adapter, Announcement, CredentialRefused, NoEffect, Window

NAME = f"SALRET.{EMPLOYER}_000586_26112414284681.dta"


async def texts(adapter: Adapter, window: Window) -> list[bytes]:
    documents = [await adapter.fetch(a) for a in window.announcements]
    return [document.content for document in documents if document is not None]


async def test_a_return_is_announced_with_its_type_and_time_and_can_be_fetched(
    installed: Installed, connect: Connect
) -> None:
    installed.centre.put(NAME, b"0;1948072337999;000586\r\n")
    async with connect() as adapter:
        window = await adapter.collect(None)
        assert await texts(adapter, window) == [b"0;1948072337999;000586\r\n"]
    (announcement,) = window.announcements
    assert announcement.nature == "SALRET"
    assert announcement.published_at == datetime(2026, 11, 24, 13, 28, 46, tzinfo=UTC)
    assert installed.names("decrypted") == []
    assert not window.more


@pytest.mark.parametrize(
    ("name", "nature"),
    [
        ("DEMUTI.1948072337999_000586_26112414284681.DTA", "DEMUTI"),
        ("SECU.DEMDET.INFO.20261124.pdf", "DEMDET.INFO"),
        ("CALCUL.xml", "CALCUL"),
        ("affret.1948072337999_000586_26112414284681.dta", "AFFRET"),
    ],
)
async def test_every_kind_of_file_is_brought(
    name: str, nature: str, installed: Installed, connect: Connect
) -> None:
    installed.centre.put(name, b"content")
    async with connect() as adapter:
        (announcement,) = (await adapter.collect(None)).announcements
        document = await adapter.fetch(announcement)
    assert announcement.nature == nature
    assert document is not None
    assert document.name == name


async def test_what_a_run_for_sending_received_is_not_lost(
    installed: Installed, connect: Connect
) -> None:
    installed.centre.put(NAME, b"x")
    both = [*installed.profile().settings.update_command]
    async with connect(send_command=both) as adapter:
        await adapter.deposit(order(decsal()))
        assert installed.names("decrypted") == []
        assert len((await adapter.collect(None)).announcements) == 1


async def test_what_came_although_the_run_failed_is_announced_before_the_failure_is_told(
    installed: Installed, connect: Connect
) -> None:
    (installed.home.data("decrypted") / NAME).write_bytes(b"by hand")
    installed.fault("no-network")
    async with connect() as adapter:
        window = await adapter.collect("")
        assert window.more
        assert await texts(adapter, window) == [b"by hand"]
        with pytest.raises(NoEffect, match="network is unreachable"):
            await adapter.collect(window.cursor)
        again = await adapter.collect(window.cursor)
    assert again.cursor == window.cursor


async def test_a_message_whose_file_is_there_already_is_one_that_we_have(
    installed: Installed, connect: Connect
) -> None:
    installed.centre.put(NAME, b"x")
    installed.fault("decrypted-exists")
    async with connect() as adapter:
        window = await adapter.collect(None)
        assert await texts(adapter, window) == [b"x"]
    assert window.notices == ()


async def test_a_file_that_sofie_says_is_there_and_that_never_came_is_told(
    installed: Installed, connect: Connect
) -> None:
    async with connect(patterns={"already_decrypted": "wget"}) as adapter:
        assert (await adapter.collect(None)).notices == ()
    with installed.home.audit.open("a") as stream:
        stream.write("")
    installed.centre.put(NAME, b"x")
    async with connect(patterns={"already_decrypted": r"RCV"}) as adapter:
        (notice,) = (await adapter.collect(None)).notices
    assert "déchiffrer" in notice.title


async def test_half_a_decrypted_file_is_not_taken_for_a_return(
    installed: Installed, connect: Connect
) -> None:
    whole = b"0;1948072337999;000586\r\n1;14;the record\r\n"
    installed.centre.put(NAME, whole)
    installed.fault("crash-in-decrypt")
    async with connect() as adapter:
        with pytest.raises(NoEffect):
            await adapter.collect("")
        assert installed.names("decrypted") == [NAME]


async def test_two_messages_with_the_same_name_are_both_brought(
    installed: Installed, connect: Connect
) -> None:
    async with connect() as adapter:
        installed.centre.put(NAME, b"one")
        first = await adapter.collect(None)
        installed.centre.put(NAME, b"two")
        second = await adapter.collect(first.cursor)
        assert await texts(adapter, second) == [b"one", b"two"]
    versions = {a.version for a in second.announcements}
    assert len(versions) == 2


async def test_an_expired_password_suspends(installed: Installed, connect: Connect) -> None:
    installed.fault("password-expired")
    async with connect() as adapter:
        with pytest.raises(CredentialRefused):
            await adapter.collect(None)


async def test_a_return_that_is_gone_is_none_and_no_way_out_of_its_folder(
    connect: Connect, installed: Installed
) -> None:
    async with connect() as adapter:
        await adapter.collect(None)
        for locator in ("00000000000000000001-x.dta", "../../run_batch_123456789.py"):
            gone = Announcement(reference="x", nature="SALRET", locator=locator)
            assert await adapter.fetch(gone) is None


async def test_in_silent_hours_nothing_runs_unless_a_person_asks(
    installed: Installed, connect: Connect
) -> None:
    installed.centre.put(NAME, b"x")
    async with connect(silent_hours=["00:00-12:00", "12:00-24:00"]) as adapter:
        with pytest.raises(NoEffect) as caught:
            await adapter.collect("")
        assert caught.value.resting
        assert caught.value.retry_after is not None
        with pytest.raises(NoEffect):
            await adapter.deposit(order(decsal()))
        adapter.hurry()
        assert len((await adapter.collect("")).announcements) == 1
        await adapter.deposit(order(decsal()))
    assert len(installed.arrived()) == 1


async def test_an_update_says_what_came_of_it(installed: Installed, connect: Connect) -> None:
    async with connect() as adapter:
        assert "à jour" in str(await adapter.update())
        installed.fault("update-fails")
        assert "unable to resolve" in str(await adapter.update())


async def test_silence_is_no_consent_while_sofie_does_not_receive(
    installed: Installed, connect: Connect
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=10)
    declaration = order(decsal()).declaration
    async with connect() as adapter:
        assert adapter.presumed_at(declaration, long_ago) is None
        installed.fault("no-network")
        with pytest.raises(NoEffect):
            await adapter.collect("")
        assert adapter.presumed_at(declaration, long_ago) is None
        await adapter.collect("")
        due = adapter.presumed_at(declaration, long_ago)
        assert due is not None
        assert long_ago + timedelta(hours=24) <= due <= datetime.now(UTC)
        # An answer that comes in any case is waited for.
        assert adapter.presumed_at(order(b"", "DEMMAT").declaration, long_ago) is None


def test_old_arrivals_are_kept_until_they_were_announced(installed: Installed) -> None:
    from vaguemestre_sofie.records import Records

    records = Records(installed.root / "vaguemestre")
    records.begin()
    old = Path(records.received / f"{1:020d}-old.dta")
    old.write_bytes(b"x")
    records.tidy("")
    assert old.exists()
    records.tidy(old.name)
    assert not old.exists()
