"""How findings are printed for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from vaguemestre.cli.output import printable
from vaguemestre.locale import _


def print_findings(findings: Sequence[Mapping[str, Any]]) -> None:
    """Print findings, each with its place and what to do. Keys are those of the JSON contract."""
    for finding in findings:
        blocking = finding["severity"] == "blocking"
        word = _("blocking") if blocking else _("warning")
        line = _("line {number}").format(number=finding["line"]) if finding["line"] else ""
        where = [finding["code"], finding["rubrique"], line, _quoted(finding["value"])]
        place = "  ".join(printable(part) for part in dict.fromkeys(where) if part)
        click.echo("  " + click.style(word, fg="red" if blocking else "yellow") + f"  {place}")
        click.echo(f"      {printable(finding['message'])}")


def _quoted(value: str) -> str:
    return f"« {value} »" if value else ""
