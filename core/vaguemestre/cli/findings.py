"""How findings are printed for people."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click
import msgspec

from vaguemestre.cli.output import printable
from vaguemestre.locale import _
from vaguemestre.model import Finding, Severity
from vaguemestre.report import place_of, word

#: Longest line of text, even on a wide terminal.
WIDEST = 100


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
        kind = word(finding)
        head = _filled(f"{kind}  {place_of(finding)}", "  ")
        colour = click.style(kind, fg="red" if blocking else "yellow", bold=blocking)
        click.echo(head.replace(kind, colour, 1))
        click.echo(_filled(finding.message, "      ", "      "))
        if finding.value:
            value = _("Value: {value}").format(value=printable(finding.value))
            click.echo(f"      {value}")


def _filled(text: str, first: str, others: str = "      ") -> str:
    """The text in lines as wide as the terminal; no quotation mark is left alone."""
    kept = printable(text).replace("« ", "«\u00a0").replace(" »", "\u00a0»")
    width = min(shutil.get_terminal_size((80, 24)).columns, WIDEST)
    filled = textwrap.fill(
        kept,
        width=width,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace("\u00a0", " ")
