"""`vaguemestre returns export`: documents of returns, or the tables that stand in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any

import click
import trio
from msgspec import Struct

from vaguemestre.cli.failures import Misuse, NotWell
from vaguemestre.cli.output import print_json
from vaguemestre.cli.period import DAY, day_start, next_day
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, Command, argument, json_option, option
from vaguemestre.collect import announcement_of
from vaguemestre.deployment import Deployment
from vaguemestre.exporting import Entry, Form, write_archive, write_table
from vaguemestre.files import stream_durably, write_durably
from vaguemestre.inbox import ending, place, safe
from vaguemestre.locale import _
from vaguemestre.model import Document
from vaguemestre.outcomes import read_document
from vaguemestre.store import deposits, documents
from vaguemestre.store.engine import Session

#: The table of a nature that a return says most by, for natures with several.
TABLES = {"94": "pas_rates", "95": "pas_corrections", "118": "effectifs", "34": "at_rates"}
#: Returns that are looked up at once.
BATCH = 50
CSV, JSON, DOCUMENTS = "csv", "json", "documents"


class Wanted(Struct, frozen=True):
    """Which returns: as `returns_to_export` takes them."""

    ids: tuple[int, ...]
    nature: str
    profile: str
    company: str
    period: str
    after: str
    before: str


@click.command(
    name="export",
    cls=Command,
    help=N_(
        "Write returns into files: their documents into a folder or a ZIP, or the tables that "
        "stand in them (tax rates of employees, for payroll) as CSV or JSON. The latest version "
        "of each. Ends with 1 if there is none."
    ),
)
@argument("numbers", nargs=-1, type=int, metavar=N_("ID..."))
@option("--nature", default="", metavar=N_("NATURE"), help=N_("Only of this nature, such as 94."))
@option("--profile", default="", metavar=N_("PROFILE"), help=N_("Only of this profile."))
@option(
    "--company", default="", metavar="SIREN|SIRET", help=N_("Only of this company, or this place.")
)
@option("--period", default="", metavar=N_("YYYY-MM"), help=N_("Only of this declared month."))
@option("--from", "since", type=DAY, metavar=N_("DAY"), help=N_("Arrived from this day on."))
@option("--until", type=DAY, metavar=N_("DAY"), help=N_("Arrived up to this day, included."))
@option(
    "--format",
    "kind",
    type=click.Choice([DOCUMENTS, CSV, JSON]),
    default=DOCUMENTS,
    help=N_("What to write; the documents as they came by default."),
)
@option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar=N_("FOLDER"),
    help=N_("Documents: into this folder, made if it is missing."),
)
@option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=N_("FILE"),
    help=N_("Into this file: a ZIP of documents, or a table."),
)
@option(
    "--by",
    type=click.Choice(["month", "company", "selection"]),
    default="month",
    help=N_("Folders of the ZIP; one for each month by default."),
)
@option("--table", default="", metavar=N_("TABLE"), help=N_("Which table, if there are several."))
@option(
    "--encoding",
    default="utf-8-sig",
    metavar=N_("ENCODING"),
    help=N_("Letters of a CSV: utf-8-sig by default, cp1252 for old programs."),
)
@option("--decimal", type=click.Choice([".", ","]), default=".", help=N_("Decimal sign of a CSV."))
@json_option
@pass_site
def export(
    site: Site,
    /,
    *,
    numbers: tuple[int, ...],
    since: datetime | None,
    until: datetime | None,
    kind: str,
    folder: Path | None,
    output: Path | None,
    as_json: bool,
    **more: Any,
) -> None:
    filters = {name: more[name] for name in ("nature", "profile", "company", "period")}
    wanted = Wanted(ids=numbers, after=day_start(since), before=next_day(until), **filters)
    if not numbers and not any(filters.values()):
        raise Misuse(_("say which returns: their numbers, --nature, --company or --period"))
    if (folder is None) == (output is None) or (folder is not None and kind != DOCUMENTS):
        raise Misuse(
            _("say where to: --to FOLDER for documents, --output FILE for a ZIP or a table")
        )
    with site.open() as deployment:
        _exist(deployment, numbers)
        if folder is not None:
            written = _to_folder(deployment, wanted, folder)
        elif kind == DOCUMENTS:
            written = _to_archive(deployment, wanted, _file(output), more["by"])
        else:
            form = Form(kind, _encoding(more["encoding"]), more["decimal"])
            written = _to_table(deployment, wanted, _file(output), form, more["table"])
    if as_json:
        print_json(written)
    else:
        _tell(written, output)


def _tell(written: list[dict[str, Any]], output: Path | None) -> None:
    if output is None:
        click.echo("\n".join(str(entry["path"]) for entry in written))
        return
    (total,) = written
    text = (
        _("Written: {path} (rows: {rows}, returns: {returns})")
        if "rows" in total
        else _("Written: {path} (documents: {documents})")
    )
    click.echo(text.format(**total))


def _file(output: Path | None) -> Path:
    assert output is not None  # noqa: S101 - checked with the other options
    return output


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError as error:
        raise Misuse(_("there is no encoding {name}").format(name=name)) from error
    return name


# -- which returns


def _rows(deployment: Deployment, wanted: Wanted) -> Iterator[sqlite3.Row]:
    after = 0
    while found := deployment.store.read_now(partial(_next_rows, wanted=wanted, after=after)):
        yield from found
        after = found[-1]["id"]


def _next_rows(session: Session, *, wanted: Wanted, after: int) -> list[sqlite3.Row]:
    return list(
        session.sql.returns_to_export(
            session.connection,
            after_id=after,
            ids=f" {' '.join(map(str, wanted.ids))} " if wanted.ids else "",
            nature=wanted.nature,
            profile=wanted.profile,
            company=wanted.company,
            period=wanted.period,
            after=wanted.after,
            before=wanted.before,
            limit=BATCH,
        )
    )


def _exist(deployment: Deployment, numbers: tuple[int, ...]) -> None:
    """Whoever asks for single returns is told of each that cannot be written."""

    def look(session: Session) -> None:
        for number in numbers:
            row = session.sql.return_get(session.connection, id=number)
            if row is None:
                raise NotWell(_("there is no return {number}").format(number=number))
            if row["fetch"] != "stored":
                raise NotWell(_("return {number}: its document is not here").format(number=number))

    deployment.store.read_now(look)


def _content(deployment: Deployment, row: sqlite3.Row) -> bytes:
    return deployment.store.read_now(lambda session: documents.get(session, row["sha256"]))


# -- where to


def _to_folder(deployment: Deployment, wanted: Wanted, folder: Path) -> list[dict[str, Any]]:
    written = []
    for row in _rows(deployment, wanted):
        content = _content(deployment, row)
        deposit = deployment.store.read_now(partial(_deposit, row=row))
        target = folder / place(row, deposit, content).name
        _write(target, lambda content=content, target=target: write_durably(target, content))  # type: ignore[misc]
        written.append({"id": row["id"], "path": str(target)})
    return written or _nothing()


def _deposit(session: Session, *, row: sqlite3.Row) -> sqlite3.Row | None:
    return deposits.get(session, row["deposit_id"]) if row["deposit_id"] else None


def _to_archive(
    deployment: Deployment, wanted: Wanted, target: Path, by: str
) -> list[dict[str, Any]]:
    counted = [0]

    def write(stream: IO[bytes]) -> None:
        entries = (_entry(deployment, row, by) for row in _rows(deployment, wanted))
        counted[0] = write_archive(entries, stream)
        if not counted[0]:
            _nothing()

    _write(target, lambda: stream_durably(target, write, mode=0o600))
    return [{"documents": counted[0], "path": str(target)}]


def _entry(deployment: Deployment, row: sqlite3.Row, by: str) -> Entry:
    """A document named by the person that it is about, or by what it is."""
    content = _content(deployment, row)
    folders = {
        "month": row["period"] or str(row["published_at"] or row["received_at"])[:7],
        "company": row["company"] or row["issuer"] or row["profile"],
        "selection": "",
    }
    folder = folders[by]
    name = _person(deployment, row) or f"{row['nature']} {row['label']} {row['reference']}"
    return Entry(safe(folder, 60) if folder else "", safe(name, 120), ending(row, content), content)


def _person(deployment: Deployment, row: sqlite3.Row) -> str:
    """The only person of the declaration that was deposited; "" if it has none, or several."""
    deposit = deployment.store.read_now(partial(_deposit, row=row))
    form = deployment.registry.formats.get(deposit["kind"]) if deposit is not None else None
    if deposit is None or form is None:
        return ""
    payload = deployment.store.read_now(lambda s: documents.get(s, deposit["sha256"]))
    people = list(islice(form.people(payload), 2))
    if len(people) != 1:
        return ""
    names = [people[0].get(key, "") for key in ("family_name", "given_names")]
    number = people[0].get("matricule", "")
    return " ".join([*filter(None, names), f"({number})" if number else ""]).strip()


def _to_table(
    deployment: Deployment, wanted: Wanted, target: Path, form: Form, table: str
) -> list[dict[str, Any]]:
    counted = {"rows": 0, "returns": 0}

    def rows() -> Iterator[dict[str, str]]:
        for row in _rows(deployment, wanted):
            found = _table(deployment, row, table)
            counted["returns"] += bool(found)
            origin = {name: str(row[column] or "") for name, column in _ORIGIN.items()}
            origin["organism"] = origin["organism"] or row["author"]
            yield from ({**origin, **one} for one in found)

    def write(stream: IO[bytes]) -> None:
        counted["rows"] = write_table(rows(), stream, form)
        if not counted["rows"]:
            _nothing()

    _write(target, lambda: stream_durably(target, write, mode=0o600))
    return [{**counted, "path": str(target)}]


_ORIGIN = {
    "deposit": "deposit_id",
    "issuer": "issuer",
    "period": "period",
    "organism": "organism",
    "reference": "reference",
    "published_at": "published_at",
}


def _table(deployment: Deployment, row: sqlite3.Row, name: str) -> list[dict[str, str]]:
    """The rows of one return, as its reader understands it today."""
    document = Document(
        content=_content(deployment, row), media_type=row["media_type"], name=row["name"]
    )
    summary = trio.run(read_document, deployment.registry, document, announcement_of(row))
    wanted = name or TABLES.get(row["nature"], "")
    if wanted:
        return summary.tables.get(wanted, [])
    if len(summary.tables) > 1:
        raise Misuse(
            _("return {number} has several tables ({names}): choose one with --table").format(
                number=row["id"], names=", ".join(summary.tables)
            )
        )
    return next(iter(summary.tables.values()), [])


def _nothing() -> list[dict[str, Any]]:
    raise NotWell(_("there is no such return, or nothing in it to write; no file was made"))


def _write(target: Path, write: Callable[[], None]) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write()
    except UnicodeEncodeError as error:
        letter = error.object[error.start : error.end]
        raise Misuse(
            _("the encoding {name} has no letter {letter}: choose utf-8-sig").format(
                name=error.encoding, letter=letter
            )
        ) from error
    except OSError as error:
        raise Misuse(
            _("{file} cannot be written: {error}").format(file=target, error=error.strerror)
        ) from error
