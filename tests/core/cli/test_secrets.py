"""Secrets go in, are never shown, and survive the rotation of the key."""

from __future__ import annotations

import json
import stat

import pytest
from support.office import SECRET, Office, words

from vaguemestre.config import VaultConfig
from vaguemestre.vault import Vault
from vaguemestre.vault_keys import begin_rotation


def opened(office: Office, name: str = "acme") -> dict[str, str]:
    vault = Vault.from_config(VaultConfig(key_file=office.folder / "vault.key"))
    with office.store() as store:
        row = store.read_now(lambda s: s.sql.secret_get(s.connection, name=name))
    return dict(vault.open(name, row["sealed"]).fields)


def test_a_secret_is_kept_whole_and_never_shown(office: Office) -> None:
    result = office.run("secrets", "set", "acme", stdin=json.dumps(SECRET))
    assert opened(office) == SECRET
    everything = result.output + office.run("secrets", "list").output
    everything += office.run("secrets", "list", "--json").output
    everything += office.run("profiles", "list").output + office.run("doctor").output
    assert SECRET["motdepasse"] not in everything
    key = office.folder / "vault.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_list_names_secrets_what_uses_them_and_what_is_missing(office: Office) -> None:
    (missing,) = office.json("secrets", "list")
    assert missing == {"name": "acme", "updated_at": None, "profiles": ["acme", "works"]}
    office.set_secret()
    office.run("secrets", "set", "spare", stdin='{"a": "b"}')
    found = {s["name"]: s["profiles"] for s in office.json("secrets", "list")}
    assert found == {"acme": ["acme", "works"], "spare": []}


@pytest.mark.parametrize(
    "stdin",
    [
        "",
        "not JSON with Secret-123",
        "[]",
        "{}",
        '"text"',
        '{"account": "12345"}',
        '{"account": "12345", "motdepasse": ""}',
        '{"account": "12345", "motdepasse": ["Secret-123"]}',
        '{"account": "12345", "mot_de_passe": "Secret-123"}',
        b"\xff\xfe",
        "x" * 100_000,
    ],
)
def test_what_is_no_credential_is_refused_without_being_quoted(
    office: Office, stdin: str | bytes
) -> None:
    result = office.run("secrets", "set", "acme", stdin=stdin, code=2)
    assert "Secret-123" not in result.output
    assert office.json("secrets", "list")[0]["updated_at"] is None


def test_a_missing_field_is_named_beside_what_was_given_instead(office: Office) -> None:
    given = json.dumps({"account": "12345", "mot_de_passe": "x"})
    told = words(office.run("secrets", "set", "acme", stdin=given, code=2).stderr)
    assert "motdepasse" in told
    assert "mot_de_passe" in told


def test_a_field_that_nobody_asks_for_is_kept_and_told(office: Office) -> None:
    given = {**SECRET, "courriel": "paie@example.org"}
    result = office.run("secrets", "set", "acme", stdin=json.dumps(given))
    assert "courriel" in result.stderr
    assert opened(office) == given


def test_a_removed_secret_is_gone_and_its_profiles_are_named(office: Office) -> None:
    office.set_secret()
    assert "works" in office.run("secrets", "remove", "acme").stderr
    assert office.json("secrets", "list")[0]["updated_at"] is None
    office.run("secrets", "remove", "acme", code=1)


def test_after_a_rotation_secrets_open_with_the_new_key_only(office: Office) -> None:
    office.set_secret()
    before = office.json("secrets", "list")
    old = (office.folder / "vault.key").read_bytes()
    office.run("secrets", "rotate")
    assert opened(office) == SECRET
    assert (office.folder / "vault.key").read_bytes() != old
    assert not (office.folder / "vault.key.next").exists()
    # A rotation is no change of the secret: a suspension of it still holds.
    assert office.json("secrets", "list") == before


def test_an_interrupted_rotation_loses_nothing_and_is_finished_by_the_next(
    office: Office,
) -> None:
    office.set_secret()
    begin_rotation(office.folder / "vault.key")
    assert opened(office) == SECRET
    # Meanwhile a secret is set: it must survive the end of the rotation as well.
    office.run("secrets", "set", "spare", stdin='{"a": "b"}')
    assert "rotate" in office.run("doctor").stdout
    office.run("secrets", "rotate")
    assert opened(office) == SECRET
    assert opened(office, "spare") == {"a": "b"}


def test_a_damaged_secret_stops_the_rotation_and_leaves_the_key(office: Office) -> None:
    office.set_secret()
    key = (office.folder / "vault.key").read_bytes()
    with office.store() as store:
        store.write_now(
            lambda s: s.sql.secret_rewrap(s.connection, name="acme", sealed=b"VMV1 damaged")
        )
    office.run("secrets", "rotate", code=2)
    assert (office.folder / "vault.key").read_bytes() == key


def test_a_key_that_others_can_read_is_refused(office: Office) -> None:
    office.set_secret()
    (office.folder / "vault.key").chmod(0o644)
    result = office.run("secrets", "set", "acme", stdin=json.dumps(SECRET), code=2)
    assert "chmod 600" in words(result.stderr)
