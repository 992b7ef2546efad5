"""`vaguemestre returns`: what the platforms answered, listed, shown, written to files."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
import trio

from vaguemestre.cli.asking import ask
from vaguemestre.cli.deposit_page import print_returns
from vaguemestre.cli.export import export
from vaguemestre.cli.failures import Misuse, NotWell
from vaguemestre.cli.lazy import LazyGroup
from vaguemestre.cli.output import print_json
from vaguemestre.cli.period import day_options, day_start, next_day
from vaguemestre.cli.reading import print_summary, read_, rendered
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, argument, json_option, option
from vaguemestre.collect import announcement_of
from vaguemestre.deployment import Deployment
from vaguemestre.files import write_durably
from vaguemestre.locale import _
from vaguemestre.model import Document, ReturnSummary
from vaguemestre.outcomes import read_document
from vaguemestre.store import deposits, documents, listings
from vaguemestre.store.engine import Session


@click.group(
    name="returns", cls=LazyGroup, help=N_("List, show and export what the platforms answered.")
)
def returns() -> None:
    pass


returns.add_command(read_)
returns.add_command(export)


@returns.command(name="list", help=N_("List returns, the newest last."))
@option("--deposit", type=int, default=0, metavar=N_("ID"), help=N_("Only of this deposit."))
@option("--reference", default="", metavar=N_("REFERENCE"), help=N_("Only for this reference."))
@option("--nature", default="", metavar=N_("NATURE"), help=N_("Only of this nature, such as 11."))
@option("--status", default="", metavar=N_("STATUS"), help=N_("Only with this status: OK, KO…"))
@day_options
@json_option
@pass_site
def list_(
    site: Site,
    /,
    *,
    since: datetime | None,
    until: datetime | None,
    as_json: bool,
    **wanted: Any,
) -> None:
    filters = listings.ReturnFilter(after=day_start(since), before=next_day(until), **wanted)
    with site.open() as deployment:
        found = deployment.store.read_now(lambda s: listings.returns(s, filters))
    if as_json:
        print_json(listings.as_contract(found))
    else:
        print_returns(found)


@returns.command(name="show", help=N_("Show what a return says."))
@argument("number", type=int, metavar=N_("ID"))
@option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=N_("PATH"),
    help=N_("Write the document there, as it came."),
)
@json_option
@pass_site
def show_(site: Site, *, number: int, save: Path | None, as_json: bool) -> None:
    with site.open() as deployment:
        row, content, _deposit = deployment.store.read_now(partial(_document, number=number))
        summary = _summary(deployment, row, content)
        if save is not None:
            _write(save, _content(row, content))
    name = row["path"] or row["reference"]
    shown = rendered(str(name), summary)
    if as_json:
        facts = ("fetch", "label", "media_type", "published_at", "received_at", "sha256", "path")
        print_json(
            {
                "id": row["id"],
                "deposit": row["deposit_id"],
                "platform": row["platform"],
                **{key: value for key, value in shown.items() if key != "file"},
                **{key: row[key] for key in facts},
            }
        )
    else:
        print_summary(shown, label=summary.label or row["label"], advice=summary.advice)
        if content is None:
            click.echo(_missing(row))


@returns.command(name="fetch", help=N_("Ask the running service for the returns of a deposit now."))
@argument("deposit", type=int, metavar=N_("DEPOSIT"))
@option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=60.0,
    metavar=N_("SECONDS"),
    help=N_("How long to wait for the answer; 60 by default."),
)
@json_option
@pass_site
def fetch(site: Site, *, deposit: int, timeout: float, as_json: bool) -> None:
    ask(site, "fetch", str(deposit), timeout, as_json=as_json)


def _document(
    session: Session, *, number: int
) -> tuple[sqlite3.Row, bytes | None, sqlite3.Row | None]:
    """The return's row, its bytes and its deposit, None for what there is not."""
    row = session.sql.return_get(session.connection, id=number)
    if row is None:
        raise NotWell(_("there is no return {number}").format(number=number))
    content = documents.get(session, row["sha256"]) if row["sha256"] else None
    deposit = deposits.get(session, row["deposit_id"]) if row["deposit_id"] else None
    return row, content, deposit


def _content(row: sqlite3.Row, content: bytes | None) -> bytes:
    if content is None:
        raise NotWell(_missing(row))
    return content


def _missing(row: sqlite3.Row) -> str:
    reasons = {
        "pending": _("its document was not fetched yet"),
        "gone": _("the platform no longer has its document"),
        "refused": _("its document was not fetched, for safety: see vaguemestre notices list"),
    }
    return _("return {number}: {reason}").format(
        number=row["id"], reason=reasons.get(row["fetch"], row["fetch"])
    )


def _summary(deployment: Deployment, row: sqlite3.Row, content: bytes | None) -> ReturnSummary:
    """What the readers say today, with the listing's word where they are silent."""
    announcement = announcement_of(row)
    if content is None:
        return ReturnSummary(
            family=row["family"],
            nature=row["nature"],
            status=row["status"] or "unknown",
            organism=row["organism"] or row["author"],
            reference=row["reference"],
        )
    document = Document(content=content, media_type=row["media_type"], name=row["name"])
    return trio.run(read_document, deployment.registry, document, announcement)


def _write(target: Path, content: bytes) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_durably(target, content)
    except OSError as error:
        raise Misuse(
            _("{file} cannot be written: {error}").format(file=target, error=error.strerror)
        ) from error
