"""`vaguemestre run`: the service in the foreground."""

from __future__ import annotations

import click

from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, Command, option
from vaguemestre.daemon import run as run_daemon


@click.command(
    name="run",
    cls=Command,
    help=N_(
        "Run the service in the foreground until it is stopped (SIGTERM, Ctrl+C). It takes files, "
        "checks and deposits them, and brings the answers back."
    ),
)
@option("--log-json", is_flag=True, help=N_("Log JSON lines."))
@pass_site
def run(site: Site, *, log_json: bool) -> None:
    code = run_daemon(site.file, log_json=log_json)
    click.get_current_context().exit(code)
