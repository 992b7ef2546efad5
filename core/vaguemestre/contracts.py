"""What plugins hand over: the abstract classes that the core calls.

Offered to plugins through `vaguemestre.api`. The core calls their methods under trio, each behind a
guard: whatever a plugin raises becomes a notice, never a stopped daemon.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from vaguemestre.model import (
    Absent,
    Announcement,
    Carried,
    ConnectionReport,
    Declaration,
    Document,
    Examined,
    Finding,
    Found,
    HandedOver,
    Level,
    Notice,
    Order,
    Part,
    Profile,
    Receipt,
    Refusal,
    ReturnSummary,
    Unknown,
    Window,
)


class Format(ABC):
    """A file format: recognises a file by its bytes and says what it declares."""

    #: Short English name, stable: the `kind` of its declarations.
    name: ClassVar[str]

    @abstractmethod
    def recognise(self, name: str, payload: bytes) -> Declaration | None:
        """What `payload` declares, or None if it is not of this format.

        `name` is the file's name without folder. Never raises for bad content: a file that is of
        this format but damaged is recognised as far as it can be read, and the controls say what
        is wrong. Called in a thread; must not keep state.
        """

    def split(self, name: str, payload: bytes) -> Sequence[Part]:
        """One part for each declaration of the file, in order, each depositable on its own.

        Called only when `recognise` counted more than one declaration and no control objected to
        the whole file. Raises DeclarationError if the file cannot be cut.
        """
        return [Part(name, payload)]

    def unwrap(self, name: str, payload: bytes) -> Sequence[Part]:
        """What a file holds that wraps others and cannot be deposited itself; none if it is not
        one. Only for controlling what is inside: nothing of it is ever deposited."""
        del name, payload
        return ()

    def people(self, payload: bytes) -> Iterator[Mapping[str, str]]:
        """The persons whom a file is about, in its order: `family_name`, `given_names`,
        `matricule`, as far as they are there. For the names of documents about one person; called
        in a thread."""
        del payload
        return iter(())


class Autocontrol(ABC):
    """A control: finds in a file what the platform would refuse.

    `builtin`: it works unless the configuration lists others; a control that needs something of
    the machine is not. `settings`: the Struct (frozen, unknown fields forbidden) that
    `[control.NAME]` is decoded into, None if there is nothing to set.
    """

    name: ClassVar[str]
    builtin: ClassVar[bool] = True
    settings: ClassVar[type[msgspec.Struct] | None] = None

    def configured(self, settings: Any, base: Path) -> Autocontrol:
        """The control with these settings, an instance of `settings`. `base`: the folder from which
        relative paths count."""
        del settings, base
        return self

    @abstractmethod
    def applies(self, declaration: Declaration) -> bool:
        """Whether this control knows this kind of declaration."""

    @abstractmethod
    async def check(self, declaration: Declaration, payload: bytes) -> Sequence[Finding]:
        """The findings, blocking first; empty when nothing is wrong.

        An exception is a technical failure of the control: the deposit waits and is controlled
        again later; it is never taken for a green light, nor for a refusal.
        """


class Adapter(ABC):
    """One platform, for one profile. Made by the core, one instance a profile.

    Class attributes: `platform` its name in the configuration; `settings` the Struct (frozen,
    unknown fields forbidden) that `[profile.settings]` is decoded into; `credential_fields` the
    fields that the vault entry must have; `modules` the modules that it carries; `queryable`
    whether `look_up` can prove anything; `exclusive` whether only one order may be under way at a
    time, across machines: all profiles at the same `endpoint` are then one account.
    """

    platform: ClassVar[str]
    settings: ClassVar[type[msgspec.Struct]]
    credential_fields: ClassVar[tuple[str, ...]] = ()
    modules: ClassVar[frozenset[str]]
    queryable: ClassVar[bool] = True
    exclusive: ClassVar[bool] = False

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    @classmethod
    def check_settings(cls, settings: Any) -> Sequence[tuple[str, str]]:
        """Mistakes that types cannot catch: pairs of setting name and message; empty if none."""
        return ()

    @classmethod
    def needs(cls, settings: Any) -> Sequence[str]:
        """The fields that the vault entry must have with these settings; none: no credential."""
        return cls.credential_fields

    @classmethod
    def endpoint(cls, settings: Any) -> str:
        """Where the settings lead, in a word: the same credential at two endpoints has two lists
        of deposits, and must not be looked up at the wrong one."""
        return ""

    #: Seconds after an attempt during which the platform may still not list what it recorded:
    #: `Absent` does not count before.
    settling_seconds: float = 60.0

    #: Seconds between two rounds of collection.
    poll_seconds: float = 300.0

    def carries(self, declaration: Declaration) -> str | None:
        """None if this profile can carry the declaration, else the reason, for people.

        Called before anything is sent (deposit point, régime).
        """
        return None

    async def __aenter__(self) -> Adapter:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Free what the adapter holds (connections). Called once, also after a failure."""
        return

    @abstractmethod
    async def check(self) -> ConnectionReport:
        """Connection test: authenticate, deposit nothing. Never raises for a refusal."""

    @abstractmethod
    async def deposit(self, order: Order) -> Receipt | Refusal | HandedOver:
        """Send the order once, or lay it ready for a person.

        Raises NoEffect (CredentialRefused when the credential is at fault) if the platform
        certainly recorded nothing, OutcomeUnknown if that is not certain; any other exception, and
        a cancellation, count as OutcomeUnknown.
        """

    @abstractmethod
    async def look_up(self, order: Order, since: datetime) -> Found | Absent | Unknown | HandedOver:
        """Say whether the platform has the order, deposited at or after `since` (UTC), or whether
        it lies ready for a person.

        `order.known`, `order.rivals`, `order.started_at` and `order.ended_at` are filled. Raises
        NoEffect (CredentialRefused) if the platform cannot be asked now.
        """

    async def waiting(self) -> Sequence[tuple[int, str]]:
        """The deposits whose files lie ready for a person: number and SHA-256 of each."""
        return ()

    async def over(self, deposits: Sequence[tuple[int, str]]) -> None:
        """A person said what became of these, of those that `waiting` named: their files need not
        lie there any more. Called before a round of collection; raises NoEffect."""
        return

    @abstractmethod
    async def collect(self, cursor: str | None) -> Window:
        """One window of announced returns from `cursor` on (None: the profile's first time).

        Windows may overlap; the core drops what it has. Raises NoEffect if the platform cannot be
        asked now: the cursor stays.
        """

    @abstractmethod
    async def fetch(self, announcement: Announcement) -> Document | None:
        """Download a return; None if it is gone for good. Raises NoEffect if not now, and
        PlatformRefusal if it must never be fetched (a host that is not permitted)."""

    async def announced(self, reference: str) -> Sequence[Announcement]:
        """What the platform lists for one deposit, asked for by a person."""
        return ()

    async def upkeep(self) -> Sequence[Notice]:
        """What people should know about certificates, passwords, updates. Called once a day."""
        return ()

    async def examine(self) -> Sequence[Examined]:
        """What `doctor` shows about the profile: each thing with what to do. Looks only: deposits
        nothing, starts nothing, changes nothing. Never raises for what it finds."""
        return ()

    async def update(self) -> str | None:
        """Bring the platform's own software on this machine up to date, because a person asks: what
        came of it, for people; None if there is no such software. Raises NoEffect."""
        return None

    def hurry(self) -> None:
        """A person asks for sending or receiving now: hours of rest do not count for a while."""
        return

    def presumed_at(self, declaration: Declaration, deposited_at: datetime) -> datetime | None:
        """From when on silence means acceptance, for platforms that answer only to complain; None
        if an answer always comes. It counts only once returns were collected after that moment.
        A later return can still turn the deposit."""
        return None


class ReturnReader(ABC):
    """Reads documents that platforms publish."""

    name: ClassVar[str]

    @abstractmethod
    def read(self, document: Document, announcement: Announcement | None) -> ReturnSummary | None:
        """What the document says, or None if it is not for this reader. Called in a thread.

        Never raises for bad content: unknown versions give a summary with status `unknown`.
        """

    def match(
        self, document: Document, announcement: Announcement, carried: Sequence[Carried]
    ) -> int | None:
        """Which deposit a return belongs to whose platform names none (SECUline): its number, or
        None if that is not certain. `carried`: the deposits of the account, the newest first.
        Called in a thread; asked again when more was deposited."""
        return None


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """A log analyser's cause and procedure, both for people, and where it was seen."""

    code: str
    level: Level
    cause: str
    procedure: str
    source: str = ""
    line: int | None = None


class LogAnalyser(ABC):
    """Finds known troubles in logs."""

    name: ClassVar[str]

    @abstractmethod
    async def analyse(self, sources: Sequence[Path]) -> Sequence[Diagnosis]:
        """Diagnoses, gravest first. Sources may be large, rotated, in any encoding."""


class Notifier(ABC):
    """Tells people. One instance for each `[[notifier]]` of its kind."""

    kind: ClassVar[str]
    settings: ClassVar[type[msgspec.Struct]]

    def __init__(self, settings: Any, base: Path) -> None:
        """`base`: the folder from which relative paths in the settings count."""
        self.options = settings
        self.base = base

    @abstractmethod
    async def send(self, notice: Notice) -> None:
        """Tell it. Any exception means: not told, again later."""


class Service(ABC):
    """A long-running task beside the daemon. A failure restarts it with backoff and a notice."""

    name: ClassVar[str]

    @abstractmethod
    async def run(self) -> None:
        """Run until cancelled."""


class LazyCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A sub-command: `path` its words (`("simulate", "net-entreprises")`), `target` where the
    click command is (`package.module:attribute`), imported only when it is called, `help` its line
    in the list of commands."""

    path: tuple[str, ...]
    target: str
    help: str
