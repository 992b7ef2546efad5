"""What a file declares, as its format read it: who, what, for which period, and by when.

Offered to plugins through `vaguemestre.api`. The core compares declarations by the `keys` that
their formats give them, and knows nothing of what is in a key.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field


class Due(Struct, frozen=True, kw_only=True):
    """The last moment for a declaration to be at the platform.

    `at`: aware, UTC; at this very moment it is too late. `day`: where the moment depends on the
    employer, the day of the month that he is told (5 or 15, for a DSN), else 0: then it holds for
    everybody. `closes`: afterwards the platform refuses the declaration; otherwise it is late.
    """

    at: datetime
    day: int = 0
    closes: bool = False


class Declaration(Struct, frozen=True, kw_only=True):
    """What a file says of itself, as its format read it.

    `kind`: the format's name (`dsn`). `module`: what activation and adapters count by (`dsn`,
    `signalement`, `fctu`…). `issuer`: SIRET of the declared establishment, or employer number.
    `company`: SIREN or employer number, for scopes. `period`: `YYYY-MM` or "". `test`: marked as a
    test in the file itself. `order`: the sender's order number. `deposit_point`: the platform that
    the file itself asks for, as the format writes it (DSN: S10.G00.00.007), or "".
    `declarations`: how many declarations the file holds; more than one must be split.
    `identity`: further facts by which a platform echoes this declaration in its answers (DSN:
    `sender`, `nature`, `type`, `fraction`, `order`, `month`, `siren`, `nic`, `business_id`,
    `replaces`, `norm`), plain strings, never personal data.

    How it stands to other declarations of the same `kind`, and to no others:
    `keys`: the places that it takes at the platform, each of which takes one declaration only. Two
    declarations with a key in common are duplicates, unless the later one names that key in
    `replaces`: the places whose present declaration it takes away, to stand there itself, or to
    leave nothing if it `cancels`. `rank`: where a later one must have a higher number than those
    that it replaces. A key is any text that is equal if and only if the place is the same (type,
    employer, month, person…).
    `subject`: what it is about, where that is less than a place: after a declaration that was
    turned down, a later one about the same is its correction, whatever place it takes.
    Keys and subject may name a person, for the core keeps only digests of them.
    `due`: by when, once for everybody or once for each day of the month that employers are told.
    """

    kind: str
    module: str
    issuer: str = ""
    company: str = ""
    period: str = ""
    test: bool = False
    order: str = ""
    label: str = ""
    deposit_point: str = ""
    declarations: int = 1
    employees: int = 0
    identity: dict[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    cancels: bool = False
    rank: int | None = None
    subject: str = ""
    due: tuple[Due, ...] = ()
