"""SOFiE in the demo: a simulated installation, a reject that it sends back, and its ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vaguemestre.api import DemoPlatform


class SimulatedSofie(DemoPlatform):
    """The simulated installation of the demo."""

    platform = "sofie"
    kind = "seculine"

    def command(self, folder: Path) -> Sequence[str]:
        return [
            *("simulate", "sofie", "--home", str(folder / "sofie"), "--return-delay", "1"),
            *("--reject-next", "DECSAL:14"),
        ]

    def settings(self, ready: Mapping[str, Any]) -> Mapping[str, Any]:
        """What takes days in Luxembourg takes seconds here."""
        return {
            **ready["settings"],
            "receive_minutes": 0.04,
            "presumed_hours": 0.002,
            "working_days": "1234567",
            "public_holidays": "",
        }

    def credential(self) -> Mapping[str, str]:
        return {}

    def ledger(self, folder: Path) -> Callable[[], int]:
        def count() -> int:
            from vaguemestre_sofie.simulator.centre import Centre
            from vaguemestre_sofie.simulator.home import Home

            return len(Centre(Home(folder / "sofie")).deposits())

        return count
