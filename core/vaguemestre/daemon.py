"""The daemon: the nursery that the services live in, from start to a clean stop.

A changed configuration or secret ends one edition of the services and begins the next; a bad new
configuration leaves the old one running and tells someone. A stop lets what is on its way arrive,
and takes at most ten seconds whatever hangs.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import AsyncExitStack
from pathlib import Path

import trio
from loguru import logger

from vaguemestre import systemd
from vaguemestre.config import load
from vaguemestre.deployment import Deployment
from vaguemestre.errors import ConfigurationError
from vaguemestre.lifecycle import Event, State
from vaguemestre.locale import _
from vaguemestre.logs import configure
from vaguemestre.model import Level, Notice
from vaguemestre.plugins import Registry
from vaguemestre.requests import Requests
from vaguemestre.services import Services
from vaguemestre.store import deposits, journal
from vaguemestre.store.engine import Session
from vaguemestre.store.owner import Owner
from vaguemestre.supervision import keep_running

#: Seconds that deposits on their way get to arrive when the daemon stops.
GRACE = 5.0
#: Seconds after which a stop no longer waits for anything. What it leaves is in doubt next time.
LAST_CALL = 9.5
#: Seconds between two looks at the configuration file.
LOOK = 2.0


def run(file: Path, *, log_json: bool = False) -> int:
    """Run the daemon until SIGTERM or SIGINT; the exit code.

    Raises ConfigurationError or StoreError if it cannot start.
    """
    registry = Registry().load()
    config = load(file, registry)
    configure(config.log, json=log_json)
    owner = Owner.take(config.store.path)
    try:
        trio.run(Daemon(file, registry, owner).run)
    finally:
        owner.release()
    return 0


#: What tells a changed file from an unchanged one; None if there is none.
Fingerprint = tuple[int, int, int] | None


class Daemon:
    """Runs editions of the services one after the other."""

    def __init__(self, file: Path, registry: Registry, owner: Owner) -> None:
        self._file = file
        self._registry = registry
        self._owner = owner
        self._stopping = False
        self._turn = trio.Event()

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(systemd.watchdog)
            await nursery.start(self._listen)
            while not self._stopping:
                self._turn = trio.Event()
                # Taken before the file is read: whatever changes from then on is noticed.
                seen = _fingerprint(self._file)
                with Deployment.open(self._file, self._registry) as deployment:
                    await self._edition(deployment, seen)
            nursery.cancel_scope.cancel()

    async def _listen(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        hang_up = getattr(signal, "SIGHUP", signal.SIGTERM)
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, hang_up) as signals:
            task_status.started()
            async for number in signals:
                if number == hang_up and hang_up != signal.SIGTERM:
                    await self._reload_if_good(None)
                    continue
                logger.info("stopping")
                self._stopping = True
                systemd.notify("STOPPING=1")
                _last_call()
                self._turn.set()

    async def _edition(self, deployment: Deployment, seen: Fingerprint) -> None:
        store = deployment.store
        await store.write(_begin)
        await store.write(lambda s: _orphans(s, {p.name for p in deployment.config.profile}))
        async with AsyncExitStack() as stack:
            services = await Services.build(deployment, stack)
            store.on_commit = services.committed
            requests = Requests(services, self._turn.set)
            async with trio.open_nursery() as nursery:
                for name, task in services.tasks():
                    nursery.start_soon(keep_running, name, task, services.notices.post)
                nursery.start_soon(keep_running, "requests", requests.run, services.notices.post)
                nursery.start_soon(self._watch, services, seen)
                logger.info("ready: {}", self._file)
                systemd.notify("READY=1")
                await self._turn.wait()
                with trio.move_on_after(GRACE):
                    await services.drain()
                nursery.cancel_scope.cancel()

    async def _watch(self, services: Services, seen: Fingerprint) -> None:
        """Notice a changed configuration file. `seen`: what it was when it was read."""
        while True:
            await trio.sleep(LOOK)
            now = _fingerprint(self._file)
            if now not in (seen, None):
                seen = now
                await self._reload_if_good(services)

    async def _reload_if_good(self, services: Services | None) -> None:
        try:
            config = await trio.to_thread.run_sync(load, self._file, self._registry)
            self._same_store(config.store.path)
        except ConfigurationError as error:
            logger.warning("the new configuration is not used: {}", error)
            if services is not None:
                await services.notices.post(_bad_configuration(error))
        else:
            logger.info("the configuration changed")
            self._turn.set()

    def _same_store(self, path: Path) -> None:
        if path != self._owner.store:
            raise ConfigurationError(
                _("another store takes effect only after the daemon was stopped and started again")
            )


def _fingerprint(file: Path) -> Fingerprint:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _begin(session: Session) -> None:
    """Whatever an earlier life left open is in doubt."""
    message = _("The deposit was interrupted; the platform is asked before anything else")
    lost = deposits.interrupt(session, message)
    if lost:
        logger.info("{} deposits in doubt from an earlier run", len(lost))


def _orphans(session: Session, profiles: set[str]) -> None:
    """Ready deposits whose profile is no longer configured wait for a person."""
    for row in list(session.sql.deposits_in_state(session.connection, state=State.READY.value)):
        if row["profile"] not in profiles:
            message = _("The profile {profile} is no longer configured").format(
                profile=row["profile"]
            )
            journal.move(session, row["id"], Event.HOLD, message=message)


def _bad_configuration(error: ConfigurationError) -> Notice:
    return Notice(
        key="configuration",
        level=Level.ERROR,
        title=_("The changed configuration has mistakes: the earlier one stays in use"),
        text=str(error),
    )


def _last_call() -> None:
    """End the process if a stop hangs: a thread in a dead network share, a client that does not
    read. Everything that matters is durable by then."""

    def end() -> None:
        logger.warning("the stop took too long: ending at once")
        os._exit(0)

    timer = threading.Timer(LAST_CALL, end)
    timer.daemon = True
    timer.start()
