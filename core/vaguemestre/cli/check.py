"""`vaguemestre check`: the autocontrol of loose files, as the service would do it. Sends nothing,
keeps nothing, and needs no configuration."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec
import trio

from vaguemestre.cli.failures import NOT_WELL, Misuse
from vaguemestre.cli.findings import as_contract, print_findings
from vaguemestre.cli.output import print_json, printable
from vaguemestre.cli.site import Site, pass_site
from vaguemestre.cli.speech import N_, Command, argument, json_option, option
from vaguemestre.contracts import Autocontrol
from vaguemestre.errors import DeclarationError, VaguemestreError
from vaguemestre.examination import blocking, blocks, controls_of, cut, examine, unwrapped
from vaguemestre.files import write_durably
from vaguemestre.locale import _
from vaguemestre.model import Declaration, Finding, Part
from vaguemestre.plugins import PluginFailure, Registry
from vaguemestre.report import Controlled, count_of, page_of

#: Longest value that `--values` shows.
_LONGEST = 120


@click.command(
    name="check",
    cls=Command,
    help=N_(
        "Check declaration files with the installed plugins; nothing is sent and no configuration "
        "is needed. Ends with 0 if all can be deposited, 1 if a finding blocks one."
    ),
)
@argument("files", nargs=-1, required=True, metavar=N_("FILE..."), type=click.Path(path_type=Path))
@option(
    "--html",
    "page",
    metavar=N_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help=N_("Write the report as a page to print or to send, too."),
)
@option("--values", is_flag=True, help=N_("Show the lines in question, personal data included."))
@option("--lot", is_flag=True, help=N_("Control what is inside an organism's lot."))
@json_option
@pass_site
def check(
    site: Site,
    files: tuple[Path, ...],
    *,
    page: Path | None,
    values: bool,
    lot: bool,
    as_json: bool,
) -> None:
    payloads = read_all(files)
    for info in site.registry.plugins:
        if info.error:
            warning = _("Attention: the plugin {name} is left out, its controls are missing: {why}")
            click.echo(warning.format(name=info.name, why=info.error), err=True)
    controls = controls_of(site.registry, site.configuration() if site.named else None)
    controlled = []
    for file in files:
        for name, part in _inside(site.registry, file, payloads[file], lot=lot):
            if isinstance(part, PluginFailure):
                verdict, findings = "", [_failed(part)]
            else:
                verdict, findings = trio.run(_verdict, site.registry, controls, part)
            if values:
                findings = _with_values(findings, payloads[file])
            controlled.append(_Checked(file, name, verdict, not blocks(findings), findings))
    if page is not None:
        _write_page(page, controlled, personal=values)
    if as_json:
        print_json([checked.contract() for checked in controlled])
    else:
        for checked in controlled:
            checked.print()
    if not all(checked.depositable for checked in controlled):
        click.get_current_context().exit(NOT_WELL)


class _Checked(msgspec.Struct, frozen=True):
    """One file, or one declaration of a lot, that was controlled. `name`: what it is called;
    `kind`: its format, or ""."""

    file: Path
    name: str
    kind: str
    depositable: bool
    findings: list[Finding]

    def contract(self) -> dict[str, Any]:
        """One element of the JSON contract."""
        return {
            "file": str(self.file),
            "name": self.name,
            "kind": self.kind,
            "depositable": self.depositable,
            "findings": [as_contract(finding) for finding in self.findings],
        }

    def print(self) -> None:
        name = printable(self.name)
        kind = f" ({self.kind})" if self.kind else ""
        if self.depositable:
            click.secho(_("{file}: can be deposited").format(file=name) + kind, fg="green")
        else:
            click.secho(_("{file}: cannot be deposited").format(file=name) + kind, fg="red")
        if self.findings:
            click.echo("  " + count_of(self.findings))
        print_findings([as_contract(finding) for finding in self.findings])


def _write_page(page: Path, controlled: Sequence[_Checked], *, personal: bool) -> None:
    good, bad = _("This file can be deposited."), _("This file cannot be deposited.")
    files = [
        Controlled(
            name=printable(checked.name),
            verdict=good if checked.depositable else bad,
            depositable=checked.depositable,
            findings=checked.findings,
        )
        for checked in controlled
    ]
    try:
        text = page_of(files, datetime.now().astimezone(), personal=personal)
        write_durably(page, text.encode(), mode=0o600 if personal else 0o644)
    except OSError as error:
        raise Misuse(
            _("{file} cannot be written: {error}").format(file=page, error=error.strerror)
        ) from error


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


def _inside(
    registry: Registry, file: Path, payload: bytes, *, lot: bool
) -> list[tuple[str, Part | PluginFailure]]:
    """What is to be controlled: the file, or with `lot` what it wraps; each with its name."""
    try:
        parts = unwrapped(registry, file.name, payload) if lot else ()
    except PluginFailure as failure:
        return [(str(file), failure)]
    if not parts:
        return [(str(file), Part(file.name, payload))]
    return [
        (_("{file}, {number} of {count}").format(file=file, number=n, count=len(parts)), part)
        for n, part in enumerate(parts, start=1)
    ]


async def _verdict(
    registry: Registry, controls: Sequence[Autocontrol], part: Part
) -> tuple[str, list[Finding]]:
    """The kind of the file, and its findings."""
    declaration: Declaration | None = None
    try:
        declaration, findings = await examine(registry, controls, part.name, part.payload)
        if declaration is not None and declaration.declarations > 1 and not blocks(findings):
            findings += await _examine_parts(registry, controls, part, declaration)
    except PluginFailure as failure:
        findings = [_failed(failure)]
    if part.lines:
        findings = [_in_lot(finding, part.lines) for finding in findings]
    return declaration.kind if declaration else "", findings


def _failed(failure: PluginFailure) -> Finding:
    cause = failure.__cause__
    if isinstance(cause, VaguemestreError):  # made to be read, with what to do
        message = _("The control {name} failed, so nothing is known about this file: {cause}")
        return blocking("control/failed", message.format(name=failure.plugin, cause=cause))
    message = _(
        "The control {name} failed ({cause}): nothing is known about this file. Check it "
        "again; if this repeats, tell the plugin's author."
    ).format(name=failure.plugin, cause=type(cause).__name__)
    return blocking("control/failed", message)


async def _examine_parts(
    registry: Registry, controls: Sequence[Autocontrol], whole: Part, declaration: Declaration
) -> list[Finding]:
    """What only shows once the file is cut into its declarations, as it is before a deposit.

    Lines count from the start of a part, so they are left out.
    """
    try:
        parts = await trio.to_thread.run_sync(cut, registry, whole.name, whole.payload, declaration)
    except DeclarationError as error:
        return [blocking("file/split", str(error))]
    found: list[Finding] = []
    for part in parts if len(parts) > 1 else ():
        _declaration, findings = await examine(registry, controls, part.name, part.payload)
        if blocks(findings):
            found += [msgspec.structs.replace(f, line=None, lines=()) for f in findings]
    return found


def _in_lot(finding: Finding, numbers: Sequence[int]) -> Finding:
    """The finding with the lines of the file that the part was taken from."""

    def there(line: int) -> int:
        return numbers[line - 1] if line <= len(numbers) else line

    return msgspec.structs.replace(
        finding,
        line=there(finding.line) if finding.line else None,
        lines=tuple(there(line) for line in finding.lines),
    )


def _with_values(findings: Sequence[Finding], payload: bytes) -> list[Finding]:
    """The findings with the values that they do not show because they are personal."""
    wanted = {finding.line for finding in findings if finding.line and not finding.value}
    lines = {
        number: raw.strip().decode("latin-1")
        for number, raw in enumerate(io.BytesIO(payload), start=1)
        if number in wanted
    }
    return [_with_value(finding, lines.get(finding.line or 0, "")) for finding in findings]


def _with_value(finding: Finding, line: str) -> Finding:
    """The finding with what stands behind its rubrique in its line, if it is that line."""
    code, comma, value = line.partition(",")
    if finding.value or not comma or code != finding.rubrique:
        return finding
    return msgspec.structs.replace(finding, value=value.strip("'")[:_LONGEST])
