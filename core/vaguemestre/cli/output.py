"""How commands print: JSON for programs, tables and times for people.

At a terminal a table has colours and folds long texts; in a pipe it is one line a row, tab-free and
without colours, and nothing is ever cut off. Times are shown in French legal time.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from vaguemestre.clock import from_text
from vaguemestre.locale import language

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

#: The platforms publish in this zone, and so do the deadlines that people know.
ZONE = "Europe/Paris"


class Column(NamedTuple):
    """A column of a table. `fixed`: never folded, for what people copy."""

    title: str
    fixed: bool = False


class Cell(NamedTuple):
    """A text with a colour. Its lines stand below each other at a terminal."""

    text: str
    colour: str = ""


def print_json(value: Any) -> None:
    """Print `value` in UTF-8, whatever the console's encoding is. Bytes that are no text appear as
    JSON escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    click.echo(text.encode("utf-8", "backslashreplace"))


def print_table(
    columns: Sequence[Column], rows: Iterable[Sequence[str | Cell]], *, empty: str
) -> None:
    """Print a table, or `empty` if it has no row."""
    cells = [[_cell(c) for c in row] for row in rows]
    if not cells:
        click.echo(empty)
    elif sys.stdout.isatty():
        _draw(columns, cells)
    else:
        click.echo("\n".join(_aligned([[Cell(c.title) for c in columns], *cells])))


def _cell(cell: str | Cell) -> Cell:
    text, colour = (cell, "") if isinstance(cell, str) else cell
    return Cell("\n".join(printable(line) for line in text.split("\n")), colour)


def printable(text: str) -> str:
    """`text` on one line, without what would drive the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))


def _aligned(rows: Sequence[Sequence[Cell]]) -> list[str]:
    texts = [[cell.text.replace("\n", "  ") for cell in row] for row in rows]
    widths = [max(len(text) for text in column) for column in zip(*texts, strict=True)]
    return [
        "  ".join(text.ljust(w) for text, w in zip(row, widths, strict=True)).rstrip()
        for row in texts
    ]


def _draw(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for column in columns:
        table.add_column(column.title, no_wrap=column.fixed, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell.text, style=cell.colour) for cell in row))
    Console(highlight=False).print(table)


def print_fields(fields: Iterable[tuple[str, str]]) -> None:
    """Print names and values, one pair a line; pairs without a value are left out."""
    shown = [(name, printable(value)) for name, value in fields if value]
    width = max((len(name) for name, _value in shown), default=0)
    for name, value in shown:
        click.echo(f"{name.ljust(width)}  {value}")


def print_title(text: str) -> None:
    click.echo()
    click.secho(printable(text), bold=True)


def zone() -> ZoneInfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(ZONE)


def time_of(text: str | None) -> str:
    """A time of the store for people, to the second; "" if there is none.

    What is no time (in a journal that somebody changed) is shown as it stands.
    """
    if not text:
        return ""
    try:
        return shown_time(from_text(text))
    except ValueError:
        return text


def shown_time(moment: datetime) -> str:
    pattern = "%d/%m/%Y %H:%M:%S" if language() == "fr" else "%Y-%m-%d %H:%M:%S"
    return moment.astimezone(zone()).strftime(pattern)
