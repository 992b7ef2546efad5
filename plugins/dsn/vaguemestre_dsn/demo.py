"""The files that the demo drops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from vaguemestre.api import DemoFile, DemoFiles, translator

from vaguemestre_dsn import samples

_ = translator("vaguemestre_dsn", __file__)


class DsnDemo(DemoFiles):
    kind = "dsn"

    def files(self, today: datetime) -> Sequence[DemoFile]:
        day = today.date()
        last_month = day.replace(day=1) - timedelta(days=1)
        month = f"{last_month:%Y-%m}"
        monthly = samples.mensuelle(month=month, siret=samples.siret(1), employees=3)
        broken = samples.mensuelle(month=month, siret=samples.siret(2))
        broken = broken.replace(b"'P26V01'", b"'P19V01'").replace(
            b"S90.G00.90.002,'1'", b"S90.G00.90.002,'7'"
        )
        again = samples.fctu(siret=samples.siret(4), order=12, end=last_month, seed=4)
        two = samples.several(
            samples.mensuelle(month=month, siret=samples.siret(5), fraction="12", seed=5),
            samples.mensuelle(month=month, siret=samples.siret(5), fraction="22", order=2, seed=6),
        )
        return [
            DemoFile(name="mensuelle.dsn", payload=monthly, caption=_("a monthly DSN")),
            DemoFile(
                name="arret.dsn",
                payload=samples.arret(siret=samples.siret(1), order=7, last_day=_worked(day)),
                caption=_("a sick leave"),
            ),
            DemoFile(name="fctu.dsn", payload=again, caption=_("an end of contract (FCTU)")),
            DemoFile(name="erreurs.dsn", payload=broken, caption=_("a file with blocking errors")),
            DemoFile(name="fctu-copie.dsn", payload=again, caption=_("the same FCTU once more")),
            DemoFile(
                name="fractions.dsn",
                payload=two,
                caption=_("two declarations in one file, which are split"),
            ),
        ]


def _worked(day: date) -> date:
    return day - timedelta(days=3)
