"""Answers what the command line asks of the running daemon, and notices what it changed.

Commands write into the store; the daemon sees by the store's version that somebody else wrote.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import trio

from vaguemestre.errors import NoEffect
from vaguemestre.locale import _
from vaguemestre.services import Services
from vaguemestre.store import deposits
from vaguemestre.store.engine import Session

#: Seconds between two looks.
LOOK = 0.5


class Requests:
    """The service that looks for requests. `secrets_changed` is called when a secret was set."""

    def __init__(self, services: Services, secrets_changed: Callable[[], None]) -> None:
        self._services = services
        self._store = services.deployment.store
        self._secrets_changed = secrets_changed

    async def run(self) -> None:
        """Look for ever."""
        secrets = await self._store.read(_secrets)
        version = -1
        async with trio.open_nursery() as nursery:
            while True:
                current = self._store.data_version()
                if current != version:
                    version = current
                    await self._services.look_around()
                    for row in await self._store.read(_open):
                        await nursery.start(self._answer, row)
                    if await self._store.read(_secrets) != secrets:
                        self._secrets_changed()
                        return
                await trio.sleep(LOOK)

    async def _answer(
        self, row: sqlite3.Row, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        number = row["id"]
        await self._store.write(lambda s: s.sql.request_started(s.connection, id=number))
        task_status.started()
        answer = await self._do(row["kind"], row["argument"])
        await self._store.write(
            lambda s: s.sql.request_done(s.connection, id=number, answer=answer, now=s.now)
        )

    async def _do(self, kind: str, argument: str) -> str:
        try:
            match kind:
                case "send":
                    await self._services.send_now(argument)
                    return _("Sending starts now.")
                case "update":
                    return await self._update(argument)
                case "receive":
                    return await self._receive(argument)
                case "fetch":
                    return await self._fetch(int(argument))
        except NoEffect as error:
            return str(error)
        return _("This daemon does not know the request {kind}.").format(kind=kind)

    async def _receive(self, profile: str) -> str:
        collectors = {
            name: collector
            for name in self._services.lanes
            if profile in ("", name) and (collector := self._services.for_profile(name))
        }
        before = await self._store.read(_returns)
        for collector in set(collectors.values()):
            await collector.collect_now()
        after = await self._store.read(_returns)
        return _("{count} new returns.").format(count=after - before)

    async def _update(self, profile: str) -> str:
        accounts = {
            lane.account.name: lane
            for name, lane in reversed(self._services.lanes.items())
            if profile in ("", name)
        }
        answers = [
            f"{lane.profile.name}: {answer}"
            for lane in accounts.values()
            if (answer := await lane.adapter.update()) is not None
        ]
        return "\n".join(answers) or _(
            "Nothing to update: no profile has software of its own here."
        )

    async def _fetch(self, deposit: int) -> str:
        row = await self._store.read(lambda s: deposits.get(s, deposit))
        if row is None or not row["reference"]:
            return _("This deposit has no reference at a platform yet.")
        collector = self._services.for_profile(row["profile"])
        if collector is None:
            return _("The profile {profile} is not in use.").format(profile=row["profile"])
        await collector.look_at(row["reference"])
        return _("The returns of the deposit were asked for.")


def _open(session: Session) -> list[sqlite3.Row]:
    return list(session.sql.requests_open(session.connection))


def _secrets(session: Session) -> list[tuple[str, str]]:
    return [(r["name"], r["updated_at"]) for r in session.sql.secrets_all(session.connection)]


def _returns(session: Session) -> int:
    return int(session.sql.returns_count(session.connection))
