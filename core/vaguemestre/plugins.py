"""Finds plugins, gathers what they hand over, and guards every call to them.

A plugin that cannot be imported or that fails while registering is reported and left out; the
others go on. The guard around calls is `guarded`: it turns whatever a plugin raises into
`PluginFailure`, which the core shows as a notice.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from vaguemestre import hookspecs
from vaguemestre.contracts import (
    Adapter,
    Autocontrol,
    Format,
    LazyCommand,
    LogAnalyser,
    Notifier,
    ReturnReader,
    Service,
)
from vaguemestre.demo_contracts import DemoFiles, DemoPlatform
from vaguemestre.errors import VaguemestreError
from vaguemestre.model import DepositEvent, ReturnEvent


class PluginFailure(VaguemestreError):
    """A plugin did something that it must not do. `plugin` names it; the cause is attached."""

    def __init__(self, plugin: str, what: str, cause: BaseException) -> None:
        super().__init__(f"{plugin}: {what}: {type(cause).__name__}")
        self.plugin = plugin
        self.__cause__ = cause


class PluginInfo:
    """A plugin that was found: where it comes from, what it handed over, or why it was left out."""

    def __init__(self, name: str, distribution: str, version: str) -> None:
        self.name = name
        self.distribution = distribution
        self.version = version
        self.provides: list[str] = []
        self.error: str = ""


class Registry:
    """Everything that the plugins handed over, by kind."""

    def __init__(self) -> None:
        self.formats: dict[str, Format] = {}
        self.autocontrols: dict[str, Autocontrol] = {}
        self.adapters: dict[str, type[Adapter]] = {}
        self.return_readers: dict[str, ReturnReader] = {}
        self.log_analysers: dict[str, LogAnalyser] = {}
        self.notifiers: dict[str, type[Notifier]] = {}
        self.services: dict[str, Service] = {}
        self.commands: dict[tuple[str, ...], LazyCommand] = {}
        self.demo_files: dict[str, DemoFiles] = {}
        self.demo_platforms: dict[str, DemoPlatform] = {}
        self.plugins: list[PluginInfo] = []
        self.hooks = pluggy.PluginManager(hookspecs.GROUP)
        self.hooks.add_hookspecs(hookspecs)

    def load(self) -> Registry:
        """Find and register all installed plugins. Never raises."""
        for point in sorted(entry_points(group=hookspecs.GROUP), key=lambda p: p.name):
            self._load_one(point)
        return self

    def _load_one(self, point: EntryPoint) -> None:
        dist = point.dist
        info = PluginInfo(point.name, dist.name if dist else "", dist.version if dist else "")
        self.plugins.append(info)
        try:
            self.register(point.load(), info)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may fail in any way
            info.error = f"{type(error).__name__}: {error}"

    def register(self, plugin: object, info: PluginInfo | None = None) -> None:
        """Register one plugin object (a module or an instance), as `load` does for each.

        Raises whatever the plugin raises, and ValueError for a name that is already taken; then
        nothing of the plugin stays registered with the hooks.
        """
        info = info or PluginInfo(getattr(plugin, "__name__", repr(plugin)), "", "")
        if info not in self.plugins:
            self.plugins.append(info)
        staged: list[tuple[dict[Any, Any], Any, Any]] = []
        self.hooks.register(plugin, name=info.name)
        try:
            for hook, keep in self._collectors(info, staged).items():
                caller = self.hooks.subset_hook_caller(
                    hook, [p for p in self.hooks.get_plugins() if p is not plugin]
                )
                caller(register=keep)
            self.hooks.check_pending()
        except BaseException:
            self.hooks.unregister(plugin)
            info.provides.clear()
            raise
        for table, key, thing in staged:
            table[key] = thing

    def _collectors(
        self, info: PluginInfo, staged: list[tuple[dict[Any, Any], Any, Any]]
    ) -> dict[str, Callable[[Any], None]]:
        def keep_in(table: dict[Any, Any], word: str, attribute: str) -> Callable[[Any], None]:
            def keep(thing: Any) -> None:
                key = getattr(thing, attribute)
                if key in table or any(t is table and k == key for t, k, _ in staged):
                    raise ValueError(f"{word} {key!r} is already registered")
                staged.append((table, key, thing))
                info.provides.append(f"{word} {key if isinstance(key, str) else ' '.join(key)}")

            return keep

        demo_files = keep_in(self.demo_files, "demo files", "kind")
        demo_platforms = keep_in(self.demo_platforms, "demo platform", "platform")

        def keep_demo(thing: DemoFiles | DemoPlatform) -> None:
            (demo_files if isinstance(thing, DemoFiles) else demo_platforms)(thing)

        return {
            "register_formats": keep_in(self.formats, "format", "name"),
            "register_autocontrols": keep_in(self.autocontrols, "autocontrol", "name"),
            "register_adapters": keep_in(self.adapters, "adapter", "platform"),
            "register_return_readers": keep_in(self.return_readers, "return reader", "name"),
            "register_log_analysers": keep_in(self.log_analysers, "log analyser", "name"),
            "register_notifiers": keep_in(self.notifiers, "notifier", "kind"),
            "register_services": keep_in(self.services, "service", "name"),
            "register_commands": keep_in(self.commands, "command", "path"),
            "register_demos": keep_demo,
        }

    # -- observers

    def deposit_changed(self, event: DepositEvent) -> None:
        """Tell the observers of deposits. Never raises."""
        self._tell("deposit_changed", event)

    def return_received(self, event: ReturnEvent) -> None:
        """Tell the observers of returns. Never raises."""
        self._tell("return_received", event)

    def _tell(self, hook: str, event: DepositEvent | ReturnEvent) -> None:
        for observer in getattr(self.hooks.hook, hook).get_hookimpls():
            try:
                observer.function(event)
            except Exception as error:  # noqa: BLE001 - an observer may fail in any way
                from loguru import logger

                logger.opt(exception=error).warning("{} of {} failed", hook, observer.plugin_name)
