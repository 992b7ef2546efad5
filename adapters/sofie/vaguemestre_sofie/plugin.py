"""What the distribution hands to the core: the adapter, its commands, the demo."""

from __future__ import annotations

from collections.abc import Callable

from vaguemestre.api import Adapter, DemoFiles, DemoPlatform, LazyCommand, hookimpl
from vaguemestre_sofie.adapter import Sofie
from vaguemestre_sofie.demo import SimulatedSofie
from vaguemestre_sofie.texts import _


@hookimpl
def register_adapters(register: Callable[[type[Adapter]], None]) -> None:
    register(Sofie)


@hookimpl
def register_commands(register: Callable[[LazyCommand], None]) -> None:
    register(
        LazyCommand(
            path=("simulate", "sofie"),
            target="vaguemestre_sofie.simulator.cli:command",
            help=_("A simulated installation of SOFiE on this machine, to try and to test with."),
        )
    )
    register(
        LazyCommand(
            path=("sofie", "password-changed"),
            target="vaguemestre_sofie.commands:password_changed",
            help=_("Say that the password of SOFiE was changed: the reminder begins anew."),
        )
    )


@hookimpl
def register_demos(register: Callable[[DemoPlatform | DemoFiles], None]) -> None:
    register(SimulatedSofie())
