"""Mistakes that show only when several values are seen together: names that are taken, folders
that lie in each other, profiles that cannot be told apart.

Works on what could be decoded, and skips what depends on a value that is already reported.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from vaguemestre.config.decoding import UNDECODABLE
from vaguemestre.config.problems import Place, Problems
from vaguemestre.config.schema import (
    Activation,
    Configuration,
    Deadline,
    Outbox,
    ProfileConfig,
    StoreConfig,
)
from vaguemestre.contracts import Adapter
from vaguemestre.locale import _

T = TypeVar("T")
#: Not allowed in a name: names become folders, on any system.
_NOT_IN_NAMES = frozenset('/\\:*?"<>|')


def check_together(
    config: Configuration, adapters: Mapping[str, type[Adapter]], problems: Problems
) -> None:
    """Report every mistake between values. `config` may hold UNDECODABLE; its paths are
    absolute."""
    _names("outbox", config.outbox, problems)
    _names("profile", config.profile, problems)
    _store(config.store, problems)
    _outboxes(config, problems)
    _files_in_outboxes(config, problems)
    _scopes("profile", config.profile, problems)
    _scopes("deadline", config.deadline, problems)
    _deadlines(config.deadline, problems)
    _ties(config.profile, adapters, problems)
    _activations(config.activation, problems)


def _good(items: Sequence[T]) -> Iterator[tuple[int, T]]:
    """The items that could be decoded, with their place in the file."""
    return ((n, item) for n, item in enumerate(items) if item is not UNDECODABLE)


def _names(section: str, items: Sequence[Any], problems: Problems) -> None:
    seen: dict[str, int] = {}
    for number, item in _good(items):
        name, place = item.name, (section, number, "name")
        if _NOT_IN_NAMES & set(name) or not name.isprintable() or name.strip(" .") != name:
            problems.add(place, _("must be usable as the name of a folder"))
        # Folders on Windows and macOS do not tell case apart.
        first = seen.setdefault(name.casefold(), number)
        if first != number:
            problems.add(
                place,
                _("the name {name} is already that of {first}").format(
                    name=name, first=f"{section}[{first}]"
                ),
            )


def _store(store: StoreConfig, problems: Problems) -> None:
    if store.url:
        problems.add(
            ("store", "url"),
            _("this version keeps its state in an SQLite file only; give path instead"),
        )


# -- folders


def _real(path: Path) -> Path:
    """For comparing: links followed, case as the system has it."""
    return Path(os.path.normcase(os.path.realpath(path)))


def _outboxes(config: Configuration, problems: Problems) -> None:
    good = [(n, o) for n, o in _good(config.outbox) if not problems.concern(("outbox", n, "path"))]
    for (one, first), (two, second) in itertools.combinations(good, 2):
        place = ("outbox", two, "path")
        a, b = _real(first.path), _real(second.path)
        if a == b:
            problems.add(
                place,
                _("the same folder as {first}").format(first=f"outbox[{one}]"),
            )
        elif a in b.parents or b in a.parents:
            inner, outer = (two, one) if a in b.parents else (one, two)
            problems.add(
                ("outbox", inner, "path"),
                _("lies inside the folder of {outer}").format(outer=f"outbox[{outer}]"),
            )
    # Folders that are wrong themselves would only repeat it here.
    good = [(n, o) for n, o in good if not problems.concern(("outbox", n, "path"))]
    folders = [(number, _real(outbox.path)) for number, outbox in good]
    for number, outbox in good:
        _aside(number, outbox, folders, problems)


def _aside(
    number: int, outbox: Outbox, folders: Sequence[tuple[int, Path]], problems: Problems
) -> None:
    """Where sources and reports go must not be watched for new files."""
    for key in ("taken", "rejected"):
        place: Place = ("outbox", number, key)
        aside = _real(getattr(outbox, key))
        for other, folder in folders:
            inside_another = other != number and folder in aside.parents
            if aside == folder or inside_another or aside in folder.parents:
                problems.add(
                    place,
                    _("must be a folder of its own, apart from that of {outbox}").format(
                        outbox=f"outbox[{other}]"
                    ),
                )
    if _real(outbox.taken) == _real(outbox.rejected):
        problems.add(("outbox", number, "rejected"), _("must not be the same folder as taken"))


def _files_in_outboxes(config: Configuration, problems: Problems) -> None:
    """Nothing of our own may lie where it would be taken for a declaration."""
    own: list[tuple[Place, Path]] = [
        (("store", "path"), config.store.path),
        (("vault", "key_file"), config.vault.key_file),
    ]
    if config.log.file is not None:
        own.append((("log", "file"), config.log.file))
    for number, outbox in _good(config.outbox):
        folder, name = _real(outbox.path), f"outbox[{number}]"
        if _real(config.file).parent == folder:
            problems.add(
                ("outbox", number, "path"),
                _("this folder holds the configuration itself; give a folder of its own"),
            )
            continue
        for place, path in own:
            if _real(path).parent == folder:
                problems.add(place, _("lies in the folder of {outer}").format(outer=name))
        inbox = _real(config.inbox.path)
        if inbox == folder or folder in inbox.parents:
            problems.add(
                ("inbox", "path"), _("lies inside the folder of {outer}").format(outer=name)
            )
        elif inbox in folder.parents:
            problems.add(
                ("outbox", number, "path"),
                _("lies inside the folder of {outer}").format(outer="inbox"),
            )


# -- profiles and activation


def _scopes(section: str, items: Sequence[ProfileConfig | Deadline], problems: Problems) -> None:
    for number, item in _good(items):
        scope = item.scope
        if sum(map(bool, (scope.directory, scope.company, scope.dossier))) > 1:
            problems.add(
                (section, number, "scope"), _("give only one of directory, company, dossier")
            )


def _ties(
    profiles: Sequence[ProfileConfig], adapters: Mapping[str, type[Adapter]], problems: Problems
) -> None:
    deciding = ("scope", "mode", "platform")
    judged = [
        (n, p)
        for n, p in _good(profiles)
        if p.platform in adapters and not problems.concern(*(("profile", n, k) for k in deciding))
    ]
    alike: dict[tuple[Any, ...], list[tuple[int, ProfileConfig]]] = {}
    for two, second in judged:
        earlier = alike.setdefault((*_valid_for(second), second.mode), [])
        for one, first in earlier:  # the first one is enough: a slip of the pen may repeat often
            shared = adapters[first.platform].modules & adapters[second.platform].modules
            if shared:
                problems.add(
                    ("profile", two, "scope"),
                    _(
                        "the same scope and mode as {first}: which of them carries {modules} is "
                        "unclear"
                    ).format(first=f"profile[{one}]", modules=", ".join(sorted(shared))),
                )
                break
        earlier.append((two, second))


def _valid_for(profile: ProfileConfig) -> tuple[Any, str]:
    return profile.scope.level, profile.scope.value


def _deadlines(deadlines: Sequence[Deadline], problems: Problems) -> None:
    seen: dict[tuple[Any, str], int] = {}
    for number, entry in _good(deadlines):
        first = seen.setdefault((entry.scope.level, entry.scope.value), number)
        if first != number:
            problems.add(
                ("deadline", number, "scope"),
                _("the same scope as {first}").format(first=f"deadline[{first}]"),
            )


def _activations(activations: Sequence[Activation], problems: Problems) -> None:
    seen: dict[tuple[str, str], int] = {}
    for number, entry in _good(activations):
        first = seen.setdefault((entry.user, entry.module), number)
        if first != number:
            problems.add(
                ("activation", number),
                _("user and module are already those of {first}").format(
                    first=f"activation[{first}]"
                ),
            )
