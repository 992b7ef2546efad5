"""`--from` and `--to`: days as people count them, in French legal time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from vaguemestre.cli.output import zone
from vaguemestre.cli.speech import N_, option
from vaguemestre.clock import to_text

F = TypeVar("F", bound=Callable[..., Any])

DAY = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])


def day_options(command: F) -> F:
    """`--from` and `--to`, passed as `since` and `until`."""
    since = option(
        "--from", "since", type=DAY, metavar=N_("DAY"), help=N_("From this day on: 2026-11-23.")
    )
    until = option(
        "--to", "until", type=DAY, metavar=N_("DAY"), help=N_("Up to this day, included.")
    )
    return since(until(command))


def day_start(day: datetime | None) -> str:
    """When the day begins, as the store writes times; "" without a day."""
    return to_text(day.replace(tzinfo=zone())) if day else ""


def next_day(day: datetime | None) -> str:
    """When the day after begins: days of 23 and 25 hours included."""
    return day_start(day + timedelta(days=1)) if day else ""
