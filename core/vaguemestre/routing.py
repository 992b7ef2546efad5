"""Decides what becomes of a declaration that passed the autocontrol: by which profile it goes, or
why it waits. Pure but for reading the deployment's configuration.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from msgspec import Struct

from vaguemestre.config import ProfileConfig
from vaguemestre.deployment import Deployment
from vaguemestre.lifecycle import Event
from vaguemestre.locale import _
from vaguemestre.model import Declaration, Finding, Level, Notice, Severity
from vaguemestre.precedents import Remark
from vaguemestre.scopes import NoRoute, Tie, WrongMode, choose


class Verdict(Struct, frozen=True):
    """What happens to a controlled deposit: the event, its reason, and who carries it.
    `doubts`: why earlier deposits hold it."""

    event: Event
    message: str = ""
    profile: ProfileConfig | None = None
    findings: tuple[Finding, ...] = ()
    notice: Notice | None = None
    account: str = ""
    doubts: tuple[Remark, ...] = ()


def route(
    deployment: Deployment,
    carries: Callable[[str, Declaration], str | None],
    row: sqlite3.Row,
    declaration: Declaration,
) -> Verdict:
    """The verdict for the deposit `row`. A released deposit skips activation and the outbox's hold,
    but never the choice of the profile."""
    outbox = deployment.outbox(row["outbox"])
    if not row["released"] and outbox and not _active(deployment, outbox.user, declaration.module):
        return Verdict(
            Event.SET_ASIDE,
            _("The deposit of {module} is switched off for {user}").format(
                module=declaration.module, user=outbox.user
            ),
        )
    chosen = choose(
        deployment.config.profile,
        deployment.registry.adapters,
        declaration,
        outbox.directory if outbox else "",
    )
    if isinstance(chosen, WrongMode):
        return _reject(chosen.reason)
    if isinstance(chosen, NoRoute | Tie):
        return Verdict(Event.HOLD, chosen.reason, notice=_needs_profile(row, chosen.reason))
    account = deployment.account_of(chosen)
    reason = carries(chosen.name, declaration)
    if reason is not None:
        notice = _needs_profile(row, reason)
        return Verdict(Event.HOLD, reason, chosen, notice=notice, account=account)
    if outbox and outbox.hold and not row["released"]:
        return Verdict(Event.HOLD, _("Waits for its release"), chosen, account=account)
    return Verdict(Event.PASS, profile=chosen, account=account)


def _active(deployment: Deployment, user: str, module: str) -> bool:
    """On for everybody unless the last matching activation says off."""
    active = True
    for entry in deployment.config.activation:
        if entry.user == user and entry.module == module:
            active = entry.active
    return active


def _reject(reason: str) -> Verdict:
    finding = Finding(severity=Severity.BLOCKING, code="profile/mode", message=reason)
    return Verdict(Event.REJECT, reason, findings=(finding,))


def _needs_profile(row: sqlite3.Row, reason: str) -> Notice:
    return Notice(
        key=f"route:{row['outbox']}:{reason[:60]}",
        level=Level.WARNING,
        title=_("A file waits: no profile can take it"),
        text=_(
            "{name}: {reason}. Correct the configuration, then: vaguemestre deposits release {id}"
        ).format(name=row["name"], reason=reason, id=row["id"]),
        deposit=row["id"],
    )
