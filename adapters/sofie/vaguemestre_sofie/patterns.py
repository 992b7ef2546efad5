"""What the lines of SOFiE's logs mean. Pure.

The layouts of these lines are not published: each kind of event has a regular expression of its
own, a setting. It is searched for in a line without regard to case; the named groups `original`
(the clear file), `transport` (the encrypted one, `SOFI.…`) and `message` are taken where a line has
them. The first kind that fits decides, in the order of `KINDS`: what failed before what was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec

from vaguemestre_sofie.texts import _

GROUPS = {"original", "transport", "message"}

_TRANSPORT = r"(?=.*?(?P<transport>\bSOFI\.\d{14}\.\w+\.\w+))?"
_ORIGINAL = r"(?=.*?(?P<original>(?!SOFI\.)\b[\w.-]+\.(?:dta|xml|pdf|jpe?g)\b))?"
_FAILURE = rf"!!!{_TRANSPORT}{_ORIGINAL}"


class Patterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One regular expression for each kind of event. An empty one never fits."""

    encrypted: str = rf"\bENC\b{_TRANSPORT}{_ORIGINAL}"
    sent: str = rf"\b(?:SND|SENT|EMI(?:SSION)?)\b{_TRANSPORT}{_ORIGINAL}"
    received: str = rf"\b(?:RCV|RECEIVED|RECEPTION)\b{_TRANSPORT}{_ORIGINAL}"
    decrypted: str = rf"\bDEC\b{_TRANSPORT}{_ORIGINAL}"
    failed: str = rf"{_FAILURE}\s*(?P<message>.*)"
    refused: str = rf"{_FAILURE}(?=.*\bNok\b)\s*(?P<message>.*)"
    already_decrypted: str = (
        rf"{_FAILURE}(?=.*\bDEC\b)(?=.*\b(?:already|exists|existe)\b)\s*(?P<message>.*)"
    )
    password_expired: str = (
        rf"(?:{_FAILURE}|\b(?:ERROR|FATAL)\b)(?=.*\b(?:password|passphrase|mot de passe)\b)"
        r"(?=.*expir)\W*(?P<message>.*)"
    )
    trouble: str = r"\b(?:ERROR|FATAL)\b\W*(?P<message>.*)"


class Kind(StrEnum):
    PASSWORD_EXPIRED = "password_expired"  # noqa: S105 - a kind of line
    ALREADY_DECRYPTED = "already_decrypted"
    REFUSED = "refused"
    FAILED = "failed"
    DECRYPTED = "decrypted"
    ENCRYPTED = "encrypted"
    SENT = "sent"
    RECEIVED = "received"
    TROUBLE = "trouble"


#: In the order in which they are tried; the technical log knows troubles only.
KINDS = tuple(kind for kind in Kind if kind is not Kind.TROUBLE)
TECHNICAL_KINDS = (Kind.PASSWORD_EXPIRED, Kind.TROUBLE)
#: Characters of a message that are kept.
MESSAGE = 300


class LogEvent(msgspec.Struct, frozen=True):
    """What one line says. `original`: a file name without its folder."""

    kind: Kind
    original: str = ""
    transport: str = ""
    message: str = ""


class Reader:
    """Reads lines with the patterns of one installation."""

    def __init__(self, patterns: Patterns) -> None:
        self._compiled = {kind: _compiled(getattr(patterns, kind.value)) for kind in Kind}

    def knows(self, kind: Kind) -> bool:
        """Whether lines of this kind can be told."""
        return self._compiled[kind] is not None

    def event(self, line: str, kinds: tuple[Kind, ...] = KINDS) -> LogEvent | None:
        """What the line says, or None if it is of no interest."""
        for kind in kinds:
            pattern = self._compiled[kind]
            match = pattern.search(line) if pattern else None
            if match is not None:
                return _event(kind, match.groupdict())
        return None

    def events(self, lines: list[str], kinds: tuple[Kind, ...] = KINDS) -> list[LogEvent]:
        return [found for line in lines if (found := self.event(line, kinds)) is not None]


def _event(kind: Kind, groups: dict[str, Any]) -> LogEvent:
    values = {name: (groups.get(name) or "").strip() for name in GROUPS}
    return LogEvent(
        kind=kind,
        original=_base(values["original"]),
        transport=_base(values["transport"]),
        message=values["message"][:MESSAGE],
    )


def _base(path: str) -> str:
    return re.split(r"[\\/]", path)[-1]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    return re.compile(pattern, re.IGNORECASE) if pattern else None


def pattern_mistakes(settings: Any) -> Iterator[tuple[str, str]]:
    """Patterns that cannot work, with why."""
    for field in msgspec.structs.fields(Patterns):
        pattern = getattr(settings.patterns, field.name)
        try:
            groups = set(re.compile(pattern, re.IGNORECASE).groupindex)
        except re.error as error:
            yield field.name, _("is not a regular expression: {error}").format(error=error)
            continue
        if unknown := groups - GROUPS:
            message = _("has groups that mean nothing: {names}; there are {known}")
            yield (
                field.name,
                message.format(names=", ".join(sorted(unknown)), known=", ".join(sorted(GROUPS))),
            )
    named = settings.patterns
    if not named.sent and not settings.sent:
        text = _("nothing tells what was sent: set this pattern, or the folder sent")
        yield "sent", text
