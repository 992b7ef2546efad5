"""`vaguemestre deposits release|hold|recheck|retry|withdraw|checked`: what people decide.

Each deposit is decided on its own: one that cannot be does not keep the others back. The service
needs not run; when it runs, it notices.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import click
import msgspec

from vaguemestre.cli.failures import NOT_WELL
from vaguemestre.cli.lazy import LazyGroup
from vaguemestre.cli.output import print_json
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, argument, json_option, option
from vaguemestre.decisions import NotPossible, decide, who
from vaguemestre.deployment import Deployment
from vaguemestre.lifecycle import Event, State
from vaguemestre.locale import _
from vaguemestre.store import listings
from vaguemestre.store.engine import Session
from vaguemestre.words import state_word

ACTIONS = {
    "hold": (Event.HOLD, N_("Hold deposits that are ready, until they are released.")),
    "recheck": (Event.RECHECK, N_("Control rejected deposits again.")),
    "retry": (Event.RETRY, N_("Send deposits again that failed technically.")),
    "withdraw": (Event.WITHDRAW, N_("Withdraw deposits: they are not sent any more.")),
    "checked": (Event.CHECKED, N_("Say that the anomalies of deposits were checked.")),
}


def add_actions(group: LazyGroup | click.Group) -> None:
    """Add a command for each action."""
    group.add_command(release)
    for name, (event, line) in ACTIONS.items():
        group.command(name=name, help=line)(_action(event))


def _action(event: Event) -> Any:
    @argument("numbers", nargs=-1, required=True, type=int, metavar=N_("ID..."))
    @_note
    @json_option
    @pass_site
    def run(site: Site, *, numbers: tuple[int, ...], note: str, as_json: bool) -> None:
        with site.open() as deployment:
            _apply(deployment, event, numbers, note, as_json=as_json)

    return run


_note = option(
    "--note", default="", metavar=N_("TEXT"), help=N_("The reason, kept and shown with the state.")
)


@click.command(
    name="release",
    cls=LazyGroup.command_class,
    help=N_("Release deposits that wait: those with these numbers, or all that are not doubtful."),
)
@argument("numbers", nargs=-1, type=int, metavar=N_("[ID...]"))
@option(
    "--all",
    "everything",
    is_flag=True,
    help=N_("All that wait to be released, but for suspected duplicates."),
)
@option("--outbox", default="", metavar=N_("NAME"), help=N_("With --all: only of this outbox."))
@_note
@json_option
@pass_site
def release(
    site: Site,
    *,
    numbers: tuple[int, ...],
    everything: bool,
    outbox: str,
    note: str,
    as_json: bool,
) -> None:
    if bool(numbers) == everything:
        raise click.UsageError(_("give the numbers of deposits, or --all"))
    if outbox and not everything:
        raise click.UsageError(_("--outbox goes with --all"))
    with site.open() as deployment:
        if outbox and deployment.outbox(outbox) is None:
            raise click.UsageError(_("there is no outbox named {name}").format(name=outbox))
        if everything:
            numbers = _waiting(deployment, outbox)
        _apply(deployment, Event.RELEASE, numbers, note, as_json=as_json)


def _waiting(deployment: Deployment, outbox: str) -> tuple[int, ...]:
    """What waits for its release. What is doubtful is left out and told: it takes a decision of its
    own, and releasing it by the way would be one that nobody took."""
    wanted = listings.Filter(states=(State.HELD.value,), outbox=outbox)
    held = deployment.store.read_now(lambda s: listings.deposits(s, wanted))
    clear = msgspec.structs.replace(wanted, doubtful=False)
    numbers = [d["id"] for d in deployment.store.read_now(lambda s: listings.deposits(s, clear))]
    for deposit in held:
        if deposit["id"] not in numbers:
            text = _("deposit {id} goes on waiting: {reason}. Release it by its number.")
            click.echo(text.format(id=deposit["id"], reason=deposit["message"]), err=True)
    return tuple(numbers)


def _apply(
    deployment: Deployment, event: Event, numbers: tuple[int, ...], note: str, *, as_json: bool
) -> None:
    outcomes = [_decide(deployment, number, event, note) for number in dict.fromkeys(numbers)]
    if as_json:
        print_json(outcomes)
    else:
        for outcome in outcomes:
            click.echo(outcome["message"], err=not outcome["ok"])
        if not outcomes:
            click.echo(_("Nothing waits."))
    if not all(outcome["ok"] for outcome in outcomes):
        click.get_current_context().exit(NOT_WELL)


def _decide(deployment: Deployment, number: int, event: Event, note: str) -> dict[str, Any]:
    work = partial(_work, number=number, event=event, note=note)
    try:
        state = deployment.store.write_now(work)
    except NotPossible as refusal:
        return {"id": number, "ok": False, "state": None, "message": str(refusal)}
    message = _("deposit {deposit} is now: {state}").format(deposit=number, state=state_word(state))
    return {"id": number, "ok": True, "state": state.value, "message": message}


def _work(session: Session, *, number: int, event: Event, note: str) -> State:
    return decide(session, number, event, by=who(), note=note)
