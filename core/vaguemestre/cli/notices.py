"""`vaguemestre notices`: what people were told."""

from __future__ import annotations

import click

from vaguemestre.cli.lazy import LazyGroup
from vaguemestre.cli.output import Cell, Column, print_json, print_table, time_of
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, json_option, option
from vaguemestre.locale import _
from vaguemestre.model import Level
from vaguemestre.store import listings

COLOURS = {Level.INFO: "", Level.WARNING: "dark_orange", Level.ERROR: "red"}


@click.group(name="notices", cls=LazyGroup, help=N_("List what people were told."))
def notices() -> None:
    pass


@notices.command(name="list", help=N_("List notices, the newest last."))
@option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    metavar=N_("NUMBER"),
    help=N_("Only the newest; 100 by default."),
)
@json_option
@pass_site
def list_(site: Site, *, limit: int, as_json: bool) -> None:
    with site.open() as deployment:
        found = deployment.store.read_now(lambda s: listings.notices(s, limit))
    if as_json:
        print_json(found)
        return
    words = {Level.INFO: _("information"), Level.WARNING: _("warning"), Level.ERROR: _("error")}
    columns = (Column(_("Last time")), Column(_("Level")), Column(_("Notice")))
    rows = [
        (
            time_of(notice["updated_at"]),
            Cell(words[Level(notice["level"])], COLOURS[Level(notice["level"])]),
            f"{notice['title']}{_times(notice['count'])}\n{notice['text']}",
        )
        for notice in found
    ]
    print_table(columns, rows, empty=_("No notice."))


def _times(count: int) -> str:
    return " " + _("({count} times)").format(count=count) if count > 1 else ""
