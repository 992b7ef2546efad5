"""The one clock. Inside, times are aware and in UTC; in the store they are sortable text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """`2026-11-23T12:00:00.000000Z`: always the same width, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """The moment that `to_text` wrote, or any ISO 8601 time with a zone. Raises ValueError."""
    return datetime.fromisoformat(text).astimezone(UTC)
