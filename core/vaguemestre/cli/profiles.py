"""`vaguemestre profiles`: where each profile is valid, and whether its platform answers."""

from __future__ import annotations

import sqlite3
from typing import Any

import click
import msgspec
import trio

from vaguemestre.cli.doctor import print_examined
from vaguemestre.cli.failures import NOT_WELL, Misuse
from vaguemestre.cli.lazy import LazyGroup
from vaguemestre.cli.output import Cell, Column, print_json, print_table, printable, time_of
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, argument, json_option, option
from vaguemestre.config import ProfileConfig
from vaguemestre.contracts import Adapter
from vaguemestre.deployment import Deployment
from vaguemestre.errors import VaguemestreError
from vaguemestre.locale import _
from vaguemestre.model import ConnectionReport, Profile
from vaguemestre.redaction import redact
from vaguemestre.scopes import Place, overview
from vaguemestre.store.engine import Session


@click.group(name="profiles", cls=LazyGroup, help=N_("List profiles, test their connection."))
def profiles() -> None:
    pass


@profiles.command(name="list", help=N_("List profiles with their scope, the most specific first."))
@json_option
@pass_site
def list_(site: Site, *, as_json: bool) -> None:
    with site.open() as deployment:
        suspended = {r["account"]: r for r in deployment.store.read_now(_suspensions)}
        secrets = {r["name"]: r["updated_at"] for r in deployment.store.read_now(_secrets)}
        places = overview(deployment.config.profile, deployment.registry.adapters)
        accounts = {p.name: deployment.account_of(p) for p in deployment.config.profile}
    found = [
        _facts(place, suspended.get(accounts[place.profile.name]), secrets) for place in places
    ]
    if as_json:
        print_json(found)
        return
    columns = (
        Column(_("Profile")),
        Column(_("Platform")),
        Column(_("Valid for")),
        Column(_("Carries")),
        Column(_("Credential")),
    )
    rows = [
        (
            profile["name"],
            f"{profile['platform']}\n{_mode(profile['mode'])}",
            f"{_scope(profile['scope'])}\n{_hidden(profile['hides'])}".rstrip(),
            ", ".join(profile["modules"]),
            _credential(profile),
        )
        for profile in found
    ]
    print_table(columns, rows, empty=_("No profile is configured."))


@profiles.command(
    name="test",
    help=N_(
        "Test a profile: authenticate at the platform, deposit nothing. Success lifts the "
        "suspension of a refused credential."
    ),
)
@argument("name", metavar=N_("NAME"))
@option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    metavar=N_("SECONDS"),
    help=N_("How long to wait for the platform; 60 by default."),
)
@json_option
@pass_site
def test_(site: Site, *, name: str, timeout: float, as_json: bool) -> None:
    with site.open() as deployment:
        profile = _named(deployment, name)
        built, _since = deployment.build_profile(profile)
        adapter = deployment.registry.adapters[profile.platform]
        report = trio.run(_check, adapter, built, timeout)
        if report.ok:
            deployment.store.write_now(
                lambda s: s.sql.suspension_lift(
                    s.connection, account=deployment.account_of(profile)
                )
            )
    message = redact(report.message)
    if as_json:
        print_json(
            {
                "profile": name,
                "platform": profile.platform,
                "ok": report.ok,
                "message": message,
                "evidence": report.evidence,
                "examined": [msgspec.to_builtins(one) for one in report.examined],
            }
        )
    else:
        verdict = _("{profile}: connected.") if report.ok else _("{profile}: not connected.")
        text = f"{verdict.format(profile=name)} {printable(message)}".rstrip()
        if report.examined:
            print_examined(report.examined)
        click.secho(text, fg="green" if report.ok else "red")
    if not report.ok:
        click.get_current_context().exit(NOT_WELL)


async def _check(kind: type[Adapter], profile: Profile, timeout: float) -> ConnectionReport:
    """The adapter's own report; whatever it raises is a report too."""
    try:
        async with kind(profile) as adapter:
            with trio.fail_after(timeout):
                return await adapter.check()
    except trio.TooSlowError:
        message = _("The platform did not answer within {seconds} s.").format(
            seconds=f"{timeout:g}"
        )
        return ConnectionReport(ok=False, message=message)
    except VaguemestreError as error:
        return ConnectionReport(ok=False, message=str(error))
    except Exception as error:  # noqa: BLE001 - an adapter may fail in any way
        message = _("The adapter failed ({error}).").format(error=type(error).__name__)
        return ConnectionReport(ok=False, message=message)


def _named(deployment: Deployment, name: str) -> ProfileConfig:
    profile = deployment.profile(name)
    if profile is None:
        names = ", ".join(p.name for p in deployment.config.profile) or "-"
        raise Misuse(
            _("there is no profile named {name}; there are: {names}").format(name=name, names=names)
        )
    return profile


def _suspensions(session: Session) -> list[sqlite3.Row]:
    return list(session.sql.suspensions_all(session.connection))


def _secrets(session: Session) -> list[sqlite3.Row]:
    return list(session.sql.secrets_all(session.connection))


def _facts(place: Place, stop: sqlite3.Row | None, secrets: dict[str, str]) -> dict[str, Any]:
    profile = place.profile
    current = secrets.get(profile.credential, "")
    holds = stop is not None and stop["secret_updated_at"] == current
    return {
        "name": profile.name,
        "platform": profile.platform,
        "mode": profile.mode,
        "scope": {"level": place.level.name.lower(), "value": place.value},
        "modules": list(place.modules),
        "hides": list(place.hides),
        "credential": profile.credential,
        "credential_set_at": current or None,
        "suspended_since": stop["since"] if holds and stop else None,
        "suspended_reason": stop["reason"] if holds and stop else None,
    }


def _mode(mode: str) -> str:
    return _("for tests") if mode == "test" else ""


def _hidden(names: list[str]) -> str:
    return _("before {names}").format(names=", ".join(names)) if names else ""


def _scope(scope: dict[str, str]) -> str:
    words = {
        "application": _("everything"),
        "directory": _("directory"),
        "company": _("company"),
        "dossier": _("establishment"),
    }
    return f"{words[scope['level']]} {scope['value']}".rstrip()


def _credential(profile: dict[str, Any]) -> Cell:
    if not profile["credential"]:
        return Cell(_("none needed"))
    if profile["credential_set_at"] is None:
        return Cell(f"{profile['credential']}\n" + _("is not set"), "red")
    if profile["suspended_since"]:
        since = _("refused on {time}").format(time=time_of(profile["suspended_since"]))
        return Cell(f"{profile['credential']}\n{since}", "red")
    return Cell(profile["credential"])
