"""`vaguemestre deposits foreign`: what was deposited by other hands, on the portal for instance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from vaguemestre.cli.output import Cell, Column, print_json, print_table, time_of
from vaguemestre.cli.period import day_options, day_start, next_day
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, Command, json_option
from vaguemestre.lifecycle import State
from vaguemestre.locale import _
from vaguemestre.store import foreign as store_foreign
from vaguemestre.words import COLOURS, state_word


@click.command(
    name="foreign",
    cls=Command,
    help=N_(
        "List what the platforms say was deposited by other hands, such as on the portal, the "
        "newest last. Never sent or changed by us; the returns are collected like all others."
    ),
)
@day_options
@json_option
@pass_site
def foreign(
    site: Site, /, *, since: datetime | None, until: datetime | None, as_json: bool
) -> None:
    with site.open() as deployment:
        found = deployment.store.read_now(
            lambda s: store_foreign.foreign(s, after=day_start(since), before=next_day(until))
        )
    if as_json:
        print_json(found)
        return
    columns = (
        Column(_("State")),
        Column(_("Deposited"), fixed=True),
        Column(_("Platform, profile")),
        Column(_("Reference, returns")),
    )
    print_table(columns, [_row(one) for one in found], empty=_("No foreign deposit."))


def _row(one: dict[str, Any]) -> tuple[Cell, str, str, str]:
    state = State(one["state"])
    returns = _("returns: {count}").format(count=one["returns"])
    doubt = _("may be a deposit of ours that is in doubt") if one["perhaps_ours"] else ""
    return (
        Cell(state_word(state), COLOURS[state]),
        time_of(one["recorded_at"]),
        f"{one['platform']}\n{one['profile']}",
        "\n".join(filter(None, [one["reference"], returns, doubt])),
    )
