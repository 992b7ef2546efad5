"""What the demo shows at a terminal: a table that lives, and a closing page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vaguemestre.lifecycle import State
from vaguemestre.locale import _
from vaguemestre.store import listings
from vaguemestre.store.engine import Store
from vaguemestre.words import COLOURS, state_word


@contextmanager
def live(captions: dict[str, str]) -> Iterator[Callable[[Store], None]]:
    """Give a function that shows where every deposit stands, each time it is called."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console()
    console.print(Text(_("Vaguemestre: demonstration"), style="bold"))
    console.print(_("Files dropped:"))
    for name, caption in captions.items():
        console.print(f"  [bold]{name}[/bold]: {caption}", highlight=False)
    console.print()
    with Live(console=console, refresh_per_second=8) as display:

        def show(store: Store) -> None:
            display.update(_table(store.read_now(listings.deposits)))

        yield show


def _table(deposits: Sequence[dict[str, Any]]) -> Any:
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    table = Table(expand=True)
    for title, ratio, least in (
        (_("No."), 1, 3),
        (_("File"), 5, 10),
        (_("State"), 5, 15),
        (_("Reference"), 6, 12),
        (_("Message"), 9, 16),
    ):
        table.add_column(title, ratio=ratio, min_width=least, overflow="fold")
    for row in deposits:
        state = State(row["state"])
        table.add_row(
            str(row["id"]),
            escape(Path(row["source"]).name),
            Text(state_word(state), style=COLOURS[state]),
            row["reference"] or "",
            escape(row["message"] or ""),
        )
    return table


def closing(config: Path, summary: dict[str, Any], arrived: Sequence[int]) -> None:
    """The returns, the notices, and where everything lies."""
    from rich.console import Console

    console = Console(highlight=False)
    console.print()
    console.print(
        _("{count} deposits arrived at the simulated platform, each once.").format(
            count=sum(arrived)
        )
        if summary["ok"]
        else _("Not everything settled as it should: see the log in {folder}").format(
            folder=config.parent
        ),
        style="bold green" if summary["ok"] else "bold red",
    )
    console.print(_("Returns in the inbox folder:"))
    for row in summary["returns"]:
        console.print(f"  {row['path'] or row['reference']}", markup=False, soft_wrap=True)
    console.print(_("Notices:"))
    for row in summary["notices"]:
        console.print(f"  {row['title']}", markup=False, soft_wrap=True)
    console.print(_("Everything lies in {folder}").format(folder=config.parent), markup=False)


def invite(config: Path, outboxes: Sequence[Path]) -> None:
    """Say how to go on while the demo stays."""
    from rich.console import Console

    console = Console(highlight=False)
    console.print(_("It goes on running. Drop files of your own here:"))
    for outbox in outboxes:
        console.print(f"  {outbox}", markup=False, soft_wrap=True)
    command = f"vaguemestre -c {config} deposits list"
    text = _("Then look: {command}. Stop: Ctrl+C").format(command=command)
    console.print(text, soft_wrap=True, markup=False)
