"""The report of an autocontrol for people: as text, and as a page that prints well.

Used beside rejected files and by `vaguemestre check`. Values that findings do not show are not
shown here either.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from msgspec import Struct

from vaguemestre.locale import _, language
from vaguemestre.model import Finding, Severity


class Controlled(Struct, frozen=True, kw_only=True):
    """One file that was controlled. `verdict`: a sentence; `about`: pairs of name and value."""

    name: str
    verdict: str
    depositable: bool
    findings: Sequence[Finding]
    about: Sequence[tuple[str, str]] = ()


def word(finding: Finding) -> str:
    """How grave it is."""
    return _("blocking") if finding.severity is Severity.BLOCKING else _("warning")


def lines_of(finding: Finding) -> str:
    """Where it stands: one line, or the first ones and how many there are."""
    if len(finding.lines) < 2 and finding.count < 2:
        return _("line {line}").format(line=finding.line) if finding.line else ""
    numbers = ", ".join(str(line) for line in finding.lines)
    if not numbers:
        return _("{count} times").format(count=finding.count)
    text = _("lines {lines}") if len(finding.lines) > 1 else _("line {lines}")
    if finding.count > len(finding.lines):
        text = _("lines {lines}… ({count} times in all)")
    return text.format(lines=numbers, count=finding.count)


def place_of(finding: Finding) -> str:
    """Code, rubrique with its label, and lines."""
    named = finding.rubrique if finding.rubrique not in finding.code else ""
    if finding.label:
        named = f"{named} « {finding.label} »".strip()
    return "  ".join(part for part in (finding.code, named, lines_of(finding)) if part)


def count_of(findings: Sequence[Finding]) -> str:
    """How many findings of each kind, in a few words."""
    blocking = sum(f.severity is Severity.BLOCKING for f in findings)
    return _("{blocking} blocking, {warnings} warnings").format(
        blocking=blocking, warnings=len(findings) - blocking
    )


def text_of(file: Controlled) -> list[str]:
    """The lines of the report of one file."""
    lines = [f"{name} : {value}" for name, value in file.about]
    lines += [file.verdict]
    if file.findings:
        lines += [count_of(file.findings)]
    for finding in file.findings:
        lines += ["", f"{word(finding).upper()}  {place_of(finding)}", f"  {finding.message}"]
        if finding.value:
            lines.append("  " + _("Value: {value}").format(value=finding.value))
    return [_clean(line) for line in lines]


_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 "Liberation Sans", Arial, sans-serif; color: #1d2433; margin: 0 auto;
  max-width: 52rem; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.4rem; margin: 0 0 .2rem; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .4rem; overflow-wrap: anywhere; }
p { margin: .2rem 0; }
.when { color: #5a6478; }
.verdict { font-weight: bold; padding: .5rem .8rem; border-left: .4rem solid #b3261e;
  background: #fbeceb; margin: .4rem 0; }
.verdict.good { border-color: #1b6e3c; background: #e8f4ec; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: .4rem 0; }
dt { color: #5a6478; } dd { margin: 0; overflow-wrap: anywhere; }
ol { list-style: none; margin: 1rem 0; padding: 0; }
li { border: 1px solid #d5dae3; border-left: .4rem solid #c77700; border-radius: .3rem;
  padding: .6rem .8rem; margin: .6rem 0; break-inside: avoid; overflow-wrap: anywhere; }
li.blocking { border-left-color: #b3261e; }
.kind { font-weight: bold; color: #8a5200; } .blocking .kind { color: #b3261e; }
.code { font-family: "Liberation Mono", monospace; font-size: .92em; }
.value { font-family: "Liberation Mono", monospace; background: #f1f3f7; padding: 0 .3em; }
@media print { body { font-size: 11pt; max-width: none; padding: 0; }
  h2 { break-after: avoid; } @page { size: A4; margin: 18mm 16mm; } }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
"""


def page_of(files: Sequence[Controlled], made: datetime, *, personal: bool = False) -> str:
    """The report of all files as one page that needs nothing else. `made`: its local time;
    `personal`: values about persons are in it, which it says."""
    title = escape(_("Report of the autocontrol"))
    when = escape(_("made on {day} at {time}").format(day=f"{made:%d/%m/%Y}", time=f"{made:%H:%M}"))
    return "\n".join(
        [
            f'<!DOCTYPE html>\n<html lang="{language()}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{_STYLE}</style></head><body>",
            f'<h1>{title}</h1><p class="when">Vaguemestre, {when}</p>',
            *([f"<p>{escape(_personal())}</p>"] if personal else []),
            *(_section(file) for file in files),
            "</body></html>\n",
        ]
    )


def _section(file: Controlled) -> str:
    about = "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in file.about)
    good = " good" if file.depositable else ""
    count = f"<p>{escape(count_of(file.findings))}</p>" if file.findings else ""
    items = "".join(_item(finding) for finding in file.findings)
    return (
        f"<section><h2>{escape(file.name)}</h2>"
        + (f"<dl>{about}</dl>" if about else "")
        + f'<p class="verdict{good}">{escape(file.verdict)}</p>{count}'
        + (f"<ol>{items}</ol>" if items else "")
        + "</section>"
    )


def _item(finding: Finding) -> str:
    named = ", ".join(part for part in (finding.label, lines_of(finding)) if part)
    value = ""
    if finding.value:
        shown = f'<span class="value">{escape(finding.value)}</span>'
        value = f"<p>{escape(_('Value: {value}')).format(value=shown)}</p>"
    return _clean(
        f'<li class="{finding.severity.value}"><p><span class="kind">{escape(word(finding))}</span>'
        f' <span class="code">{escape(finding.code)}</span> {escape(named)}</p>'
        f"<p>{_kept_together(escape(finding.message))}</p>{value}</li>"
    )


def _personal() -> str:
    return _("This page holds personal data: show it only to those who need it.")


def _clean(text: str) -> str:
    """Without the control characters that a file may have."""
    return "".join(c if c.isprintable() or c in "\n\u00a0" else "\ufffd" for c in text)


def _kept_together(text: str) -> str:
    """No quotation mark stands alone at the end or the beginning of a line."""
    return text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")
