"""Decodes what plugins own in the file: a profile's settings, a notifier's keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from vaguemestre.config.decoding import UNDECODABLE, Decoder, choose_from, nearest
from vaguemestre.config.problems import Place, Problems
from vaguemestre.config.schema import BUILTIN, NotifierConfig, ProfileConfig
from vaguemestre.contracts import Adapter
from vaguemestre.locale import _
from vaguemestre.plugins import Registry


class Plugged:
    """The handlers of `ProfileConfig` and `NotifierConfig` for a `Decoder`."""

    def __init__(self, registry: Registry, problems: Problems) -> None:
        self._registry = registry
        self._problems = problems
        self._decoder = Decoder(problems)

    def profile(self, raw: Any, place: Place) -> Any:
        """A `ProfileConfig` with decoded settings."""
        found = self._decoder.struct(raw, ProfileConfig, place)
        platform = raw.get("platform") if isinstance(raw, dict) else None
        if not isinstance(platform, str) or not platform:
            return found
        adapter = self._registry.adapters.get(platform)
        if adapter is None:
            known = self._registry.adapters
            self._problems.add((*place, "platform"), self._not_there(platform, known))
            self._decoder.secrets(raw.get("settings"), (*place, "settings"))
            return found
        settings = self._settings(adapter, raw.get("settings", {}), (*place, "settings"))
        if found is UNDECODABLE:
            return found
        if not found.credential and self._needs(adapter, settings):
            self._problems.add((*place, "credential"), _("missing: the name of a secret"))
        if adapter.exclusive:
            found = self._one_at_a_time(found, "concurrency" in raw, place)
        return msgspec.structs.replace(found, settings=settings)

    def _needs(self, adapter: type[Adapter], settings: Any) -> Sequence[str]:
        """What the credential must have; all that it may need if the settings cannot say."""
        if settings is UNDECODABLE:
            return adapter.credential_fields
        try:
            return adapter.needs(settings)
        except Exception:  # noqa: BLE001 - a plugin may fail in any way, over settings with mistakes
            return adapter.credential_fields

    def _one_at_a_time(self, profile: ProfileConfig, given: bool, place: Place) -> ProfileConfig:
        if given and profile.concurrency > 1:
            self._problems.add(
                (*place, "concurrency"), _("this platform takes one deposit at a time: write 1")
            )
        return msgspec.structs.replace(profile, concurrency=1)

    def _settings(self, adapter: type[Adapter], raw: Any, place: Place) -> Any:
        settings = self._decoder.struct(raw, adapter.settings, place)
        if settings is not UNDECODABLE and not self._problems.concern(place):
            self._judge(adapter, settings, place)
        elif isinstance(raw, dict):
            # One wrong key hides nothing that is wrong with the others.
            names = {f.encode_name for f in msgspec.structs.fields(adapter.settings)}
            sound = {
                key: value
                for key, value in raw.items()
                if key in names and not self._problems.concern((*place, key))
            }
            with suppress(msgspec.ValidationError):
                decoded = msgspec.convert(sound, adapter.settings)
                self._judge(adapter, decoded, place, only=frozenset(sound))
        return settings

    def _judge(
        self,
        adapter: type[Adapter],
        settings: Any,
        place: Place,
        only: frozenset[str] | None = None,
    ) -> None:
        """Report what the adapter has against its settings; `only`: against these keys."""
        try:
            mistakes = adapter.check_settings(settings)
        except Exception as error:  # noqa: BLE001 - a plugin may fail in any way
            mistakes = [("", _("the plugin cannot check this: {error}").format(error=repr(error)))]
        for name, message in mistakes:
            steps = _steps(name)
            if only is None or (steps and steps[0] in only):
                self._problems.add((*place, *steps), message)

    def notifier(self, raw: Any, place: Place) -> Any:
        """A `NotifierConfig`: its keys other than `kind` are the plugin's settings."""
        if not isinstance(raw, dict):
            return self._decoder.struct(raw, NotifierConfig, place)
        found = self._decoder.struct(
            {k: v for k, v in raw.items() if k == "kind"}, NotifierConfig, place
        )
        if found is UNDECODABLE:
            return found
        plugin = self._registry.notifiers.get(found.kind)
        if plugin is None:
            known = self._registry.notifiers
            self._problems.add((*place, "kind"), self._not_there(found.kind, known))
            self._decoder.secrets(raw, place)
            return UNDECODABLE
        rest = {k: v for k, v in raw.items() if k != "kind"}
        settings = self._decoder.struct(rest, plugin.settings, place)
        if settings is UNDECODABLE:
            return UNDECODABLE
        return msgspec.structs.replace(found, settings=settings)

    def choices(self, names: Sequence[Any]) -> None:
        """The names in `autocontrol`: each is that of a control."""
        if not names:
            text = _("at least one control, or builtin: nothing is sent without any")
            self._problems.add(("autocontrol",), text)
        known = {BUILTIN: None, **self._registry.autocontrols}
        for number, name in enumerate(names):
            if name is not UNDECODABLE and name not in known:
                self._problems.add(("autocontrol", number), self._not_there(name, known))

    def controls(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The tables below `[control]`, each decoded into the settings of its control."""
        found = {}
        for name, table in raw.items():
            place = ("control", name)
            control = self._registry.autocontrols.get(name)
            if control is None or control.settings is None:
                known = [n for n, c in self._registry.autocontrols.items() if c.settings]
                self._problems.add(place, self._not_there(name, known))
                continue
            settings = self._decoder.struct(table, control.settings, place)
            if settings is not UNDECODABLE:
                found[name] = settings
        return found

    def _not_there(self, name: str, known: Iterable[str]) -> str:
        """No plugin answers to the name: what there is, and which plugins could not be loaded."""
        known = sorted(known)
        message = _("no installed plugin provides {name}").format(name=name)
        meant = nearest(name, known)
        if meant:
            message += "; " + _("did you mean {key}?").format(key=meant)
        elif known:
            message += "; " + choose_from(known)
        broken = [plugin.name for plugin in self._registry.plugins if plugin.error]
        if broken:
            message += "; " + _("not loaded because of an error: {plugins}").format(
                plugins=", ".join(broken)
            )
        return message


def _steps(name: str) -> Place:
    """`hosts.0` as a plugin writes it."""
    return tuple(int(s) if s.isdecimal() else s for s in name.split(".") if s)
