"""What goes over the wire, as data: a request to send, an answer received.

Header names of answers are lower case. Bodies of answers are already without transfer and content
encoding; the transport does that, with its limits.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request. Its repr hides the body and the headers, which carry secrets."""

    method: str
    url: str
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url}, {len(self.body)} bytes)"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One whole HTTP answer. `delimited`: its end was announced (length or chunks), so that an
    empty body is known to be meant and not cut off."""

    status: int
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    body: bytes = b""
    delimited: bool = True

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.body)} bytes)"

    @property
    def media_type(self) -> str:
        """The content type without parameters, lower case, or ""."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def retry_after(self) -> float | None:
        """Seconds that the platform asks to wait, from `Retry-After` in either form, or None."""
        text = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d{1,9}", text):
            return float(text)
        until, now = http_date(text), self.date
        if until is None or now is None:
            return None
        return max((until - now).total_seconds(), 0.0)

    @property
    def date(self) -> datetime | None:
        """The platform's clock (UTC) when it answered, or None."""
        return http_date(self.headers.get("date", ""))

    @property
    def lifetime(self) -> float | None:
        """Seconds from the answer's own date until its `Expires`, or None if either is missing.
        Both come from one clock, so that ours does not matter."""
        until, now = http_date(self.headers.get("expires", "")), self.date
        if until is None or now is None:
            return None
        return (until - now).total_seconds()


class Unreadable(Exception):
    """An answer whose body is not what the call answers with (a maintenance page, cut text)."""


def http_date(text: str) -> datetime | None:
    """An HTTP date as aware UTC, or None."""
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def is_page(body: bytes) -> bool:
    """Whether the body is an HTML page, which no call of this protocol answers with."""
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html")) or b"<html" in start
