"""From the file to the `Configuration`, or to the list of all its mistakes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from vaguemestre.config.checks import check_together
from vaguemestre.config.decoding import UNDECODABLE, Decoder
from vaguemestre.config.plugged import Plugged
from vaguemestre.config.problems import Problem, Problems
from vaguemestre.config.reading import read
from vaguemestre.config.schema import (
    Configuration,
    NotifierConfig,
    Outbox,
    ProfileConfig,
)
from vaguemestre.errors import ConfigurationError
from vaguemestre.locale import LANGUAGES, language, set_language
from vaguemestre.model import Credential, Profile
from vaguemestre.plugins import Registry

Sections = Mapping[str, type[msgspec.Struct]]


def load(path: Path, registry: Registry, sections: Sections | None = None) -> Configuration:
    """The configuration in `path`, all its paths absolute.

    `sections`: the top-level sections that plugins own, by name. Raises ConfigurationError whose
    message has one line for each mistake, in the language that the file asks for.
    """
    config, problems = _examine(path, registry, sections or {})
    if problems or config is None:
        raise ConfigurationError("\n".join(str(problem) for problem in problems))
    return config


def check(path: Path, registry: Registry, sections: Sections | None = None) -> list[Problem]:
    """All mistakes in `path`, in the order of its lines; empty if it can be used."""
    return _examine(path, registry, sections or {})[1]


def build_profile(
    config: Configuration, profile: ProfileConfig, credential: Credential, registry: Registry
) -> Profile:
    """What the adapter of `profile` is given: settings decoded, one deposit at a time if it is
    exclusive."""
    adapter = registry.adapters[profile.platform]
    return Profile(
        name=profile.name,
        platform=profile.platform,
        mode=profile.mode,
        credential=credential,
        settings=profile.settings,
        base=config.base,
        concurrency=1 if adapter.exclusive else profile.concurrency,
    )


def _examine(
    path: Path, registry: Registry, sections: Sections
) -> tuple[Configuration | None, list[Problem]]:
    content = read(path)
    if isinstance(content, Problem):
        return None, [content]
    tables, lines = content
    problems = Problems(path, lines)
    with _language_of(tables):
        config = _decode(path, tables, registry, sections, problems)
        check_together(config, registry.adapters, problems)
    return (None if problems.found else config), problems.in_order()


@contextmanager
def _language_of(tables: Mapping[str, Any]) -> Iterator[None]:
    """Mistakes are told in the language that the file itself asks for."""
    before, wanted = language(), tables.get("locale")
    if wanted in LANGUAGES:
        set_language(wanted)
    try:
        yield
    finally:
        set_language(before)


def _decode(
    path: Path,
    tables: Mapping[str, Any],
    registry: Registry,
    sections: Sections,
    problems: Problems,
) -> Configuration:
    """The configuration as far as it can be decoded; UNDECODABLE stands for wrong list items."""
    plugged = Plugged(registry, problems)
    decoder = Decoder(problems, {ProfileConfig: plugged.profile, NotifierConfig: plugged.notifier})
    fields = {
        f.name: f.type
        for f in msgspec.structs.fields(Configuration)
        if f.name not in ("file", "base", "sections")
    }
    decoder.unknown(tables, [*fields, *sections], ())
    values = _known(decoder, tables, fields)
    own = _known(decoder, tables, sections)
    if "autocontrol" in values:
        plugged.choices(values["autocontrol"])
    values["control"] = plugged.controls(values.get("control", {}))
    file = Path(os.path.abspath(path))  # noqa: PTH100 - a link is followed only to read it
    config = Configuration(file=file, base=file.parent, sections=own, **values)
    return _absolute(config)


def _known(
    decoder: Decoder, tables: Mapping[str, Any], wanted: Mapping[str, Any]
) -> dict[str, Any]:
    found = {
        key: decoder.value(tables[key], type_, (key,))
        for key, type_ in wanted.items()
        if key in tables
    }
    return {key: value for key, value in found.items() if value is not UNDECODABLE}


def _absolute(config: Configuration) -> Configuration:
    def at(base: Path) -> Callable[[Path], Path]:
        return lambda path: Path(os.path.abspath(base / path))  # noqa: PTH100 - links stay links

    here = at(config.base)
    replace = msgspec.structs.replace
    return replace(
        config,
        store=replace(config.store, path=here(config.store.path)),
        vault=replace(config.vault, key_file=here(config.vault.key_file)),
        inbox=replace(config.inbox, path=here(config.inbox.path)),
        log=replace(config.log, file=config.log.file and here(config.log.file)),
        outbox=_absolute_outboxes(config.outbox, here),
    )


def _absolute_outboxes(outboxes: Sequence[Any], here: Callable[[Path], Path]) -> tuple[Outbox, ...]:
    def one(outbox: Any) -> Any:
        if outbox is UNDECODABLE:
            return outbox
        path = here(outbox.path)
        taken, rejected = here(path / outbox.taken), here(path / outbox.rejected)
        return msgspec.structs.replace(outbox, path=path, taken=taken, rejected=rejected)

    return tuple(one(outbox) for outbox in outboxes)
