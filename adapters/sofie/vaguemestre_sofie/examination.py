"""The test panel of an installation: each thing that SOFiE needs, looked at, with what to do.

Starts nothing but `java -version`, and changes nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import trio

from vaguemestre.api import Examined, Profile, Status
from vaguemestre_sofie import lease, passwords, processes
from vaguemestre_sofie.certificates import UnreadableCertificate, end_of
from vaguemestre_sofie.reaching import properties, proxy_in, reach
from vaguemestre_sofie.settings import Places, Settings, command, places
from vaguemestre_sofie.texts import _

#: Bytes free below which SOFiE cannot work, and below which it is time to look.
NO_SPACE, LITTLE_SPACE = 100_000_000, 1_000_000_000
#: Days before its end from which on people are told of the certificate.
CERTIFICATE_DAYS = 50
#: Seconds that Java may take to say its version.
JAVA_PATIENCE = 15.0


async def examine(profile: Profile) -> list[Examined]:
    """Everything about the installation of the profile."""
    settings: Settings = profile.settings
    where = places(profile)
    if not await trio.to_thread.run_sync(where.home.is_dir):
        message = _("{folder} is not there").format(folder=where.home)
        return [_error(_("SOFiE"), message, _("Correct home in the settings, or install SOFiE."))]
    found = await trio.to_thread.run_sync(lambda: list(_all(profile, settings, where)))
    if settings.address:
        proxy = settings.proxy or await trio.to_thread.run_sync(proxy_in, where.proxy_file)
        found.append(await _address(settings.address, proxy))
    return found


def _all(profile: Profile, settings: Settings, where: Places) -> Iterator[Examined]:
    for kind, label in (
        ("send", _("sending command")),
        ("receive", _("receiving command")),
        ("update", _("update command")),
    ):
        yield _command(label, command(settings, kind, where.home), where.home)
    folders: dict[str, tuple[Path | None, bool]] = {
        _("outgoing folder"): (where.outgoing, True),
        _("incoming folder"): (where.incoming, True),
        _("folder of encrypted files"): (where.encrypted, False),
        _("folder of sent files"): (where.sent, False),
        _("SOFiE's folder"): (where.home, True),
    }
    for label, (folder, write) in folders.items():
        if folder is not None:
            yield _folder(label, folder, write=write)
    for label, log in (
        (_("audit log"), where.audit_log),
        (_("technical log"), where.technical_log),
    ):
        if log is not None:
            yield _log(label, log)
    yield _java(settings.java, where.home)
    yield _space(where.home)
    yield _context(settings.context)
    yield certificate(profile, where)
    yield password(settings, where)
    yield _in_use(settings, where)
    yield from _for_ever(where.properties)


def _ok(subject: str, message: str) -> Examined:
    return Examined(subject, Status.OK, message)


def _warning(subject: str, message: str, advice: str) -> Examined:
    return Examined(subject, Status.WARNING, message, advice)


def _error(subject: str, message: str, advice: str) -> Examined:
    return Examined(subject, Status.ERROR, message, advice)


def _command(label: str, words: list[str], home: Path) -> Examined:
    program = shutil.which(words[0]) or shutil.which(home / words[0])
    if program is not None:
        return _ok(label, program)
    message = _("{program} is not there or cannot be started").format(program=words[0])
    advice = _(
        "Correct the command in the settings. SOFiE makes its batch script at the first login on "
        "its screen."
    )
    return _error(label, message, advice)


def _folder(label: str, folder: Path, *, write: bool) -> Examined:
    if not folder.is_dir():
        message = _("{folder} is not there").format(folder=folder)
        return _error(label, message, _("Correct the setting: it must be SOFiE's own folder."))
    if not os.access(folder, os.R_OK | os.X_OK | (os.W_OK if write else 0)):
        message = _("the service may not use {folder}").format(folder=folder)
        advice = _("Give the account of the service the right to read and write there.")
        return _error(label, message, advice)
    return _ok(label, str(folder))


def _log(label: str, log: Path) -> Examined:
    if not log.exists():
        message = _("{file} is not there").format(file=log)
        advice = _("Correct the setting, unless SOFiE has never run: it writes there what it does.")
        return _warning(label, message, advice)
    if not os.access(log, os.R_OK):
        message = _("the service may not read {file}").format(file=log)
        return _error(label, message, _("Give the account of the service the right to read it."))
    return _ok(label, str(log))


def _java(java: str, home: Path) -> Examined:
    label = _("Java")
    if not java:
        return _ok(label, _("not looked at"))
    advice = _("Install the Java that SOFiE asks for, or correct the setting java.")
    place = os.environ.get("JAVA_HOME", "")
    beside = str(Path(place, "bin", java)) if place else java
    program = shutil.which(java) or shutil.which(home / java) or shutil.which(beside)
    if program is None:
        return _error(label, _("{program} was not found").format(program=java), advice)
    try:
        done = subprocess.run(  # noqa: S603 - the configured program
            [program, "-version"], capture_output=True, timeout=JAVA_PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return _error(label, _("{program} does not start").format(program=program), advice)
    lines = (done.stderr or done.stdout).decode("utf-8", "replace").splitlines()
    return _ok(label, lines[0] if lines else program)


def _space(home: Path) -> Examined:
    label = _("disk space")
    free = shutil.disk_usage(home).free
    message = _("{megabytes} MB free").format(megabytes=free // 1_000_000)
    if free >= LITTLE_SPACE:
        return _ok(label, message)
    status = Status.ERROR if free < NO_SPACE else Status.WARNING
    return Examined(label, status, message, _("Free some space on this disk."))


def _context(context: str) -> Examined:
    if context == "production":
        return _ok(_("context"), _("production"))
    message = _("test: nothing that is sent counts")
    return _warning(_("context"), message, _("Set context to production when the tests are over."))


def certificate(profile: Profile, where: Places) -> Examined:
    """How long the certificate is good for."""
    label = _("certificate")
    if where.certificate is None:
        advice = _("Name its file (certificate) in the settings, to be told in time of its end.")
        return _warning(label, _("nobody watches its end"), advice)
    try:
        end = end_of(where.certificate, profile.credential.fields.get("motdepasse", ""))
    except OSError as error:
        message = f"{where.certificate}: {error.strerror}"
        return _error(label, message, _("Correct the setting certificate, or the rights."))
    except UnreadableCertificate as error:
        return _error(label, f"{where.certificate}: {error}", _("Correct the setting certificate."))
    days = (end - datetime.now(UTC)).days
    message = _("ends on {day}, in {days} days").format(day=f"{end:%d/%m/%Y}", days=days)
    if days > CERTIFICATE_DAYS:
        return _ok(label, message)
    advice = _(
        "Renew it: open SOFiE and follow its steps; LuxTrust takes some weeks. Tick "
        '"Save encrypted password for batch processing" at the end.'
    )
    if end <= datetime.now(UTC):
        message = _("ended on {day}: nothing can be sent").format(day=f"{end:%d/%m/%Y}")
        return _error(label, message, advice)
    return _warning(label, message, advice)


def password(settings: Settings, where: Places) -> Examined:
    """How long the password is good for."""
    label = _("password")
    advice = _(
        'Open SOFiE, change the password, and tick "Save encrypted password for batch '
        'processing"; then: vaguemestre sofie password-changed'
    )
    try:
        changed = passwords.changed_on(where.state, where.password_file)
    except OSError as error:
        message = f"{where.password_file}: {error.strerror}"
        return _error(label, message, _("Correct the setting password_file, or the rights."))
    if changed is None:
        message = _("nobody knows when it was changed")
        return _warning(label, message, _("Say it: vaguemestre sofie password-changed --on DAY"))
    age = (datetime.now().astimezone().date() - changed).days
    left = settings.password_days - age
    message = _("changed on {day}, {age} days ago; good for {left} more").format(
        day=f"{changed:%d/%m/%Y}", age=age, left=max(left, 0)
    )
    if left <= 0:
        return _error(label, message, advice)
    return _warning(label, message, advice) if left <= passwords.REMIND else _ok(label, message)


def _in_use(settings: Settings, where: Places) -> Examined:
    label = _("in use")
    other = lease.held_by_another(where.state)
    somebody = processes.used_by_hand(settings.by_hand, where.home)
    if somebody is not None:
        message = _("somebody uses SOFiE by hand (process {pid})").format(pid=somebody.pid)
        return _warning(
            label, message, _("Close SOFiE when you are done; deposits wait until then.")
        )
    if other is not None:
        message = _("by Vaguemestre: process {pid} on {host}").format(
            pid=other.pid, host=other.host
        )
        return _ok(label, message)
    return _ok(label, _("by nobody else"))


def _for_ever(folder: Path | None) -> Iterator[Examined]:
    """SOFiE must end when its work is done."""
    if folder is None or not folder.is_dir():
        return
    for file in sorted(folder.rglob("*.properties")):
        try:
            entries = properties(file)
        except OSError:
            continue
        if entries.get("run.forEver", "").casefold() == "yes":
            message = _("run.forEver is Yes in {file}: SOFiE never ends").format(file=file)
            advice = _("Set run.forEver=No there: Vaguemestre starts SOFiE whenever it is needed.")
            yield _error("run.forEver", message, advice)


async def _address(address: str, proxy: str) -> Examined:
    label = _("connection")
    trouble = await reach(address, proxy)
    way = _("{address} through {proxy}").format(address=address, proxy=proxy) if proxy else address
    if not trouble:
        return _ok(label, way)
    advice = _(
        "Ask for {address} to be opened in the firewall, or correct the proxy in SOFiE's file "
        "communication_default_http.properties."
    ).format(address=address)
    return _error(label, f"{way}: {trouble}", advice)
