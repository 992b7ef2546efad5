"""`vaguemestre send`, `receive`, `returns fetch`: what is asked of the running service.

The question is a row in the store; the service answers in it. A service that does not run is said
at once, and one that stops meanwhile too.
"""

from __future__ import annotations

import sqlite3
import time
from functools import partial

import click

from vaguemestre.cli.failures import NotWell
from vaguemestre.cli.output import print_json
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, Command, json_option, option
from vaguemestre.deployment import Deployment
from vaguemestre.locale import _
from vaguemestre.store.engine import Session
from vaguemestre.store.owner import is_owned

#: Seconds between two looks at the answer.
LOOK = 0.1

_profile = option(
    "--profile", default="", metavar=N_("NAME"), help=N_("Only this profile; all by default.")
)
_timeout = option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=60.0,
    metavar=N_("SECONDS"),
    help=N_("How long to wait for the answer; 60 by default."),
)


@click.command(
    name="send",
    cls=Command,
    help=N_("Ask the running service to look at the outboxes and to send what is ready, now."),
)
@_profile
@_timeout
@json_option
@pass_site
def send(site: Site, *, profile: str, timeout: float, as_json: bool) -> None:
    ask(site, "send", profile, timeout, as_json=as_json)


@click.command(
    name="receive", cls=Command, help=N_("Ask the running service to collect returns now.")
)
@_profile
@_timeout
@json_option
@pass_site
def receive(site: Site, *, profile: str, timeout: float, as_json: bool) -> None:
    ask(site, "receive", profile, timeout, as_json=as_json)


@click.command(
    name="update",
    cls=Command,
    help=N_("Ask the running service to bring a platform's own software (SOFiE) up to date now."),
)
@_profile
@_timeout
@json_option
@pass_site
def update(site: Site, *, profile: str, timeout: float, as_json: bool) -> None:
    ask(site, "update", profile, timeout, as_json=as_json)


def ask(site: Site, kind: str, argument: str, timeout: float, *, as_json: bool) -> None:
    """Ask, wait, print the answer. Raises NotWell if none comes, UsageError for a wrong profile."""
    with site.open() as deployment:
        if kind != "fetch" and argument and deployment.profile(argument) is None:
            raise click.UsageError(_("there is no profile named {name}").format(name=argument))
        _require_service(deployment)
        number = deployment.store.write_now(partial(_add, kind=kind, argument=argument))
        answer = _wait(deployment, number, timeout)
    if as_json:
        print_json({"answer": answer})
    else:
        click.echo(answer)


def _add(session: Session, *, kind: str, argument: str) -> int:
    return int(
        session.sql.request_add(session.connection, kind=kind, argument=argument, now=session.now)
    )


def _get(session: Session, *, number: int) -> sqlite3.Row:
    row: sqlite3.Row = session.sql.request_get(session.connection, id=number)
    return row


def _wait(deployment: Deployment, number: int, timeout: float) -> str:
    end = time.monotonic() + timeout
    while True:
        row = deployment.store.read_now(partial(_get, number=number))
        if row["done_at"]:
            return str(row["answer"])
        if time.monotonic() >= end:
            raise NotWell(
                _(
                    "no answer within {seconds} s; the service goes on with it: look at "
                    "vaguemestre deposits list"
                ).format(seconds=f"{timeout:g}")
            )
        _require_service(deployment)
        time.sleep(LOOK)


def _require_service(deployment: Deployment) -> None:
    if not is_owned(deployment.store.path):
        raise NotWell(_("the service does not run on this store; start it with: vaguemestre run"))
