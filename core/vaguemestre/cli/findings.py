"""How findings are printed for people."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click
import msgspec

from vaguemestre.cli.output import printable
from vaguemestre.locale import _
from vaguemestre.model import Finding, Severity
from vaguemestre.report import place_of, word

#: Characters of a line of text.
WIDTH = 96


def as_contract(finding: Finding) -> dict[str, Any]:
    """A finding as the JSON contract has it."""
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "rubrique": finding.rubrique,
        "label": finding.label,
        "line": finding.line,
        "lines": list(finding.lines),
        "count": finding.count,
        "value": finding.value,
        "message": finding.message,
    }


def print_findings(findings: Sequence[Mapping[str, Any]]) -> None:
    """Print findings, each with its place and what to do. Keys are those of the JSON contract."""
    for shown in findings:
        finding = msgspec.convert(shown, Finding)
        blocking = finding.severity is Severity.BLOCKING
        kind = click.style(word(finding), fg="red" if blocking else "yellow", bold=blocking)
        click.echo(f"  {kind}  {printable(place_of(finding))}")
        click.echo(
            textwrap.fill(
                printable(finding.message),
                width=WIDTH,
                initial_indent="      ",
                subsequent_indent="      ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
        if finding.value:
            value = _("Value: {value}").format(value=printable(finding.value))
            click.echo(f"      {value}")
