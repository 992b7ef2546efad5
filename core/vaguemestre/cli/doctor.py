"""`vaguemestre doctor`: the whole deployment examined, each thing with what to do."""

from __future__ import annotations

from collections.abc import Sequence

import click
import msgspec

from vaguemestre.cli.failures import NOT_WELL
from vaguemestre.cli.output import Cell, Column, print_json, print_table
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, Command, json_option
from vaguemestre.doctor import examine
from vaguemestre.locale import _
from vaguemestre.model import Examined, Status
from vaguemestre.redaction import redact

COLOURS = {Status.OK: "green", Status.WARNING: "dark_orange", Status.ERROR: "red"}


@click.command(
    name="doctor",
    cls=Command,
    help=N_(
        "Examine configuration, plugins, folders, disk, store, vault and profiles, and say what to "
        "do. Ends with 1 if something is an error."
    ),
)
@json_option
@pass_site
def doctor(site: Site, *, as_json: bool) -> None:
    found = examine(site.file, site.registry)
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
    else:
        print_examined(found)
    if any(one.status is Status.ERROR for one in found):
        click.get_current_context().exit(NOT_WELL)


def print_examined(found: Sequence[Examined]) -> None:
    """A table of what was examined, each thing with what to do."""
    words = {Status.OK: _("well"), Status.WARNING: _("attention"), Status.ERROR: _("error")}
    columns = (Column(""), Column(_("Examined")), Column(_("Found, and what to do")))
    rows = [
        (
            Cell(words[d.status], COLOURS[d.status]),
            d.subject,
            "\n".join(filter(None, [redact(d.message), d.advice])),
        )
        for d in found
    ]
    print_table(columns, rows, empty="")
