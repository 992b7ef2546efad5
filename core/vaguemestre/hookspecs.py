"""The hooks. A plugin module implements those it needs and hands its objects to `register`.

Registration is synchronous and quick: no I/O, no heavy import. The work is done later, by the async
methods of the objects, each called behind a guard (`plugins.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
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
    from vaguemestre.model import DepositEvent, ReturnEvent

GROUP = "vaguemestre"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec
def register_formats(register: Callable[[Format], None]) -> None:
    """Hand over formats: they recognise files and split those with several declarations."""


@hookspec
def register_autocontrols(register: Callable[[Autocontrol], None]) -> None:
    """Hand over controls: they find what the platform would refuse."""


@hookspec
def register_adapters(register: Callable[[type[Adapter]], None]) -> None:
    """Hand over adapter classes, one a platform."""


@hookspec
def register_return_readers(register: Callable[[ReturnReader], None]) -> None:
    """Hand over readers of returns. The first one that answers wins."""


@hookspec
def register_log_analysers(register: Callable[[LogAnalyser], None]) -> None:
    """Hand over log analysers: sources in, diagnoses out."""


@hookspec
def register_notifiers(register: Callable[[type[Notifier]], None]) -> None:
    """Hand over notifier classes, one a kind."""


@hookspec
def register_services(register: Callable[[Service], None]) -> None:
    """Hand over long-running tasks for the daemon's nursery."""


@hookspec
def register_commands(register: Callable[[LazyCommand], None]) -> None:
    """Hand over sub-commands of the command line."""


@hookspec
def register_demos(register: Callable[[DemoPlatform | DemoFiles], None]) -> None:
    """Hand over what `vaguemestre demo` shows: simulated platforms and sample files."""


@hookspec
def deposit_changed(event: DepositEvent) -> None:
    """A deposit changed, and the change is durable. Must return at once."""


@hookspec
def return_received(event: ReturnEvent) -> None:
    """A return is stored and its file is in the inbox folder. Must return at once."""
