"""What the distribution hands to the core: the adapter, the simulator's command, the demo."""

from __future__ import annotations

from collections.abc import Callable

from vaguemestre.api import Adapter, DemoFiles, DemoPlatform, LazyCommand, hookimpl
from vaguemestre_net_entreprises.adapter import NetEntreprises
from vaguemestre_net_entreprises.demo import SimulatedNetEntreprises
from vaguemestre_net_entreprises.dpae import UrssafDpae
from vaguemestre_net_entreprises.texts import _


@hookimpl
def register_adapters(register: Callable[[type[Adapter]], None]) -> None:
    register(NetEntreprises)
    register(UrssafDpae)


@hookimpl
def register_commands(register: Callable[[LazyCommand], None]) -> None:
    register(
        LazyCommand(
            path=("simulate", "net-entreprises"),
            target="vaguemestre_net_entreprises.simulator.cli:command",
            help=_("A simulated API DSN on this machine, to try and to test with."),
        )
    )


@hookimpl
def register_demos(register: Callable[[DemoPlatform | DemoFiles], None]) -> None:
    register(SimulatedNetEntreprises())
