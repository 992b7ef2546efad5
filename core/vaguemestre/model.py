"""The words of the product as frozen data: what the core, the plugins and the store exchange.

No behaviour lives here beyond small derived values. All times are aware and in UTC, all texts that
people read are already in the deployment's language, all documents are bytes exactly as received.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from vaguemestre.declaration import Declaration as Declaration
from vaguemestre.declaration import Due as Due


class Severity(StrEnum):
    """How grave a finding is. `blocking` stops the deposit."""

    BLOCKING = "blocking"
    WARNING = "warning"


class Finding(Struct, frozen=True, kw_only=True):
    """One anomaly, from autocontrol or from a return.

    `code` as the norm writes it (`S21.G00.30.001/CSL-00`), `rubrique` its rubrique or block or "",
    `line` 1-based in the file or None, `value` masked where it is personal, `message` a sentence in
    the deployment's language that says what to do. `label`: what the norm calls the rubrique.
    A finding that repeats comes once: `lines` its first places, `count` how many there are.
    """

    severity: Severity
    code: str
    message: str
    rubrique: str = ""
    line: int | None = None
    value: str = ""
    label: str = ""
    lines: tuple[int, ...] = ()
    count: int = 1


class Part(Struct, frozen=True):
    """One declaration cut out of a file with several: a file name of its own and its bytes.

    `lines`: for each of its lines the one of that file, from 1, if the two can be matched.
    """

    name: str
    payload: bytes
    lines: tuple[int, ...] = ()


class Order(Struct, frozen=True, kw_only=True):
    """What an adapter is asked to deposit.

    `payload`: the very bytes that were controlled, `sha256` their hexadecimal digest. `attempt`:
    number of this attempt, from 1. For a look-up, `started_at` and `ended_at` bound the attempt in
    doubt (our clock, UTC), `known` holds the references near it that belong to other deposits, and
    `rivals` are the other deposits in doubt on the same account: an answer must not be given to
    this order when it could as well be one of theirs. `due`: by when it must be at the platform
    (UTC): nothing, one moment, or two where it depends on the employer and is not known.
    """

    deposit: int
    name: str
    payload: bytes
    sha256: str
    declaration: Declaration
    attempt: int = 1
    started_at: datetime | None = None
    ended_at: datetime | None = None
    known: frozenset[str] = frozenset()
    rivals: tuple[Order, ...] = ()
    due: tuple[datetime, ...] = ()


class Receipt(Struct, frozen=True, kw_only=True):
    """The platform recorded the deposit and said so (AEE).

    `reference`: the platform's own (idflux). `recorded_at`: the platform's time or None.
    `document`: the answer as received, kept as the first return; b"" if there is none.
    `evidence`: small facts for support (status, server date…), no secrets.
    """

    reference: str
    recorded_at: datetime | None = None
    document: bytes = b""
    media_type: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


class Refusal(Struct, frozen=True, kw_only=True):
    """The platform received the deposit and rejected it at once (ARE)."""

    message: str
    reference: str = ""
    findings: tuple[Finding, ...] = ()
    document: bytes = b""
    media_type: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


class HandedOver(Struct, frozen=True, kw_only=True):
    """The file lies ready for a person who deposits it by hand: that is all this adapter does.

    `message`: what is to be deposited where and by when, for people. The deposit waits until a
    person says what became of it.
    """

    message: str
    evidence: dict[str, Any] = field(default_factory=dict)


class Candidate(Struct, frozen=True, kw_only=True):
    """A deposit that the platform lists and that could be the one looked for."""

    reference: str
    recorded_at: datetime | None = None
    status: str = ""


class Found(Struct, frozen=True, kw_only=True):
    """The deposit in doubt is at the platform, proved by `evidence`."""

    reference: str
    recorded_at: datetime | None = None
    evidence: dict[str, Any] = field(default_factory=dict)


class Absent(Struct, frozen=True, kw_only=True):
    """The platform does not list the deposit. Counts only after the adapter's settling time."""

    evidence: dict[str, Any] = field(default_factory=dict)


class Unknown(Struct, frozen=True, kw_only=True):
    """No proof either way. `candidates` are shown to the person who decides.

    `ambiguous`: several deposits fit and only a person, or a later return, can tell.
    """

    message: str
    candidates: tuple[Candidate, ...] = ()
    ambiguous: bool = False
    evidence: dict[str, Any] = field(default_factory=dict)


class Announcement(Struct, frozen=True, kw_only=True):
    """A return that the platform lists, not yet downloaded.

    (`reference`, `nature`, `organism`, `delegate`) names the return; `version` tells one edition of
    it from the next (publication time, status, address). `locator` is the adapter's own way to
    fetch it, and never trusted by anybody else.
    """

    reference: str
    nature: str
    status: str = ""
    organism: str = ""
    delegate: str = ""
    version: str = ""
    published_at: datetime | None = None
    locator: str = ""


class Document(Struct, frozen=True, kw_only=True):
    """A document as it came: bytes, media type ("" if unknown), and a name for its file or ""."""

    content: bytes
    media_type: str = ""
    name: str = ""


class Carried(Struct, frozen=True, kw_only=True):
    """A deposit that a platform has, to which a return may belong. `payload` reads its bytes."""

    deposit: int
    name: str
    declaration: Declaration
    deposited_at: datetime
    payload: Callable[[], bytes]


class Window(Struct, frozen=True, kw_only=True):
    """One step of collection: what was announced, and the cursor behind it.

    `cursor` is the adapter's own text; the core commits it only after all of `announcements` are
    stored. `more`: another window can be asked for at once. `wait`: otherwise, seconds to wait
    at least, or None for the profile's own rhythm. `notices`: what was noticed meanwhile, told when
    the window is committed. `listed`: deposits that the platform has for this account, whoever made
    them; those that are not ours are shown as foreign ones.
    """

    announcements: tuple[Announcement, ...]
    cursor: str
    more: bool = False
    wait: float | None = None
    notices: tuple[Notice, ...] = ()
    listed: tuple[Candidate, ...] = ()


class Effect(StrEnum):
    """What a return changes in the state of its deposit."""

    CERTIFICATE = "certificate"
    REFUSED = "report_ko"
    TO_CHECK = "report_ano"
    NONE = "none"


class ReturnSummary(Struct, frozen=True, kw_only=True):
    """What a reader understood of a return.

    `status`: OK, ANO, KO or unknown. `family`: the report family (`gipmds:rapport`, …). `tables`:
    rows by table name (PAS rates…), each row a flat mapping. `label`: what a clerk calls it;
    `advice`: one or two sentences that say what to do, "" if there is nothing to say.
    """

    family: str
    nature: str = ""
    status: str = "unknown"
    organism: str = ""
    reference: str = ""
    label: str = ""
    advice: str = ""
    effect: Effect = Effect.NONE
    findings: tuple[Finding, ...] = ()
    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    identity: dict[str, str] = field(default_factory=dict)


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Notice(Struct, frozen=True, kw_only=True):
    """Something to tell people.

    `key` groups repetitions (`credential:acme`); `title` one line, `text` what happened and what to
    do. `count`: how many times since it was last told.
    """

    key: str
    level: Level
    title: str
    text: str = ""
    deposit: int | None = None
    profile: str = ""
    at: datetime | None = None
    count: int = 1


class Status(StrEnum):
    """How something that was examined is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class Examined(Struct, frozen=True):
    """One thing that was examined; `advice` says what to do unless it is well."""

    subject: str
    status: Status
    message: str
    advice: str = ""


class ConnectionReport(Struct, frozen=True, kw_only=True):
    """The result of a connection test: authentication only, nothing deposited.

    `examined`: what was looked at one by one, if the adapter tells it.
    """

    ok: bool
    message: str
    examined: tuple[Examined, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)


class Credential(Struct, frozen=True, kw_only=True):
    """The fields of one vault entry. Its repr hides the values."""

    name: str
    fields: dict[str, str]

    def __repr__(self) -> str:
        return f"Credential({self.name!r}, {sorted(self.fields)})"


class Profile(Struct, frozen=True, kw_only=True):
    """A platform with its settings and credential, as an adapter receives it.

    `settings`: an instance of the Struct that the adapter declares. `base`: the folder from which
    relative paths in the settings count.
    """

    name: str
    platform: str
    mode: str
    credential: Credential
    settings: Any
    base: Path
    concurrency: int = 1


class DepositEvent(Struct, frozen=True, kw_only=True):
    """What an observer is told when a deposit changes."""

    deposit: int
    event: str
    state: str
    previous: str
    at: datetime
    module: str = ""
    reference: str = ""


class ReturnEvent(Struct, frozen=True, kw_only=True):
    """What an observer is told when a return is in the inbox folder. `path` is absolute."""

    id: int
    deposit: int | None
    profile: str
    reference: str
    nature: str
    status: str
    path: str
    at: datetime
