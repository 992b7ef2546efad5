"""`vaguemestre deposits settle`: a person says what became of a deposit in doubt, after seeing the
evidence that the service kept, or of a file that was theirs to deposit by hand."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from vaguemestre.cli.deposit_page import compact
from vaguemestre.cli.failures import NotWell
from vaguemestre.cli.output import Column, print_fields, print_json, print_table, time_of
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, Command, argument, json_option, option
from vaguemestre.decisions import settle_absent, settle_deposited, who
from vaguemestre.lifecycle import State
from vaguemestre.locale import _
from vaguemestre.store import listings
from vaguemestre.store.engine import Session
from vaguemestre.words import state_word


@click.command(
    name="settle",
    cls=Command,
    help=N_(
        "Settle a deposit in doubt, or one to be deposited by hand. Without a choice, show the "
        "evidence. Look on the platform's site before you choose."
    ),
)
@argument("deposit", type=int, metavar=N_("ID"))
@option(
    "--deposited",
    "reference",
    metavar=N_("REFERENCE"),
    help=N_("The platform has it, under this reference."),
)
@option("--absent", is_flag=True, help=N_("The platform does not have it: it is sent again."))
@option(
    "--withdraw", is_flag=True, help=N_("With --absent: it is withdrawn instead of sent again.")
)
@option("--note", default="", metavar=N_("TEXT"), help=N_("How this was found out; kept."))
@json_option
@pass_site
def settle(
    site: Site,
    *,
    deposit: int,
    reference: str | None,
    absent: bool,
    withdraw: bool,
    note: str,
    as_json: bool,
) -> None:
    if reference is not None and absent:
        raise click.UsageError(_("give either --deposited or --absent"))
    if withdraw and not absent:
        raise click.UsageError(_("--withdraw goes with --absent"))
    if reference is not None and not reference.strip():
        raise click.UsageError(_("the reference is empty"))
    with site.open() as deployment:
        store = deployment.store
        if reference is None and not absent:
            found = store.read_now(lambda s: listings.deposit(s, deposit))
            _show(_evidence(deposit, found), as_json=as_json)
            return
        work = partial(_settle, deposit=deposit, reference=reference, withdraw=withdraw, note=note)
        state = store.write_now(work)
    message = _("deposit {deposit} is now: {state}").format(
        deposit=deposit, state=state_word(state)
    )
    if as_json:
        print_json({"id": deposit, "ok": True, "state": state.value, "message": message})
    else:
        click.echo(message)


def _settle(
    session: Session, *, deposit: int, reference: str | None, withdraw: bool, note: str
) -> State:
    if reference is not None:
        return settle_deposited(session, deposit, reference.strip(), by=who(), note=note)
    return settle_absent(session, deposit, by=who(), note=note, withdraw=withdraw)


def _evidence(deposit: int, found: dict[str, Any] | None) -> dict[str, Any]:
    """What speaks for either choice: the last attempt, and what the look-ups gave last.

    Raises NotWell if there is nothing to settle.
    """
    if found is None:
        raise NotWell(_("there is no deposit {deposit}").format(deposit=deposit))
    if found["state"] not in (State.IN_DOUBT, State.HANDED_OVER):
        raise NotWell(
            _("deposit {deposit} is: {state}; there is nothing to settle").format(
                deposit=deposit, state=state_word(State(found["state"]))
            )
        )
    asked = [e["data"] for e in found["events"] if "candidates" in e["data"]]
    last = asked[-1] if asked else {}
    return {
        "id": deposit,
        "state": found["state"],
        "source": found["source"],
        "profile": found["profile"],
        "message": found["message"],
        "attempt": found["attempts"][-1],
        "candidates": last.get("candidates", []),
        "evidence": last.get("evidence", {}),
    }


def _show(evidence: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(evidence)
        return
    attempt = evidence["attempt"]
    print_fields(
        [
            (_("Deposit"), str(evidence["id"])),
            (_("State"), state_word(State(evidence["state"]))),
            (_("Message"), evidence["message"]),
            (_("Source"), evidence["source"]),
            (_("Profile"), evidence["profile"]),
            (_("Started"), time_of(attempt["started_at"])),
            (_("Ended"), time_of(attempt["ended_at"])),
            (_("Attempt"), compact(attempt["evidence"])),
            (_("Evidence"), compact(evidence["evidence"])),
        ]
    )
    click.echo()
    if evidence["state"] == State.IN_DOUBT:
        _show_candidates(evidence)
        advice = _(
            "Look on the platform's site, then: vaguemestre deposits settle {id} --deposited "
            "REFERENCE, or --absent"
        )
    else:
        advice = _(
            "Deposited: vaguemestre deposits settle {id} --deposited REFERENCE. Not deposited: "
            "--absent to have the file again, --absent --withdraw to give it up."
        )
    click.echo(advice.format(id=evidence["id"]))


def _show_candidates(evidence: dict[str, Any]) -> None:
    """The deposits that the platform lists and that could be it."""
    columns = (
        Column(_("Reference"), fixed=True),
        Column(_("Recorded by the platform")),
        Column(_("Status")),
    )
    rows = [
        (c["reference"], time_of(c.get("recorded_at")), c.get("status") or "")
        for c in evidence["candidates"]
    ]
    print_table(columns, rows, empty=_("The platform named no deposit that could be it."))
    click.echo()
