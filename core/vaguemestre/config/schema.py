"""The sections of the configuration file as frozen Structs, with their defaults.

In a loaded configuration every path is absolute. What a value must satisfy by itself stands here as
a constraint of its type; what several values must satisfy together is in `checks.py`.
"""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

#: All controls that work by themselves.
BUILTIN = "builtin"

Name = Annotated[str, Meta(min_length=1, max_length=80)]


class StoreConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[store]`: the SQLite file. `url` is for servers, which this version does not have."""

    path: Path = Path("vaguemestre.db")
    url: str = ""


class VaultConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[vault]`: where the master key is, if neither systemd nor the environment gives it."""

    key_file: Path = Path("vault.key")


class Outbox(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[outbox]]`: a folder that payroll drops files in.

    `quiet_seconds`: how long a file must not have changed. `scan_seconds`: how often the folder is
    read even when nothing wakes the intake. `done_suffix`: if set, a file is taken only when the
    same name with this suffix stands beside it. `directory`: data directory, for scopes.
    """

    name: Name
    path: Path
    user: str = ""
    hold: bool = False
    quiet_seconds: Annotated[float, Meta(ge=0, le=3600)] = 2.0
    scan_seconds: Annotated[float, Meta(ge=0.05, le=3600)] = 10.0
    done_suffix: Annotated[str, Meta(max_length=20)] = ""
    taken: Path = Path("Pris en charge")
    rejected: Path = Path("Rejetés")
    directory: str = ""


class InboxConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[inbox]`: where returns are written, `<profile>/<year>/…`."""

    path: Path = Path("Retours")


class ScopeLevel(IntEnum):
    """How specific a scope is; the highest wins."""

    APPLICATION = 0
    DIRECTORY = 1
    COMPANY = 2
    DOSSIER = 3


class Scope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For what a profile is valid: at most one field is filled, none means everything.

    `company`: SIREN or employer number; `dossier`: SIRET of the establishment.
    """

    directory: str = ""
    company: str = ""
    dossier: str = ""

    @property
    def level(self) -> ScopeLevel:
        if self.dossier:
            return ScopeLevel.DOSSIER
        if self.company:
            return ScopeLevel.COMPANY
        return ScopeLevel.DIRECTORY if self.directory else ScopeLevel.APPLICATION

    @property
    def value(self) -> str:
        """What the scope is limited to, without the blanks that people group numbers with."""
        return self.directory or "".join((self.dossier or self.company).split())


class ProfileConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[profile]]`: a platform with its settings and credential, valid for a scope.

    `credential` names a vault entry. `pace_seconds`: at least so long between the starts of two
    deposits. `settings`: in a loaded configuration, an instance of the adapter's Struct.
    """

    name: Name
    platform: Name
    credential: Annotated[str, Meta(max_length=80)] = ""
    mode: Literal["real", "test"] = "real"
    scope: Scope = Scope()
    # Below the 100 connections of an HTTP client: no deposit ever waits inside its pool.
    concurrency: Annotated[int, Meta(ge=1, le=64)] = 4
    pace_seconds: Annotated[float, Meta(ge=0, le=3600)] = 0.0
    settings: Any = field(default_factory=dict)


class Activation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[activation]]`: whether a module of a user's files is deposited, or only recorded."""

    user: str
    module: Name
    active: bool = True


class Deadline(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[deadline]]`: the day of the month on which declarations of a scope are due."""

    due_day: Annotated[int, Meta(ge=1, le=31)]
    scope: Scope = Scope()


class NotifierConfig(Struct, frozen=True, kw_only=True):
    """`[[notifier]]`: its kind; its other keys are `settings`, an instance of the plugin's
    Struct."""

    kind: Name
    settings: Any = None


class LogConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[log]`: without `file`, the log goes to standard error."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["human", "json"] = "human"
    file: Path | None = None


class Configuration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. `file` and `base` (its folder) are absolute and do not stand in it.

    `autocontrol`: the controls that work, by name, `builtin` for all that need nothing; `control`:
    their settings, in a loaded configuration instances of their Structs. `sections`: top-level
    sections that plugins own, by name, each an instance of the plugin's Struct.
    """

    file: Path
    base: Path
    locale: Literal["fr", "en"] = "fr"
    store: StoreConfig = StoreConfig()
    vault: VaultConfig = VaultConfig()
    outbox: tuple[Outbox, ...] = ()
    inbox: InboxConfig = InboxConfig()
    profile: tuple[ProfileConfig, ...] = ()
    activation: tuple[Activation, ...] = ()
    deadline: tuple[Deadline, ...] = ()
    notifier: tuple[NotifierConfig, ...] = ()
    autocontrol: tuple[Name, ...] = (BUILTIN,)
    control: dict[str, Any] = field(default_factory=dict)
    log: LogConfig = LogConfig()
    sections: dict[str, Any] = field(default_factory=dict)
