"""What the distribution hands to the core: the adapter and the simulator's command."""

from __future__ import annotations

from collections.abc import Callable

from vaguemestre.api import Adapter, LazyCommand, hookimpl
from vaguemestre_izilio.adapter import Izilio
from vaguemestre_izilio.texts import _


@hookimpl
def register_adapters(register: Callable[[type[Adapter]], None]) -> None:
    register(Izilio)


@hookimpl
def register_commands(register: Callable[[LazyCommand], None]) -> None:
    register(
        LazyCommand(
            path=("simulate", "izilio"),
            target="vaguemestre_izilio.simulator:command",
            help=_("A simulated IZILIO on this machine, to try and to test with."),
        )
    )
