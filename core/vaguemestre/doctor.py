"""Examines a deployment and says what to do: what `vaguemestre doctor` shows.

Looks only: makes no key, no folder and no store. What cannot be examined because something before
it is broken is left out.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import trio

from vaguemestre.clock import Clock, from_text, utc_now
from vaguemestre.config import Configuration, check, load
from vaguemestre.contracts import Adapter
from vaguemestre.deployment import Deployment
from vaguemestre.errors import ConfigurationError, StoreError
from vaguemestre.locale import _, set_language
from vaguemestre.model import Examined, Profile, Status
from vaguemestre.plugins import Registry
from vaguemestre.store.engine import Session, Store
from vaguemestre.store.owner import holder, is_owned
from vaguemestre.vault_keys import CREDENTIAL, VARIABLE

#: Bytes free below which writes soon fail, and below which it is time to look.
NO_SPACE, LITTLE_SPACE = 100_000_000, 1_000_000_000
#: Seconds that the clock may lie behind the newest entry of the journal.
CLOCK_SLACK = 60.0
#: Seconds that an adapter may take to examine its profile.
EXAMINATION_PATIENCE = 30.0
#: French legal time, in which people see times and platforms publish.
ZONE = "Europe/Paris"


def examine(file: Path, registry: Registry, clock: Clock = utc_now) -> list[Examined]:
    """Everything that can be examined of the deployment whose configuration is `file`."""
    found = [*_plugins(registry), *_zones()]
    problems = check(file, registry)
    if problems:
        subject, advice = _("configuration"), _("Correct the file.")
        return [*found, *(_error(subject, str(problem), advice) for problem in problems)]
    config = load(file, registry)
    set_language(config.locale)
    found.append(_ok(_("configuration"), str(config.file)))
    found += [*_folders(config), *_space(config)]
    if not config.store.path.exists():
        found += _missing_store(config)
        return found
    try:
        deployment = Deployment.open(file, registry, clock)
    except StoreError as error:
        return [*found, _error(_("store"), str(error), _("Put back a backup, or mend the disk."))]
    with deployment:
        damage = _damage(deployment.store)
        if damage:
            return [*found, _damaged(deployment.store.path, damage)]
        return [*found, *_store(deployment), *_vault(deployment)]


def _ok(subject: str, message: str) -> Examined:
    return Examined(subject, Status.OK, message)


def _warning(subject: str, message: str, advice: str) -> Examined:
    return Examined(subject, Status.WARNING, message, advice)


def _error(subject: str, message: str, advice: str) -> Examined:
    return Examined(subject, Status.ERROR, message, advice)


def _plugins(registry: Registry) -> Iterator[Examined]:
    if not registry.plugins:
        advice = _("Install at least the plugin of a format and the adapter of a platform.")
        yield _error(_("plugins"), _("no plugin is installed"), advice)
    for info in registry.plugins:
        subject = _("plugin {name}").format(name=info.name)
        if info.error:
            message = _("left out: {error}").format(error=info.error)
            yield _error(subject, message, _("Install it again, or remove it."))
        else:
            yield _ok(subject, f"{info.distribution} {info.version}: {', '.join(info.provides)}")


def _zones() -> Iterator[Examined]:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(ZONE)
        yield _ok(_("time zones"), ZONE)
    except ZoneInfoNotFoundError:
        message = _("the data of {zone} is missing").format(zone=ZONE)
        yield _error(_("time zones"), message, _("Install the Python package tzdata."))


# -- folders and space


def _folders(config: Configuration) -> Iterator[Examined]:
    for outbox in config.outbox:
        subject = _("outbox {name}").format(name=outbox.name)
        for folder in (outbox.path, outbox.taken, outbox.rejected):
            yield _folder(subject, folder)
    yield _folder(_("inbox"), config.inbox.path)
    yield _folder(_("store"), config.store.path.parent)
    if config.log.file is not None:
        yield _folder(_("log"), config.log.file.parent)


def _folder(subject: str, folder: Path) -> Examined:
    advice = _("Give the account of the service the right to read and write there.")
    if folder.exists() and not folder.is_dir():
        message = _("{folder} is not a folder").format(folder=folder)
        return _error(subject, message, _("Correct the configuration, or move the file away."))
    nearest = _nearest(folder)
    if not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
        return _error(subject, _("{folder} cannot be written").format(folder=nearest), advice)
    if nearest != folder:
        return _ok(subject, _("{folder} is made when it is needed").format(folder=folder))
    return _ok(subject, str(folder))


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next((f for f in (folder, *folder.parents) if f.exists()), folder)


def _space(config: Configuration) -> Iterator[Examined]:
    seen: set[int] = set()
    for folder in (config.store.path.parent, config.inbox.path, *(o.path for o in config.outbox)):
        nearest = _nearest(folder)
        try:
            device, free = nearest.stat().st_dev, shutil.disk_usage(nearest).free
        except OSError as error:
            message = f"{nearest}: {error.strerror}"
            yield _warning(_("disk space"), message, _("Check the folder."))
            continue
        if device not in seen:
            seen.add(device)
            yield _free(nearest, free)


def _free(folder: Path, free: int) -> Examined:
    message = _("{megabytes} MB free for {folder}").format(
        megabytes=free // 1_000_000, folder=folder
    )
    if free >= LITTLE_SPACE:
        return _ok(_("disk space"), message)
    status = Status.ERROR if free < NO_SPACE else Status.WARNING
    return Examined(_("disk space"), status, message, _("Free some space on this disk."))


# -- the store


def _missing_store(config: Configuration) -> Iterator[Examined]:
    message = _("{store} does not exist yet").format(store=config.store.path)
    advice = _("Set the secrets, then start the service: vaguemestre run")
    yield _warning(_("store"), message, advice)


def _damaged(path: Path, damage: str) -> Examined:
    message = _("{store} is damaged: {error}").format(store=path, error=damage)
    return _error(_("store"), message, _("Stop the service and put back a backup."))


def _store(deployment: Deployment) -> Iterator[Examined]:
    store, path = deployment.store, deployment.store.path
    yield _ok(_("store"), str(path))
    if is_owned(path):
        yield _ok(_("service"), _("running: {holder}").format(holder=holder(path) or "?"))
    else:
        advice = _("Start it: vaguemestre run")
        yield _warning(_("service"), _("it does not run on this store"), advice)
    newest = store.read_now(_newest)
    behind = (from_text(newest) - deployment.clock()).total_seconds() if newest else 0.0
    if behind > CLOCK_SLACK:
        message = _("the clock is behind the newest entry of the journal ({time})")
        advice = _("Set the clock of this machine.")
        yield _error(_("clock"), message.format(time=newest), advice)
    else:
        yield _ok(_("clock"), deployment.clock().isoformat(timespec="seconds"))


def _damage(store: Store) -> str:
    """What SQLite finds wrong, or ""."""

    def quick_check(session: Session) -> str:
        return str(session.connection.execute("PRAGMA quick_check(1)").fetchone()[0])

    try:
        verdict = store.read_now(quick_check)
    except StoreError as error:
        return str(error)
    return "" if verdict == "ok" else verdict


def _newest(session: Session) -> str | None:
    found: str | None = session.sql.newest_event(session.connection)
    return found


# -- the vault and the profiles


def _vault(deployment: Deployment) -> Iterator[Examined]:
    key_file = deployment.config.vault.key_file
    secrets = deployment.store.read_now(lambda s: list(s.sql.secrets_all(s.connection)))
    given = os.environ.get(VARIABLE) or _systemd_key()
    if not given and not key_file.exists():
        if secrets:
            message = _("the key {file} is missing").format(file=key_file)
            advice = _("Put it back from a backup, or set every secret again.")
            yield _error(_("vault"), message, advice)
            return
        yield _ok(_("vault"), _("{file} is made with the first secret").format(file=key_file))
    else:
        try:
            yield _ok(_("vault"), f"{deployment.vault!r}")
        except ConfigurationError as error:
            yield _error(_("vault"), str(error), _("Mend the key, then look again."))
            return
        if key_file.with_name(key_file.name + ".next").exists():
            message = _("a rotation of the key was interrupted")
            yield _warning(_("vault"), message, _("Finish it: vaguemestre secrets rotate"))
    yield from _profiles(deployment)


def _systemd_key() -> bool:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return bool(folder) and Path(str(folder), CREDENTIAL).exists()


def _profiles(deployment: Deployment) -> Iterator[Examined]:
    rows = deployment.store.read_now(lambda s: list(s.sql.suspensions_all(s.connection)))
    suspended: dict[str, sqlite3.Row] = {row["account"]: row for row in rows}
    for profile in deployment.config.profile:
        subject = _("profile {name}").format(name=profile.name)
        try:
            built, since = deployment.build_profile(profile)
        except ConfigurationError as error:
            yield _error(subject, str(error), _("Set the secret."))
            continue
        stop = suspended.get(deployment.account_of(profile))
        if stop is not None and stop["secret_updated_at"] == since:
            advice = _(
                "Set the right secret, or once the account is mended: vaguemestre profiles test "
                "{name}"
            ).format(name=profile.name)
            message = _("the platform refused its credential: {reason}")
            yield _error(subject, message.format(reason=stop["reason"]), advice)
        else:
            message = (
                _("{platform}, its secret can be opened")
                if profile.credential
                else _("{platform}, needs no secret")
            )
            yield _ok(subject, message.format(platform=profile.platform))
        yield from _adapter(subject, deployment.registry.adapters[profile.platform], built)


def _adapter(subject: str, kind: type[Adapter], profile: Profile) -> Iterator[Examined]:
    """What the adapter itself examines."""

    async def ask() -> list[Examined]:
        with trio.fail_after(EXAMINATION_PATIENCE):
            async with kind(profile) as adapter:
                return list(await adapter.examine())

    try:
        found = trio.run(ask)
    except Exception as error:  # noqa: BLE001 - an adapter may fail in any way
        message = _("its examination failed ({error})").format(error=type(error).__name__)
        yield _warning(subject, message, _("Look again; if it stays so, send the log to support."))
        return
    for one in found:
        yield msgspec.structs.replace(one, subject=f"{subject}: {one.subject}")
