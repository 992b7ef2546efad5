"""A group whose sub-commands are imported only when they are called, plugins' among them.

The lines of its list of commands are known without importing any command. Plugins are asked for
theirs, except by the root's list: loading all plugins takes as long as everything else together,
and a plugin of somebody else may take much longer.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from vaguemestre.cli.site import Site
from vaguemestre.cli.speech import N_, SpokenGroup
from vaguemestre.errors import ConfigurationError
from vaguemestre.locale import _

if TYPE_CHECKING:
    from vaguemestre.contracts import LazyCommand

Words = tuple[str, ...]
#: Lines of help are folded, never cut.
WIDE = 400
GROUP = N_("Commands of plugins.")


class LazyGroup(SpokenGroup):
    """A group with commands of three origins: added to it, `lazy` ones, and those that plugins
    put below `words` (the words that lead here).

    `lazy`: by name, where the command is (`package.module:attribute`) and its line of help.
    `promised`: lines of help for words below which plugins put commands; with any, the list of
    commands shows these instead of asking the plugins.
    """

    def __init__(
        self,
        *args: Any,
        lazy: Mapping[str, tuple[str, str]] | None = None,
        promised: Mapping[str, str] | None = None,
        words: Words | None = None,
        **attributes: Any,
    ) -> None:
        super().__init__(*args, **attributes)
        self._lazy = dict(lazy or {})
        self._promised = dict(promised or {})
        self._words = words if words is not None else (self.name or "",)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lines() | self._lines_of_plugins(ctx))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self._lazy:
            return _import(self._lazy[cmd_name][0])
        added = super().get_command(ctx, cmd_name)
        return added or self._of_plugins(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        lines = self._lines()
        if self._promised:
            lines |= {name: _(line) for name, line in self._promised.items()}
        else:
            lines |= self._lines_of_plugins(ctx)
        if lines:
            with formatter.section(_("Commands")):
                formatter.write_dl(list(lines.items()))
        if self._promised:
            formatter.write_paragraph()
            formatter.write_text(_("Plugins may add commands: see vaguemestre plugins list."))

    def _lines(self) -> dict[str, str]:
        """Our own commands' lines of help, in our order."""
        lines = {name: _(line) for name, (_target, line) in self._lazy.items()}
        return lines | {name: c.get_short_help_str(WIDE) for name, c in self.commands.items()}

    def _lines_of_plugins(self, ctx: click.Context) -> dict[str, str]:
        """Their commands' lines of help, by name."""
        lines: dict[str, str] = {}
        depth = len(self._words)
        for words, command in sorted(self._plugged(ctx).items()):
            name, deeper = words[depth], len(words) > depth + 1
            line = self._promised.get(name, GROUP) if deeper else command.help
            lines.setdefault(name, _(line) if deeper else line)
        return lines

    def _plugged(self, ctx: click.Context) -> dict[Words, LazyCommand]:
        """The plugins' commands below this group, by all their words."""
        depth = len(self._words)
        commands = ctx.ensure_object(Site).registry.commands
        return {w: c for w, c in commands.items() if w[:depth] == self._words and len(w) > depth}

    def _of_plugins(self, ctx: click.Context, name: str) -> click.Command | None:
        here = (*self._words, name)
        plugged = {w: c for w, c in self._plugged(ctx).items() if w[: len(here)] == here}
        if here in plugged:
            return _import(plugged[here].target)
        if plugged:
            return LazyGroup(name, words=here, help=self._promised.get(name, GROUP))
        return None


def _import(target: str) -> click.Command:
    """The command at `package.module:attribute`. Raises ConfigurationError if it is not there."""
    module, _colon, attribute = target.partition(":")
    try:
        command = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            _("the command {target} cannot be loaded ({error}): install its plugin again").format(
                target=target, error=error
            )
        ) from error
    assert isinstance(command, click.Command), target  # noqa: S101 - a plugin's mistake
    return command
