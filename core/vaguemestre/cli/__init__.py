"""The command line: the root command, its global options, and where each command is.

Commands are modules of this package, imported when they are called. Whatever a command raises
becomes one clear line and an exit code (`failures.py`).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from vaguemestre.cli.failures import told
from vaguemestre.cli.lazy import LazyGroup
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, option
from vaguemestre.locale import LANGUAGES, set_language

LANGUAGE = "VAGUEMESTRE_LOCALE"
DEBUG = "VAGUEMESTRE_DEBUG"

COMMANDS = {
    "demo": ("demo:demo", N_("Show the whole way of a declaration, on this machine only.")),
    "run": ("daemon:run", N_("Run the service in the foreground.")),
    "config": ("configuration:config", N_("Check or show the configuration.")),
    "check": ("check:check", N_("Check declaration files; nothing is sent.")),
    "deposits": ("deposits:deposits", N_("List, show and act on deposits.")),
    "returns": ("returns:returns", N_("List, show and export what the platforms answered.")),
    "send": ("asking:send", N_("Ask the running service to send now.")),
    "receive": ("asking:receive", N_("Ask the running service to collect returns now.")),
    "update": (
        "asking:update",
        N_("Ask the running service to bring a platform's own software (SOFiE) up to date now."),
    ),
    "profiles": ("profiles:profiles", N_("List profiles, test their connection.")),
    "secrets": ("secrets:secrets", N_("Keep the credentials in the vault.")),
    "notices": ("notices:notices", N_("List what people were told.")),
    "plugins": ("plugins:plugins", N_("List the installed plugins.")),
    "doctor": ("doctor:doctor", N_("Examine the whole deployment and say what to do.")),
}

PROMISED = {"simulate": N_("Simulated platforms, to try and to test with.")}


class Root(LazyGroup):
    """The root command."""

    def invoke(self, ctx: click.Context) -> Any:
        with told(debug=bool(ctx.params["debug"])):
            return super().invoke(ctx)


@click.group(
    name="vaguemestre",
    cls=Root,
    words=(),
    context_settings={"help_option_names": ["-h", "--help"]},
    lazy={name: (f"vaguemestre.cli.{at}", line) for name, (at, line) in COMMANDS.items()},
    promised=PROMISED,
    help=N_(
        "Deposits payroll declarations, proves that they arrived, brings every answer back.\n\n"
        "Exit codes: 0 done, 1 the thing asked about is not well, 2 usage or configuration, "
        "3 internal."
    ),
)
@option(
    "-c",
    "--config",
    "named",
    metavar=N_("FILE"),
    type=click.Path(path_type=Path),
    help=N_("The configuration. Default: $VAGUEMESTRE_CONFIG, then vaguemestre.toml here."),
)
@option("--debug", is_flag=True, envvar=DEBUG, help=N_("Show details of what goes wrong."))
@click.version_option(package_name="vaguemestre", message="%(prog)s %(version)s")
@pass_site
def root(site: Site, *, named: Path | None, debug: bool) -> None:
    site.choose(named)
    site.speak()
    if debug:
        _log_everything()


def _log_everything() -> None:
    from vaguemestre.config import LogConfig
    from vaguemestre.logs import configure

    configure(LogConfig(level="DEBUG"))


def main() -> NoReturn:
    """The console script."""
    wanted = os.environ.get(LANGUAGE, "")
    if wanted in LANGUAGES:
        set_language(wanted)
    # Names of files and consoles hold what an encoding may not know: shown, never fatal.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    # What is logged by plugins is for the daemon; commands say by themselves what went wrong.
    os.environ.setdefault("LOGURU_AUTOINIT", "False")
    root.main(prog_name="vaguemestre")
