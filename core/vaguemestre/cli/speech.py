"""Makes click speak the product's language: its own words, and help texts that are translated when
they are shown.

click takes its words from the standard gettext functions, bound in its modules when they are
imported; here they are bound to our catalogue instead. Help texts stand in `N_()`, so that they are
extracted, and go through `_` at the last moment: the language is known only after the options are
read.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from vaguemestre.locale import _

#: gettext's mark for a text that is translated later.
N_ = str

F = TypeVar("F", bound=Callable[..., Any])

#: click's texts that people meet, as click writes them: what is not here stays English.
OF_CLICK = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Positional arguments"),
    N_("Aborted!"),
    N_("Error: {message}"),
    N_("Error: invalid input"),
    N_("Error: The two entered values do not match."),
    N_("Repeat for confirmation"),
    N_("Try '{command} {option}' for help."),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("default: {default}"),
    N_("Choose from:\n\t{choices}"),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Did you mean {possibility}?"),
    N_("(Did you mean one of: {possibilities}?)"),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("{value!r} is not {choice}."),
    N_("{value!r} is not one of {choices}."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("Option {name!r} requires an argument."),
    N_("Option {name!r} does not take a value."),
    N_("Got unexpected extra argument ({args})"),
    N_("Got unexpected extra arguments ({args})"),
)


def _plural(one: str, many: str, count: int) -> str:
    return _(one if count == 1 else many)


def teach_click() -> None:
    """Bind click's words to our catalogue. Done once, when this module is imported."""
    for name, module in list(sys.modules.items()):
        if name.startswith("click."):
            for word, ours in (("_", _), ("ngettext", _plural)):
                if hasattr(module, word):
                    setattr(module, word, ours)


teach_click()


@contextmanager
def _translated(thing: object, *names: str) -> Iterator[None]:
    """Meanwhile, the texts in these attributes are in the current language."""
    plain = {name: getattr(thing, name, None) for name in names}
    try:
        for name, text in plain.items():
            if text:
                setattr(thing, name, _(text))
        yield
    finally:
        for name, text in plain.items():
            setattr(thing, name, text)


class Option(click.Option):
    """An option whose help and metavar are translated when they are shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        with _translated(self, "help"):
            return super().get_help_record(ctx)

    def make_metavar(self, ctx: click.Context) -> str:
        with _translated(self, "metavar"):
            return super().make_metavar(ctx)


class Argument(click.Argument):
    """An argument whose metavar is translated when it is shown."""

    def make_metavar(self, ctx: click.Context) -> str:
        with _translated(self, "metavar"):
            return super().make_metavar(ctx)


class Command(click.Command):
    """A command whose help is translated when it is shown."""

    def get_short_help_str(self, limit: int = 45) -> str:
        with _translated(self, "help", "short_help"):
            return super().get_short_help_str(limit)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with _translated(self, "help"):
            super().format_help_text(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        found = super().get_help_option(ctx)
        if found is not None:  # click made it once, in the language of that moment
            found.help = _("Show this message and exit.")
        return found


class SpokenGroup(Command, click.Group):
    """A group whose help is translated when it is shown."""

    command_class = Command

    def __init__(self, *args: Any, **attributes: Any) -> None:
        attributes.setdefault("subcommand_metavar", N_("COMMAND [ARGUMENTS]..."))
        super().__init__(*args, **attributes)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        with _translated(self, "subcommand_metavar"):
            return super().collect_usage_pieces(ctx)


def option(*declarations: str, **attributes: Any) -> Callable[[F], F]:
    """`click.option` with translated help."""
    return click.option(*declarations, cls=Option, **attributes)


def argument(*declarations: str, **attributes: Any) -> Callable[[F], F]:
    """`click.argument` with a translated metavar."""
    return click.argument(*declarations, cls=Argument, **attributes)


def json_option(command: F) -> F:
    """`--json`: for programs instead of people."""
    return option("--json", "as_json", is_flag=True, help=N_("Print JSON for programs."))(command)
