"""`vaguemestre check`: the autocontrol of loose files, as the service would do it. Sends nothing,
keeps nothing, and needs no configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
import trio

from vaguemestre.cli.failures import NOT_WELL, Misuse
from vaguemestre.cli.findings import print_findings
from vaguemestre.cli.output import print_json, printable
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, Command, argument, json_option
from vaguemestre.errors import DeclarationError
from vaguemestre.examination import blocking, blocks, cut, examine
from vaguemestre.locale import _
from vaguemestre.model import Declaration, Finding
from vaguemestre.plugins import PluginFailure, Registry


@click.command(
    name="check",
    cls=Command,
    help=N_(
        "Check declaration files with the installed plugins; nothing is sent and no configuration "
        "is needed. Ends with 0 if all can be deposited, 1 if a finding blocks one."
    ),
)
@argument("files", nargs=-1, required=True, metavar=N_("FILE..."), type=click.Path(path_type=Path))
@json_option
@pass_site
def check(site: Site, files: tuple[Path, ...], *, as_json: bool) -> None:
    payloads = read_all(files)
    for info in site.registry.plugins:
        if info.error:
            warning = _("Attention: the plugin {name} is left out, its controls are missing: {why}")
            click.echo(warning.format(name=info.name, why=info.error), err=True)
    verdicts = [trio.run(_verdict, site.registry, file, payloads[file]) for file in files]
    if as_json:
        print_json(verdicts)
    else:
        for verdict in verdicts:
            _print(verdict)
    if not all(verdict["depositable"] for verdict in verdicts):
        click.get_current_context().exit(NOT_WELL)


def read_all(files: Sequence[Path]) -> dict[Path, bytes]:
    """The bytes of each file. Raises Misuse that names all that cannot be read."""
    payloads: dict[Path, bytes] = {}
    wrong = []
    for file in files:
        try:
            if file.exists() and not file.is_file():
                wrong.append(_("{file} is not a file").format(file=file))
            else:
                payloads[file] = file.read_bytes()
        except OSError as error:
            wrong.append(
                _("{file} cannot be read: {error}").format(file=file, error=error.strerror)
            )
    if wrong:
        raise Misuse("\n".join(wrong))
    return payloads


async def _verdict(registry: Registry, file: Path, payload: bytes) -> dict[str, Any]:
    """One element of the JSON contract."""
    declaration: Declaration | None = None
    try:
        declaration, findings = await examine(registry, file.name, payload)
        if declaration is not None and declaration.declarations > 1 and not blocks(findings):
            findings += await _examine_parts(registry, file.name, payload, declaration)
    except PluginFailure as failure:
        message = _(
            "The control {name} failed ({cause}): nothing is known about this file. Check it "
            "again; if this repeats, tell the plugin's author."
        ).format(name=failure.plugin, cause=type(failure.__cause__).__name__)
        findings = [blocking("control/failed", message)]
    return {
        "file": str(file),
        "kind": declaration.kind if declaration else "",
        "depositable": not blocks(findings),
        "findings": [as_contract(finding) for finding in findings],
    }


async def _examine_parts(
    registry: Registry, name: str, payload: bytes, declaration: Declaration
) -> list[Finding]:
    """What only shows once the file is cut into its declarations, as it is before a deposit.

    Lines count from the start of a part, so they are left out.
    """
    try:
        parts = await trio.to_thread.run_sync(cut, registry, name, payload, declaration)
    except DeclarationError as error:
        return [blocking("file/split", str(error))]
    found: list[Finding] = []
    for part in parts if len(parts) > 1 else ():
        _declaration, findings = await examine(registry, part.name, part.payload)
        if blocks(findings):
            found += [msgspec.structs.replace(finding, line=None) for finding in findings]
    return found


def as_contract(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "rubrique": finding.rubrique,
        "line": finding.line,
        "value": finding.value,
        "message": finding.message,
    }


def _print(verdict: dict[str, Any]) -> None:
    name = printable(verdict["file"])
    kind = f" ({verdict['kind']})" if verdict["kind"] else ""
    if verdict["depositable"]:
        click.secho(_("{file}: can be deposited").format(file=name) + kind, fg="green")
    else:
        click.secho(_("{file}: cannot be deposited").format(file=name) + kind, fg="red")
    print_findings(verdict["findings"])
