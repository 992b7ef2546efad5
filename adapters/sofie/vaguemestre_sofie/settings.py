"""`[profile.settings]` of this adapter: what can be configured, its defaults and its mistakes.

Whatever nobody has published about SOFiE is a setting: its commands, its folders, the lines of its
logs. `places` gives the settings with their paths made absolute.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from vaguemestre.api import Profile
from vaguemestre_sofie.patterns import Patterns, pattern_mistakes
from vaguemestre_sofie.silent_hours import parse_hours
from vaguemestre_sofie.texts import _

Positive = Annotated[float, msgspec.Meta(gt=0)]
Words = tuple[str, ...]

#: Types that the CCSS answers only to complain (AFFRET, SALRET, MALRET, INTRET).
COMPLAINED_ABOUT = ("DECAFF", "DECSAL", "DECMAL", "DECINT")
#: An answer that comes in any case (DEMMAT, DEMUTI, DEMDET) is waited for.
FOLDERS = ("outgoing", "incoming", "encrypted", "sent")
PLACEHOLDERS = {"home", "user_id", "context"}


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One installation of SOFiE. Folders and files count from `home`, `home` from the
    configuration's folder; `{home}`, `{user_id}` and `{context}` stand in commands and paths for
    what is set. README.md explains each setting.
    """

    home: str
    outgoing: str
    incoming: str
    encrypted: str
    sent: str = ""
    user_id: str = ""
    send_command: Words = ()
    receive_command: Words = ()
    update_command: Words = ()
    audit_log: str = "logs/log_audit.log"
    technical_log: str = ""
    log_encoding: str = ""
    patterns: Patterns = Patterns()
    transport_name: str = r"SOFI\.\d{14}\..+"
    sent_name: str = "{type}.dta"
    sent_names: dict[str, str] = msgspec.field(
        default_factory=lambda: {"CARTID": "{name}", "DEMDET": "{name}"}
    )
    context: Literal["production", "test"] = "production"
    receive_minutes: Positive = 60.0
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=1500)] = 600.0
    silent_hours: Words = ()
    certificate: str = ""
    password_file: str = ""
    password_days: Annotated[int, msgspec.Meta(gt=0)] = 90
    presumed_hours: Annotated[float, msgspec.Meta(ge=0)] = 24.0
    presumed_types: Words = COMPLAINED_ABOUT
    working_days: Annotated[str, msgspec.Meta(pattern=r"^[1-7]+$")] = "12345"
    public_holidays: str = "LU"
    by_hand: str = r"lu\.cetrel\.sofie"
    java: str = "java"
    address: str = "sofie.cetrel.lu:443"
    proxy: str = ""
    proxy_file: str = "properties/communication/communication_default_http.properties"
    properties: str = "properties"
    state: str = "vaguemestre"


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything of one installation is. None: the installation has no such thing."""

    home: Path
    outgoing: Path
    incoming: Path
    encrypted: Path
    sent: Path | None
    audit_log: Path
    technical_log: Path | None
    certificate: Path | None
    password_file: Path | None
    proxy_file: Path | None
    properties: Path | None
    state: Path


def places(profile: Profile) -> Places:
    """The absolute places that the settings of `profile` name."""
    settings: Settings = profile.settings
    home = Path(os.path.abspath(profile.base / settings.home))  # noqa: PTH100 - follows no link

    def path(text: str) -> Path:
        return home / fill(text, settings, home)

    def maybe(text: str) -> Path | None:
        return path(text) if text else None

    return Places(
        home=home,
        outgoing=path(settings.outgoing),
        incoming=path(settings.incoming),
        encrypted=path(settings.encrypted),
        sent=maybe(settings.sent),
        audit_log=path(settings.audit_log),
        technical_log=maybe(settings.technical_log),
        certificate=maybe(settings.certificate),
        password_file=maybe(settings.password_file),
        proxy_file=maybe(settings.proxy_file),
        properties=maybe(settings.properties),
        state=path(settings.state),
    )


def fill(text: str, settings: Settings, home: Path) -> str:
    """The text with its placeholders filled in; other braces stay as they are."""
    values = {"home": str(home), "user_id": settings.user_id, "context": settings.context}
    return re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], m[0]), text)


def command(settings: Settings, kind: str, home: Path) -> list[str]:
    """The words that start SOFiE to `send`, `receive` or `update`. What is not set is the command
    for sending, and that one is the script that SOFiE makes at the first login."""
    words = getattr(settings, f"{kind}_command") or settings.send_command or _script()
    return [fill(word, settings, home) for word in words]


def _script() -> Words:
    if os.name == "nt":
        return ("cmd", "/c", "{home}\\run_batch_{user_id}.bat")
    return ("{home}/run_batch_{user_id}.ksh",)


def mistakes(settings: Settings) -> list[tuple[str, str]]:
    """What types cannot catch: pairs of setting name and message."""
    found = [
        (name, _("must name a folder"))
        for name in ("home", "outgoing", "incoming", "encrypted")
        if not getattr(settings, name)
    ]
    commands = {f"{kind}_command": command(settings, kind, Path()) for kind in ("send", "receive")}
    for name, words in commands.items():
        if not settings.user_id and "{user_id}" in "".join(getattr(settings, name) or _script()):
            found.append(("user_id", _("missing: the command {name} needs it").format(name=name)))
            break
        if not words[0]:
            found.append((name, _("must begin with a program")))
    found += _same_folders(settings)
    found += [(f"patterns.{name}", message) for name, message in pattern_mistakes(settings)]
    found += _regex(settings)
    for hours in settings.silent_hours:
        if parse_hours(hours) is None:
            message = _("{hours} is not a span of hours such as 22:00-05:00")
            found.append(("silent_hours", message.format(hours=repr(hours))))
    for name, address in (("address", settings.address), ("proxy", settings.proxy)):
        if address and not re.fullmatch(r"[^\s:/]+:\d{1,5}|\[[0-9A-Fa-f:]+\]:\d{1,5}", address):
            found.append((name, _("must be host:port")))
    return found + _others(settings)


def _same_folders(settings: Settings) -> list[tuple[str, str]]:
    folders = {name: getattr(settings, name) for name in FOLDERS if getattr(settings, name)}
    return [
        (name, _("must not be the same folder as {other}").format(other=other))
        for number, name in enumerate(folders)
        for other in list(folders)[:number]
        if os.path.normpath(folders[name]) == os.path.normpath(folders[other])
    ]


def _regex(settings: Settings) -> list[tuple[str, str]]:
    found = []
    for name in ("transport_name", "by_hand"):
        try:
            re.compile(getattr(settings, name))
        except re.error as error:
            message = _("is not a regular expression: {error}")
            found.append((name, message.format(error=error)))
    return found


def _others(settings: Settings) -> list[tuple[str, str]]:
    found = []
    if settings.log_encoding:
        try:
            "".encode(settings.log_encoding)
        except (LookupError, UnicodeError):
            found.append(("log_encoding", _("is not the name of an encoding (utf-8, cp1252)")))
    if settings.public_holidays not in ("", "LU"):  # the library takes its time to load
        from holidays.utils import list_supported_countries

        if settings.public_holidays not in list_supported_countries():
            found.append(("public_holidays", _("is not the code of a country (LU)")))
    for kind, template in [("", settings.sent_name), *settings.sent_names.items()]:
        try:
            name = template.format(type="T", name="N")
        except (KeyError, IndexError, ValueError):
            name = ""
        if not name or "/" in name or "\\" in name:
            where = f"sent_names.{kind}" if kind else "sent_name"
            found.append((where, _("must be a file name, with {type} or {name} in it")))
    return found
