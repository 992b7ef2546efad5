"""Secrets are opened by the right key only, whole or not at all, and a rotation loses none."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre.config import VaultConfig
from vaguemestre.errors import ConfigurationError
from vaguemestre.vault import Vault
from vaguemestre.vault_keys import CREDENTIAL, VARIABLE, begin_rotation, finish_rotation, read_keys

FIELDS = {"siret": "99999999800019", "motdepasse": "pâté & croûte"}
KEY, OTHER = bytes(range(32)), bytes(range(1, 33))


@pytest.fixture(autouse=True)
def _no_key_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def test_what_was_sealed_is_opened_and_nothing_of_it_can_be_read() -> None:
    vault = Vault(KEY)
    sealed = vault.seal("acme", FIELDS)
    assert vault.open("acme", sealed).fields == FIELDS
    assert "croûte".encode() not in sealed
    assert vault.seal("acme", FIELDS) != sealed
    assert "0001" not in repr(vault)


def test_another_key_is_told_as_such() -> None:
    sealed = Vault(KEY).seal("acme", FIELDS)
    with pytest.raises(ConfigurationError, match=r"acme.*secrets set acme"):
        Vault(OTHER).open("acme", sealed)
    assert Vault(OTHER, KEY).open("acme", sealed).fields == FIELDS


def test_an_entry_cannot_take_the_place_of_another() -> None:
    vault = Vault(KEY)
    with pytest.raises(ConfigurationError):
        vault.open("other", vault.seal("acme", FIELDS))


@given(st.data())
def test_a_changed_entry_is_never_opened(data: st.DataObject) -> None:
    vault = Vault(KEY)
    sealed = bytearray(vault.seal("acme", FIELDS))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ConfigurationError):
        vault.open("acme", bytes(sealed))
    with pytest.raises(ConfigurationError):
        vault.open("acme", bytes(vault.seal("acme", FIELDS)[:at]))


def test_a_rewrapped_entry_needs_the_new_key() -> None:
    old, new = Vault(KEY), Vault(OTHER)
    sealed = old.seal("acme", FIELDS)
    moved = old.rewrap("acme", sealed, new)
    assert new.open("acme", moved).fields == FIELDS
    assert new.sealed_by_first_key(moved)
    assert not new.sealed_by_first_key(sealed)
    with pytest.raises(ConfigurationError):
        old.open("acme", moved)


# -- keys


def vault_of(file: Path) -> Vault:
    return Vault.from_config(VaultConfig(key_file=file))


def test_a_missing_key_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    sealed = vault_of(file).seal("acme", FIELDS)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [f.name for f in tmp_path.iterdir()] == ["vault.key"]
    assert vault_of(file).open("acme", sealed).fields == FIELDS


def test_many_that_find_no_key_agree_on_one(tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: read_keys(file)[0], range(16)))
    assert len(set(found)) == 1
    assert [f.name for f in tmp_path.iterdir()] == ["vault.key"]


def test_a_file_system_without_hard_links_gets_its_key_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(_new: Path, _old: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    file = tmp_path / "vault.key"
    assert read_keys(file) == read_keys(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [f.name for f in tmp_path.iterdir()] == ["vault.key"]


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    read_keys(file)
    for mode in (0o640, 0o604, 0o660):
        file.chmod(mode)
        with pytest.raises(ConfigurationError, match="chmod 600"):
            read_keys(file)
    file.chmod(0o400)
    assert read_keys(file)


@pytest.mark.parametrize(
    "content", [b"", b"short", base64.b64encode(bytes(31)), bytes(33), b"\xff"]
)
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "vault.key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ConfigurationError, match=r"vault\.key"):
        read_keys(file)


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="none"):
        read_keys(tmp_path / "none" / "vault.key")
    (tmp_path / "vault.key").mkdir()
    with pytest.raises(ConfigurationError, match=r"vault\.key"):
        read_keys(tmp_path / "vault.key")


def test_systemd_comes_before_the_environment_and_both_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "vault.key"
    monkeypatch.setenv(VARIABLE, base64.b64encode(KEY).decode())
    assert read_keys(file) == [KEY]
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_keys(file) == [KEY]  # other credentials, not this one
    (tmp_path / CREDENTIAL).write_bytes(OTHER)
    assert read_keys(file) == [OTHER]
    assert not file.exists()
    with pytest.raises(ConfigurationError, match=VARIABLE):
        begin_rotation(file)


def test_a_rotation_can_be_interrupted_at_any_moment(tmp_path: Path) -> None:
    file = tmp_path / "vault.key"
    before = vault_of(file)
    first, second = before.seal("first", FIELDS), before.seal("second", FIELDS)
    new = Vault(begin_rotation(file))
    first = before.rewrap("first", first, new)

    resumed = vault_of(file)  # as after a crash: one entry is moved, the other is not
    assert resumed.open("first", first).fields == resumed.open("second", second).fields == FIELDS
    again = Vault(begin_rotation(file))
    assert again.sealed_by_first_key(first)
    second = resumed.rewrap("second", second, again)
    finish_rotation(file)

    after = vault_of(file)
    assert after.open("first", first).fields == after.open("second", second).fields == FIELDS
    assert read_keys(file) == [read_keys(file)[0]]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(ConfigurationError):
        before.open("first", first)


def test_commands_that_need_no_secret_do_not_load_the_cryptography() -> None:
    code = "import sys, vaguemestre.vault; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ.copy()).returncode == 0
