"""The files that the demo drops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from vaguemestre.api import DemoFile, DemoFiles
from vaguemestre_dsn.texts import _


class DsnDemo(DemoFiles):
    kind = "dsn"

    def files(self, today: datetime) -> Sequence[DemoFile]:
        from vaguemestre_dsn import samples

        last = today.date().replace(day=1) - timedelta(days=1)
        month = f"{last.year:04d}-{last.month:02d}"
        employers = [samples.siret(number) for number in range(1, 6)]
        ended = samples.fctu(siret=employers[2], order=12, end=last, seed=3)
        broken = samples.mensuelle(month=month, siret=employers[3], seed=4)
        broken = broken.replace(b"'P26V01'", b"'P19V01'")
        broken = broken.replace(b"S90.G00.90.002,'1'", b"S90.G00.90.002,'7'")
        fractions = [
            samples.mensuelle(
                month=month, siret=employers[4], fraction=fraction, order=order, seed=order
            )
            for order, fraction in enumerate(("12", "22"), start=1)
        ]
        return [
            DemoFile(
                name="mensuelle.dsn",
                payload=samples.mensuelle(month=month, siret=employers[0], employees=3, seed=1),
                caption=_("A monthly DSN with three employees"),
            ),
            DemoFile(
                name="mensuelle-bis.dsn",
                payload=samples.mensuelle(month=month, siret=employers[0], employees=2, seed=9),
                caption=_("Another one of the same employer and month: one of them will wait"),
            ),
            DemoFile(
                name="arret.dsn",
                payload=samples.arret(
                    siret=employers[1], order=7, last_day=today.date() - timedelta(days=3), seed=2
                ),
                caption=_("A sick leave"),
            ),
            DemoFile(name="fctu.dsn", payload=ended, caption=_("An end of contract (FCTU)")),
            DemoFile(
                name="erreurs.dsn",
                payload=broken,
                caption=_("A file with errors: unknown norm, wrong counter"),
            ),
            DemoFile(
                name="fctu-copie.dsn",
                payload=ended,
                caption=_("The same FCTU again, under another name"),
            ),
            DemoFile(
                name="fractions.dsn",
                payload=samples.several(*fractions),
                caption=_("Two declarations in one file, which is split"),
            ),
        ]
