"""What the demo drops in the outbox of SOFiE."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from vaguemestre.api import DemoFile, DemoFiles
from vaguemestre_seculine.texts import _


class SeculineDemo(DemoFiles):
    kind = "seculine"

    def files(self, today: datetime) -> Sequence[DemoFile]:
        from vaguemestre_seculine import samples

        last = today.date().replace(day=1) - timedelta(days=1)
        month = f"{last:%Y%m}"
        broken = samples.decsal(month=month, employees=2, seed=5)
        broken = broken.replace(b";173;", b";400;", 1)
        return [
            DemoFile(
                name="DECSAL.dta",
                payload=samples.decsal(month=month),
                caption=_("Wages of three persons; one record will come back rejected"),
            ),
            DemoFile(
                name="DECMAL.dta",
                payload=samples.decmal(month=month),
                caption=_("Incapacities for work, one of them corrected"),
            ),
            DemoFile(
                name="DECAFF.dta",
                payload=samples.decaff(entry=last, seed=2),
                caption=_("An entry"),
            ),
            DemoFile(
                name="DECSAL-erreurs.dta",
                payload=broken,
                caption=_("Wages with 400 hours in a month"),
            ),
        ]
