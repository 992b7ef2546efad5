"""`vaguemestre config`: check the configuration, show what is in force."""

from __future__ import annotations

import click

from vaguemestre.cli.failures import USAGE
from vaguemestre.cli.lazy import LazyGroup
from vaguemestre.cli.output import print_json
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, json_option
from vaguemestre.config import check, show, to_toml
from vaguemestre.locale import _


@click.group(name="config", cls=LazyGroup, help=N_("Check or show the configuration."))
def config() -> None:
    pass


@config.command(
    name="check",
    help=N_(
        "Find all mistakes of the configuration, each with its line and key. Ends with 0 or 2."
    ),
)
@json_option
@pass_site
def check_(site: Site, *, as_json: bool) -> None:
    problems = check(site.file, site.registry)
    if as_json:
        print_json(
            [
                {"file": str(p.file), "line": p.line, "key": p.key, "message": p.message}
                for p in problems
            ]
        )
    elif problems:
        click.echo("\n".join(str(problem) for problem in problems))
    else:
        click.secho(_("{file}: no mistake").format(file=site.file), fg="green")
    if problems:
        click.get_current_context().exit(USAGE)


@config.command(
    name="show",
    help=N_(
        "Show what is in force: defaults filled in, paths absolute. Secrets do not stand in it."
    ),
)
@json_option
@pass_site
def show_(site: Site, *, as_json: bool) -> None:
    tables = show(site.configuration())
    if as_json:
        print_json(tables)
    else:
        click.echo(to_toml(tables), nl=False)
