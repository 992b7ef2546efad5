"""`vaguemestre secrets`: credentials go into the vault, are listed by name, never shown.

A running service notices a new secret by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import Any

import click

from vaguemestre.cli.credentials import ask_fields, read_fields, required_fields, warn_unknown
from vaguemestre.cli.failures import NotWell
from vaguemestre.cli.lazy import LazyGroup
from vaguemestre.cli.output import Column, print_json, print_table, time_of
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, argument, json_option
from vaguemestre.config import VaultConfig
from vaguemestre.deployment import Deployment
from vaguemestre.locale import _
from vaguemestre.store.engine import Session
from vaguemestre.vault import Vault
from vaguemestre.vault_keys import begin_rotation, finish_rotation, read_keys


@click.group(name="secrets", cls=LazyGroup, help=N_("Keep the credentials in the vault."))
def secrets() -> None:
    pass


@secrets.command(
    name="set",
    help=N_(
        "Set a secret: asks for its fields at a terminal, or reads one JSON object from standard "
        "input."
    ),
)
@argument("name", metavar=N_("NAME"))
@pass_site
def set_(site: Site, *, name: str) -> None:
    with site.open() as deployment:
        required = required_fields(deployment, name)
        fields = ask_fields(name, required) if sys.stdin.isatty() else read_fields(required)
        work = partial(_seal, config=deployment.config.vault, name=name, fields=fields)
        deployment.store.write_now(work)
    warn_unknown(fields, required)
    stored = _("the secret {name} is set: {fields}")
    click.echo(stored.format(name=name, fields=", ".join(sorted(fields))))


def _seal(session: Session, *, config: VaultConfig, name: str, fields: Mapping[str, str]) -> None:
    """Seal with the newest key. Inside the transaction, because a rotation may be under way: what
    is sealed before its own transaction is wrapped again there, what comes after has its key."""
    vault = Vault(*reversed(read_keys(config.key_file)))
    sealed = vault.seal(name, fields)
    session.sql.secret_set(session.connection, name=name, sealed=sealed, now=session.now)


@secrets.command(name="list", help=N_("List the names of the secrets, and what uses them."))
@json_option
@pass_site
def list_(site: Site, *, as_json: bool) -> None:
    with site.open() as deployment:
        found = _listed(deployment)
    if as_json:
        print_json(found)
        return
    columns = (Column(_("Secret")), Column(_("Set on")), Column(_("Profiles")))
    rows = [
        (
            secret["name"],
            time_of(secret["updated_at"]) or _("is not set"),
            ", ".join(secret["profiles"]) or _("used by none"),
        )
        for secret in found
    ]
    print_table(columns, rows, empty=_("No secret."))


def _listed(deployment: Deployment) -> list[dict[str, Any]]:
    """Secrets that are set, and those that profiles wait for."""
    rows = deployment.store.read_now(lambda s: list(s.sql.secrets_all(s.connection)))
    times = {row["name"]: row["updated_at"] for row in rows}
    users: dict[str, list[str]] = {name: [] for name in times}
    for profile in deployment.config.profile:
        if profile.credential:
            users.setdefault(profile.credential, []).append(profile.name)
    return [
        {"name": name, "updated_at": times.get(name), "profiles": users[name]}
        for name in sorted(users)
    ]


@secrets.command(name="remove", help=N_("Remove a secret from the vault."))
@argument("name", metavar=N_("NAME"))
@pass_site
def remove(site: Site, *, name: str) -> None:
    with site.open() as deployment:
        if not deployment.store.write_now(partial(_remove, name=name)):
            raise NotWell(_("there is no secret named {name}").format(name=name))
        users = [p.name for p in deployment.config.profile if p.credential == name]
    click.echo(_("the secret {name} is removed").format(name=name))
    if users:
        warning = _("Attention: the deposits of these profiles wait until it is set again: {names}")
        click.echo(warning.format(names=", ".join(users)), err=True)


def _remove(session: Session, *, name: str) -> bool:
    if session.sql.secret_get(session.connection, name=name) is None:
        return False
    session.sql.secret_remove(session.connection, name=name)
    return True


@secrets.command(
    name="rotate",
    help=N_(
        "Make a new vault key and seal all secrets with it. An interrupted rotation goes on where "
        "it stopped."
    ),
)
@pass_site
def rotate(site: Site) -> None:
    with site.open() as deployment:
        key_file = deployment.config.vault.key_file
        read_keys(key_file)  # makes the first key if there is none
        new = Vault(begin_rotation(key_file))
        # From here both keys stand on disk, until all secrets are durable under the new one.
        old = Vault(*read_keys(key_file))
        count = deployment.store.write_now(partial(_rewrap, old=old, new=new))
        finish_rotation(key_file)
    click.echo(_("the vault has a new key; {count} secrets are sealed with it").format(count=count))
    click.echo(_("Old backups of the store still need the old key."), err=True)


def _rewrap(session: Session, *, old: Vault, new: Vault) -> int:
    rows = list(session.sql.secrets_all(session.connection))
    for row in rows:
        if not new.sealed_by_first_key(row["sealed"]):
            sealed = old.rewrap(row["name"], row["sealed"], new)
            session.sql.secret_rewrap(session.connection, name=row["name"], sealed=sealed)
    return len(rows)
