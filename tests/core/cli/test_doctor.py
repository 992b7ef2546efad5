"""The doctor finds what is wrong with a deployment, says what to do, and changes nothing."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.office import Office

from vaguemestre.doctor import examine
from vaguemestre.model import Status
from vaguemestre.plugins import PluginInfo, Registry
from vaguemestre.store.owner import Owner


def found(office: Office, status: Status) -> dict[str, str]:
    return {
        e.subject: e.message for e in examine(office.config, office.registry) if e.status == status
    }


def test_a_sound_deployment_has_no_error_and_0(office: Office) -> None:
    office.set_secret()
    entries = office.json("doctor")
    assert all(set(e) == {"subject", "status", "message", "advice"} for e in entries)
    assert {e["status"] for e in entries} == {"ok", "warning"}
    assert all(e["advice"] for e in entries if e["status"] != "ok")
    # Nothing runs on it: worth knowing, no error.
    assert [e["subject"] for e in entries if e["status"] == "warning"] == ["service"]


def test_it_looks_only(office: Office) -> None:
    before = sorted(p.name for p in office.folder.rglob("*"))
    office.run("doctor")
    assert sorted(p.name for p in office.folder.rglob("*")) == before


def test_who_runs_the_service_is_told(office: Office) -> None:
    office.set_secret()
    owner = Owner.take(office.folder / "store.db")
    try:
        assert found(office, Status.WARNING) == {}
    finally:
        owner.release()


def test_every_mistake_of_the_configuration_is_an_error(office: Office) -> None:
    office.config.write_text("[store]\npath = 3\n[nonsense]\n", "utf-8")
    entries = office.json("doctor", code=1)
    errors = [e for e in entries if e["status"] == "error"]
    assert len(errors) == 2
    assert "site.toml:2" in errors[0]["message"]


def test_a_secret_that_is_missing_is_an_error_of_each_profile(office: Office) -> None:
    office.deposit()
    errors = found(office, Status.ERROR)
    assert set(errors) == {"profil acme", "profil works"}
    assert "secrets set acme" in errors["profil acme"]


def test_a_lost_key_is_an_error_and_no_new_one_is_made(office: Office) -> None:
    office.set_secret()
    key = office.folder / "vault.key"
    key.unlink()
    assert any(str(key) in message for message in found(office, Status.ERROR).values())
    assert not key.exists()


def test_a_key_that_others_can_read_is_an_error(office: Office) -> None:
    office.set_secret()
    (office.folder / "vault.key").chmod(0o640)
    assert any("chmod 600" in message for message in found(office, Status.ERROR).values())


def test_another_key_is_an_error_of_the_profiles(office: Office) -> None:
    office.set_secret()
    key = office.folder / "vault.key"
    key.write_bytes(b"x" * 32)
    assert "profil acme" in found(office, Status.ERROR)


def test_a_suspended_credential_is_an_error_with_the_way_out(office: Office) -> None:
    office.set_secret()
    with office.store() as store:
        store.write_now(
            lambda s: s.sql.suspension_set(
                s.connection,
                account="mail:acme",
                reason="401",
                secret_updated_at=s.sql.secret_get(s.connection, name="acme")["updated_at"],
                now=s.now,
            )
        )
    entries = office.json("doctor", code=1)
    advice = [e["advice"] for e in entries if e["status"] == "error"]
    assert any("profiles test acme" in text for text in advice)


def test_a_file_where_a_folder_belongs_is_an_error(office: Office) -> None:
    (office.folder / "in").write_bytes(b"")
    assert any("/in" in message for message in found(office, Status.ERROR).values())


def test_a_folder_that_cannot_be_written_is_an_error(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = office.folder / "out"
    # Root may write everywhere, so the system's answer is stood in for.
    monkeypatch.setattr("os.access", lambda path, _mode: Path(path) != closed)
    assert "boîte de départ paie" in found(office, Status.ERROR)


def test_a_full_disk_is_an_error(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 1_000_000

    monkeypatch.setattr("shutil.disk_usage", lambda _folder: Usage)
    assert any("1 Mo" in message for message in found(office, Status.ERROR).values())


def test_a_store_that_is_none_is_an_error(office: Office) -> None:
    (office.folder / "store.db").write_bytes(b"not a database, whatever it says" * 40)
    assert any("store.db" in message for message in found(office, Status.ERROR).values())


def test_a_damaged_store_is_an_error(office: Office) -> None:
    for number in range(50):
        office.deposit(name=str(number))
    path = office.folder / "store.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event'")
        number = page.fetchone()[0]
    connection.close()
    content = bytearray(path.read_bytes())
    content[(number - 1) * 4096 + 8 : number * 4096] = b"\xaa" * 4088
    path.write_bytes(content)
    assert any("store.db" in message for message in found(office, Status.ERROR).values())


def test_a_clock_behind_the_journal_is_an_error(office: Office) -> None:
    office.set_secret()
    office.deposit()
    entries = examine(office.config, office.registry, lambda: datetime(2020, 1, 1, tzinfo=UTC))
    assert [e.subject for e in entries if e.status is Status.ERROR] == ["horloge"]


def test_plugins_that_are_missing_or_left_out_are_errors(office: Office) -> None:
    lost = PluginInfo("lost", "lost-controls", "1")
    lost.error = "ImportError: gone"
    office.registry.plugins.append(lost)
    assert any("gone" in message for message in found(office, Status.ERROR).values())
    bare = examine(office.config, Registry())
    assert any(e.status is Status.ERROR and "plug" not in e.message for e in bare)


def test_what_the_adapter_examines_is_shown_for_each_profile(office: Office) -> None:
    office.set_secret()
    assert "vide" in found(office, Status.OK)["profil acme: boîte"]
    office.set_secret(motdepasse="crash")
    assert set(found(office, Status.WARNING)) >= {"profil acme", "profil works"}
    office.json("doctor")


def test_a_profile_test_shows_what_was_examined(office: Office) -> None:
    office.set_secret()
    (one,) = office.json("profiles", "test", "acme")["examined"]
    assert one == {"subject": "boîte", "status": "ok", "message": "vide", "advice": ""}
    assert "vide" in office.run("profiles", "test", "acme").stdout
