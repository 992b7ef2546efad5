"""Which profile carries a declaration: the most specific of those that are valid for it.

Scopes widen from dossier to company, data directory and the whole application; deleting a specific
profile uncovers the wider one. Pure; what becomes of a declaration without a profile is decided in
`routing.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from vaguemestre.config import ProfileConfig, Scope
from vaguemestre.config.schema import Deadline, ScopeLevel
from vaguemestre.contracts import Adapter
from vaguemestre.locale import _
from vaguemestre.model import Declaration

Adapters = Mapping[str, type[Adapter]]


class NoRoute(Struct, frozen=True):
    """No profile carries the declaration. `reason` is for people."""

    reason: str


class WrongMode(Struct, frozen=True):
    """Profiles would carry the declaration, but only for tests and it is real, or the reverse."""

    reason: str


class Tie(Struct, frozen=True):
    """Several profiles are equally specific: a mistake in the configuration."""

    reason: str


class Place(Struct, frozen=True, kw_only=True):
    """A line of `profiles list`: where a profile is valid, and which wider ones it hides there."""

    profile: ProfileConfig
    level: ScopeLevel
    value: str
    modules: tuple[str, ...]
    hides: tuple[str, ...]


def choose(
    profiles: Sequence[ProfileConfig],
    adapters: Adapters,
    declaration: Declaration,
    directory: str,
) -> ProfileConfig | NoRoute | WrongMode | Tie:
    """The profile that carries `declaration`, found in an outbox of the data `directory`."""
    carrying = [p for p in profiles if declaration.module in _modules(p, adapters)]
    if not carrying:
        return NoRoute(
            _("no profile's platform carries {module}").format(module=declaration.module)
        )
    valid = candidates(profiles, adapters, declaration, directory)
    if not valid:
        return NoRoute(
            _("no profile for {module} is valid for {issuer}").format(
                module=declaration.module, issuer=declaration.issuer or declaration.company or "?"
            )
        )
    mode = "test" if declaration.test else "real"
    fitting = [p for p in valid if p.mode == mode]
    if not fitting:
        return _wrong_mode(valid, declaration.test)
    best = [p for p in fitting if p.scope.level == fitting[0].scope.level]
    if len(best) > 1:
        return Tie(_("several profiles are equally valid: {names}").format(names=_names(best)))
    return best[0]


def candidates(
    profiles: Sequence[ProfileConfig],
    adapters: Adapters,
    declaration: Declaration,
    directory: str,
) -> list[ProfileConfig]:
    """The profiles of either mode that carry the module and are valid, most specific first."""
    found = [
        profile
        for profile in profiles
        if declaration.module in _modules(profile, adapters)
        and _matches(profile.scope, declaration, directory)
    ]
    return sorted(found, key=lambda p: -p.scope.level)


def due_day(deadlines: Sequence[Deadline], declaration: Declaration, directory: str) -> int:
    """The day of the month on which the employer's declarations are due, by the most specific of
    `deadlines`; 0 if none applies."""
    found = [d for d in deadlines if _matches(d.scope, declaration, directory)]
    return max(found, key=lambda d: d.scope.level).due_day if found else 0


def overview(profiles: Sequence[ProfileConfig], adapters: Adapters) -> list[Place]:
    """Where each profile is valid, most specific first."""
    return [
        Place(
            profile=profile,
            level=profile.scope.level,
            value=profile.scope.value,
            modules=tuple(sorted(_modules(profile, adapters))),
            hides=tuple(other.name for other in profiles if _hides(profile, other, adapters)),
        )
        for profile in sorted(profiles, key=lambda p: (-p.scope.level, p.scope.value))
    ]


def _modules(profile: ProfileConfig, adapters: Adapters) -> frozenset[str]:
    adapter = adapters.get(profile.platform)
    return adapter.modules if adapter else frozenset()


def _matches(scope: Scope, declaration: Declaration, directory: str) -> bool:
    actual = {
        ScopeLevel.APPLICATION: "",
        ScopeLevel.DIRECTORY: directory,
        ScopeLevel.COMPANY: declaration.company,
        ScopeLevel.DOSSIER: declaration.issuer,
    }
    return actual[scope.level] == scope.value


def _hides(narrow: ProfileConfig, wide: ProfileConfig, adapters: Adapters) -> bool:
    """Whether `narrow` can take away from `wide` what both are valid for."""
    return (
        narrow.mode == wide.mode
        and narrow.scope.level > wide.scope.level
        and bool(_modules(narrow, adapters) & _modules(wide, adapters))
        and not _apart(narrow.scope, wide.scope)
    )


def _apart(narrow: Scope, wide: Scope) -> bool:
    """A SIRET begins with its company's SIREN: another company's profile is not touched."""
    both = narrow.level is ScopeLevel.DOSSIER and wide.level is ScopeLevel.COMPANY
    french = len(narrow.value) == 14 and len(wide.value) == 9
    return both and french and not narrow.value.startswith(wide.value)


def _wrong_mode(valid: Sequence[ProfileConfig], test: bool) -> WrongMode:
    if test:
        text = _("the file is marked as a test, but only profiles for real deposits apply: {names}")
    else:
        text = _("the file is real, but only profiles for tests apply: {names}")
    return WrongMode(text.format(names=_names(valid)))


def _names(profiles: Sequence[ProfileConfig]) -> str:
    return ", ".join(profile.name for profile in profiles)
