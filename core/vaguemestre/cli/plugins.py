"""`vaguemestre plugins`: what is installed, what it provides, and what was left out."""

from __future__ import annotations

from typing import Any

import click

from vaguemestre.cli.lazy import LazyGroup
from vaguemestre.cli.output import Column, print_json, print_table
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, json_option
from vaguemestre.locale import _
from vaguemestre.plugins import PluginInfo


@click.group(name="plugins", cls=LazyGroup, help=N_("List the installed plugins."))
def plugins() -> None:
    pass


@plugins.command(name="list", help=N_("List the plugins, what they provide, what was left out."))
@json_option
@pass_site
def list_(site: Site, *, as_json: bool) -> None:
    found = [_facts(info) for info in site.registry.plugins]
    if as_json:
        print_json(found)
        return
    columns = (
        Column(_("Plugin"), fixed=True),
        Column(_("Distribution"), fixed=True),
        Column(_("Version"), fixed=True),
        Column(_("Provides")),
    )
    rows = [
        (
            p["name"],
            p["distribution"],
            p["version"],
            _("left out: {error}").format(error=p["error"])
            if p["error"]
            else ", ".join(p["provides"]),
        )
        for p in found
    ]
    print_table(columns, rows, empty=_("No plugin is installed."))


def _facts(info: PluginInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "distribution": info.distribution,
        "version": info.version,
        "provides": list(info.provides),
        "error": info.error,
    }
