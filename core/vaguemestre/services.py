"""Puts the daemon's services together for one edition of the configuration and the secrets, and
wakes those that a change concerns. Running them is the daemon's business.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import trio
from loguru import logger

from vaguemestre.account import Account
from vaguemestre.collect import Collector
from vaguemestre.config import ProfileConfig
from vaguemestre.contracts import Adapter, Notifier
from vaguemestre.control import Control
from vaguemestre.deployment import Deployment
from vaguemestre.errors import ConfigurationError
from vaguemestre.inbox import Inbox
from vaguemestre.intake import Intake
from vaguemestre.lanes import Lane
from vaguemestre.lifecycle import State
from vaguemestre.locale import _
from vaguemestre.model import Declaration, DepositEvent, Level, Notice
from vaguemestre.notices import Notices
from vaguemestre.reconcile import Reconcile
from vaguemestre.relief import Relief
from vaguemestre.schedule import Schedule
from vaguemestre.silence import Silence
from vaguemestre.upkeep import Upkeep
from vaguemestre.watch import Watch

Run = Callable[[], Awaitable[None]]


class Services:
    """All services of a deployment. Make them with `Services.build`."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.notices = Notices(deployment.store, _notifiers(deployment))
        self.control = Control(deployment, self.carries, self.notices.post)
        tell = deployment.registry.return_received
        self.inbox = Inbox(deployment.store, deployment.config.inbox.path, self.notices.post, tell)
        self.intakes = [
            Intake(deployment.store, outbox, self.notices.post, deployment.clock)
            for outbox in deployment.config.outbox
        ]
        outboxes = zip(deployment.config.outbox, self.intakes, strict=True)
        self.watch = Watch({outbox.path: intake.wake for outbox, intake in outboxes})
        self.accounts: dict[str, Account] = {}
        self.lanes: dict[str, Lane] = {}
        self.collectors: dict[str, Collector] = {}
        self.reconciles: dict[str, Reconcile] = {}
        self.silences: dict[str, Silence] = {}

    @classmethod
    async def build(cls, deployment: Deployment, stack: AsyncExitStack) -> Services:
        """Put the services together; adapters are entered on `stack`.

        A profile that cannot be used (no secret, an adapter that fails) is told and left out; its
        deposits wait.
        """
        services = cls(deployment)
        for profile in deployment.config.profile:
            try:
                await services._add_profile(profile, stack)
            except Exception as error:  # noqa: BLE001 - an adapter may fail in any way
                await services._left_out(profile, error)
        return services

    async def _add_profile(self, profile: ProfileConfig, stack: AsyncExitStack) -> None:
        deployment = self.deployment
        built, since = await trio.to_thread.run_sync(deployment.build_profile, profile)
        adapter = deployment.registry.adapters[profile.platform](built)
        await stack.enter_async_context(adapter)
        await self._add_lane(profile, adapter, since)

    async def _add_lane(self, profile: ProfileConfig, adapter: Adapter, since: str) -> None:
        store, registry = self.deployment.store, self.deployment.registry
        name = self.deployment.account_of(profile)
        if name not in self.accounts:
            account = Account(name, store, since)
            await account.restore()
            self.accounts[name] = account
            self.reconciles[name] = Reconcile(account, adapter, store)
            self.collectors[name] = Collector(
                account,
                profile.name,
                adapter,
                store,
                registry,
                self.notices.post,
                self.inbox.wake,
            )
            if Silence.concerns(adapter):
                self.silences[name] = silence = Silence(name, adapter, store)
                self.collectors[name].caught_up = silence.wake
        self.lanes[profile.name] = Lane(profile, adapter, self.accounts[name], store, registry)

    async def _left_out(self, profile: ProfileConfig, error: Exception) -> None:
        if not isinstance(error, ConfigurationError):
            logger.opt(exception=error).warning("profile {} cannot be used", profile.name)
        cause = str(error) if isinstance(error, ConfigurationError) else type(error).__name__
        await self.notices.post(
            Notice(
                key=f"profile:{profile.name}",
                level=Level.ERROR,
                title=_("The profile {profile} cannot be used: its deposits wait").format(
                    profile=profile.name
                ),
                text=cause,
                profile=profile.name,
            )
        )

    def tasks(self) -> list[tuple[str, Run]]:
        """Every service with its name."""
        found: list[tuple[str, Run]] = [
            ("notices", self.notices.run),
            ("control", self.control.run),
            ("inbox", self.inbox.run),
            ("relief", Relief(self.deployment.store).run),
            ("schedule", Schedule(self.deployment.store).run),
        ]
        for outbox, intake in zip(self.deployment.config.outbox, self.intakes, strict=True):
            found.append((f"intake {outbox.name}", intake.run))
        if self.intakes:
            found.append(("watch", self.watch.run))
        for profile, lane in self.lanes.items():
            found.append((f"lane {profile}", lane.run))
            found.append((f"upkeep {profile}", Upkeep(lane.adapter, self.notices.post).run))
        found += [(f"collector {name}", c.run) for name, c in self.collectors.items()]
        found += [(f"silence {name}", s.run) for name, s in self.silences.items()]
        found += [(f"reconcile {name}", r.run) for name, r in self.reconciles.items()]
        plugin_services = self.deployment.registry.services
        return found + [(f"plugin {name}", s.run) for name, s in plugin_services.items()]

    def carries(self, profile: str, declaration: Declaration) -> str | None:
        """Why the profile's adapter would not take the declaration, or None."""
        lane = self.lanes.get(profile)
        return lane.adapter.carries(declaration) if lane else None

    # -- waking

    def committed(self, changes: list[DepositEvent]) -> None:
        """Something became durable: wake whom it concerns, and tell the observers."""
        states = {change.state for change in changes}
        if State.RECEIVED in states:
            self.control.wake()
        if State.READY in states:
            for lane in self.lanes.values():
                lane.wake()
        if State.DEPOSITED in states:
            for silence in self.silences.values():
                silence.wake()
        if State.IN_DOUBT in states:
            for reconcile in self.reconciles.values():
                reconcile.wake()
        self.notices.wake()
        self.inbox.wake()
        for change in changes:
            self.deployment.registry.deposit_changed(change)

    async def look_around(self) -> None:
        """Another process wrote: look at everything again."""
        for account in self.accounts.values():
            await account.refresh()
        self.control.wake()
        self.notices.wake()
        for lane in self.lanes.values():
            lane.wake()
        for reconcile in self.reconciles.values():
            reconcile.wake()

    async def send_now(self, profile: str = "") -> None:
        """A person asks for sending now: of one profile, or of all."""
        for intake in self.intakes:
            intake.wake()
        for name, lane in self.lanes.items():
            if profile in ("", name):
                await lane.send_now()

    def for_profile(self, profile: str) -> Collector | None:
        lane = self.lanes.get(profile)
        return self.collectors[lane.account.name] if lane else None

    async def drain(self) -> None:
        """Let nothing new leave, and wait for what is on its way."""
        async with trio.open_nursery() as nursery:
            for account in self.accounts.values():
                nursery.start_soon(_wait_quiet, account)


async def _wait_quiet(account: Account) -> None:
    async with account.quiet():
        pass


def _notifiers(deployment: Deployment) -> dict[str, Notifier]:
    """One notifier for each `[[notifier]]`, named by kind and place."""
    made: dict[str, Notifier] = {}
    for number, entry in enumerate(deployment.config.notifier):
        cls = deployment.registry.notifiers[entry.kind]
        try:
            made[f"{entry.kind}-{number}"] = cls(entry.settings, deployment.config.base)
        except Exception as error:  # noqa: BLE001 - a plugin may fail in any way
            logger.opt(exception=error).warning("notifier {} cannot be used", entry.kind)
    return made
