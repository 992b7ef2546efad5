"""`vaguemestre demo`: the whole way of a declaration against a simulated platform."""

from __future__ import annotations

import click

from vaguemestre import demo as scenario
from vaguemestre.cli.speech import N_, Command, json_option, option


@click.command(
    name="demo",
    cls=Command,
    help=N_(
        "Show the whole way of a declaration in a temporary deployment against a simulated "
        "platform. Nothing leaves this machine."
    ),
)
@option("--stay", is_flag=True, help=N_("Leave it running at the end, until Ctrl+C."))
@json_option
def demo(*, stay: bool, as_json: bool) -> None:
    click.get_current_context().exit(scenario.run(stay=stay, as_json=as_json))
