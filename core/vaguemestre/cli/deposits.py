"""`vaguemestre deposits`: where each declaration stands. What people decide is in `actions.py` and
`settle.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from vaguemestre.cli.actions import add_actions
from vaguemestre.cli.deadline import deadline
from vaguemestre.cli.deposit_page import print_deposit
from vaguemestre.cli.failures import NOT_WELL, NotWell
from vaguemestre.cli.foreign import foreign
from vaguemestre.cli.lazy import LazyGroup
from vaguemestre.cli.output import Cell, Column, print_json, print_table
from vaguemestre.cli.period import day_options, day_start, next_day
from vaguemestre.cli.settle import settle
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, argument, json_option, option
from vaguemestre.lifecycle import State
from vaguemestre.locale import _
from vaguemestre.store import listings
from vaguemestre.words import COLOURS, state_word

#: Lines that a person is shown unless they ask for more.
SCREENFUL = 200


@click.group(name="deposits", cls=LazyGroup, help=N_("List, show and act on deposits."))
def deposits() -> None:
    pass


@deposits.command(name="list", help=N_("List deposits, the newest last."))
@option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([s.value for s in State]),
    metavar=N_("STATE"),
    help=N_("Only in this state, such as held or in_doubt; may be repeated."),
)
@option("--kind", default="", metavar=N_("KIND"), help=N_("Only of this format, such as dsn."))
@option("--module", default="", metavar=N_("MODULE"), help=N_("Only of this module."))
@option("--issuer", default="", metavar="SIRET", help=N_("SIRET, SIREN or employer number."))
@option("--period", default="", metavar=N_("YYYY-MM"), help=N_("Only for this month."))
@day_options
@option("--blocking", is_flag=True, help=N_("Only those with blocking findings."))
@option(
    "--limit",
    type=click.IntRange(min=0),
    metavar=N_("NUMBER"),
    help=N_("Only the newest; 0 for all. Default: 200, all with --json."),
)
@json_option
@pass_site
def list_(
    site: Site,
    /,
    *,
    since: datetime | None,
    until: datetime | None,
    issuer: str,
    limit: int | None,
    as_json: bool,
    **wanted: Any,
) -> None:
    if limit is None:
        limit = 0 if as_json else SCREENFUL
    filters = listings.Filter(
        after=day_start(since),
        before=next_day(until),
        issuer="".join(issuer.split()),
        limit=limit or listings.NO_LIMIT,
        **wanted,
    )
    with site.open() as deployment:
        found = deployment.store.read_now(lambda s: listings.deposits(s, filters))
        others = deployment.store.read_now(lambda s: s.sql.foreign_count(s.connection))
    if as_json:
        print_json(found)
        return
    _print(found)
    if others:
        note = _("Deposited by other hands: {count}. See them: vaguemestre deposits foreign")
        click.echo(note.format(count=others), err=True)
    if limit and len(found) == limit:
        note = _("These are the {count} newest; see all with --limit 0.").format(count=limit)
        click.echo(note, err=True)


@deposits.command(
    name="show", help=N_("Show a deposit with its attempts, journal, findings and returns.")
)
@argument("deposit", type=int, metavar=N_("ID"))
@json_option
@pass_site
def show_(site: Site, *, deposit: int, as_json: bool) -> None:
    with site.open() as deployment:
        found = deployment.store.read_now(lambda s: listings.deposit(s, deposit))
    if found is None:
        raise NotWell(_("there is no deposit {deposit}").format(deposit=deposit))
    if as_json:
        print_json({**found, "returns": listings.as_contract(found["returns"])})
    else:
        print_deposit(found)
    if not found["chain"]["intact"]:
        click.get_current_context().exit(NOT_WELL)


add_actions(deposits)
deposits.add_command(settle)
deposits.add_command(foreign)


def _print(found: list[listings.Listed]) -> None:
    columns = (
        Column(_("No."), fixed=True),
        Column(_("State")),
        Column(_("Declaration")),
        Column(_("File, reference, message")),
    )
    rows = []
    for deposit in found:
        state = State(deposit["state"])
        test = _("test") if deposit["test"] else ""
        facts = [deposit["module"], deposit["period"], deposit["issuer"], test]
        details = [file_name(deposit["source"]), deposit["reference"], deposit["message"]]
        details += [deadline(deposit), _replaced(deposit)]
        rows.append(
            (
                str(deposit["id"]),
                Cell(state_word(state), COLOURS[state]),
                "\n".join(filter(None, facts)),
                "\n".join(filter(None, details)),
            )
        )
    print_table(columns, rows, empty=_("No deposit."))


def _replaced(deposit: listings.Listed) -> str:
    if not deposit["replaced_by"]:
        return ""
    text = {
        "replaces": _("Replaced by deposit {id}"),
        "cancels": _("Cancelled by deposit {id}"),
        "corrects": _("Corrected by deposit {id}"),
    }[deposit["replaced_how"]]
    return text.format(id=deposit["replaced_by"])


def file_name(source: str) -> str:
    """The name of a file without its folder, whichever system the path is from."""
    return source.replace("\\", "/").rpartition("/")[2]
