"""`vaguemestre returns read`: loose return documents, read by the installed plugins."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
import trio

from vaguemestre.cli.check import read_all
from vaguemestre.cli.failures import NOT_WELL
from vaguemestre.cli.findings import as_contract, print_findings
from vaguemestre.cli.output import Column, print_fields, print_json, print_table, print_title
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, Command, argument, json_option
from vaguemestre.locale import _
from vaguemestre.model import Document, ReturnSummary
from vaguemestre.outcomes import UNREAD, read_document

#: Rows of a table, and letters of a text in it, that are shown at a terminal.
MOST_ROWS, LONGEST_CELL = 50, 48


@click.command(
    name="read",
    cls=Command,
    help=N_(
        "Read return documents from files; no configuration is needed. Ends with 1 if no plugin "
        "knows one of them."
    ),
)
@argument("files", nargs=-1, required=True, metavar=N_("FILE..."), type=click.Path(path_type=Path))
@json_option
@pass_site
def read_(site: Site, *, files: tuple[Path, ...], as_json: bool) -> None:
    payloads = read_all(files)
    shown = []
    for file in files:
        media_type = mimetypes.guess_type(file.name)[0] or ""
        document = Document(content=payloads[file], media_type=media_type, name=file.name)
        summary = trio.run(read_document, site.registry, document, None)
        shown.append(rendered(str(file), summary))
        if not as_json:
            click.secho(str(file), bold=True)
            print_summary(shown[-1], label=summary.label, advice=summary.advice)
    if as_json:
        print_json(shown)
    if any(summary["family"] == UNREAD for summary in shown):
        click.get_current_context().exit(NOT_WELL)


def rendered(file: str, summary: ReturnSummary) -> dict[str, Any]:
    """A summary as the JSON contract has it."""
    return {
        "file": file,
        "family": summary.family,
        "nature": summary.nature,
        "status": summary.status,
        "organism": summary.organism,
        "reference": summary.reference,
        "findings": [as_contract(finding) for finding in summary.findings],
        "tables": msgspec.to_builtins(summary.tables),
    }


def print_summary(shown: dict[str, Any], *, label: str, advice: str = "") -> None:
    if shown["family"] == UNREAD:
        click.echo(_("No installed plugin knows this document."))
    print_fields(
        [
            (_("Return"), label),
            (_("Nature"), shown["nature"]),
            (_("Status"), shown["status"]),
            (_("Organism"), shown["organism"]),
            (_("Reference"), shown["reference"]),
            (_("To do"), advice),
        ]
    )
    if shown["findings"]:
        print_title(_("Findings"))
        print_findings(shown["findings"])
    for name, rows in shown["tables"].items():
        print_rows(name, rows)


def print_rows(name: str, rows: Sequence[Mapping[str, str]]) -> None:
    """A table for a terminal: what is the same in all rows is said once, long texts are cut."""
    print_title(name)
    titles = list(dict.fromkeys(key for row in rows for key in row))
    alike = [t for t in titles if len(rows) > 1 and len({row.get(t, "") for row in rows}) == 1]
    print_fields([(title, rows[0][title]) for title in alike])
    shown = [title for title in titles if title not in alike]
    columns = [Column(title) for title in shown]
    lines = [[_cut(str(row.get(t, ""))) for t in shown] for row in rows[:MOST_ROWS]]
    print_table(columns, lines, empty="-")
    if len(rows) > MOST_ROWS:
        more = _("and {number} more: --json gives them all")
        click.echo(more.format(number=len(rows) - MOST_ROWS))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
