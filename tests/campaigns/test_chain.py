"""The whole way of a mensuelle that is corrected, replaced, and replaced too late, with the real
daemon, the real format and the simulated platform."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from support.site import Simulator, Site

from vaguemestre_dsn import samples


def month(back: int) -> str:
    """`YYYY-MM`, so many months ago."""
    first = date.today().replace(day=1)  # noqa: DTZ011 - a deadline is weeks away from any zone
    for _ in range(back):
        first = (first - timedelta(days=1)).replace(day=1)
    return f"{first:%Y-%m}"


@pytest.mark.campaign
def test_a_mensuelle_is_replaced_in_time_and_not_any_more_when_it_is_too_late(
    simulator: Callable[..., Simulator], site: Callable[..., Site]
) -> None:
    platform = simulator("--return-delay", "0.2")
    here = site(platform)
    here.start()

    def drop(name: str, **more: Any) -> dict[str, Any]:
        """Drop a mensuelle, wait until it is settled, and read its page."""
        number = len(json.loads(here.command("deposits", "list", "--json"))) + 1
        here.drop(name, samples.mensuelle(employees=1, seed=number, **more))
        here.wait(number, ["accepted", "held"])
        page: dict[str, Any] = json.loads(here.command("deposits", "show", str(number), "--json"))
        return page

    now, old = month(0), month(2)
    assert drop("first.dsn", month=now)["state"] == "accepted"
    assert drop("again.dsn", month=now, order=2)["state"] == "held"
    low = drop("low.dsn", month=now, kind="03", order=1)
    assert (low["state"], low["findings"][0]["code"]) == ("held", "deposit/rank")
    replacing = drop("replaces.dsn", month=now, kind="03", order=2)
    assert (replacing["state"], replacing["replaces"], replacing["late"]) == ("accepted", 1, False)
    emptied = drop("empty.dsn", month=now, kind="05", order=3)
    assert (emptied["state"], emptied["replaces"]) == ("accepted", 4)
    assert drop("old.dsn", month=old)["late"] is True
    late = drop("late.dsn", month=old, kind="03", order=2)
    assert (late["state"], late["findings"][0]["code"]) == ("held", "deposit/closed")
    unknown = drop("unknown.dsn", siret=samples.siret(3), month=now, kind="03", order=2)
    assert (unknown["state"], unknown["findings"][0]["code"]) == (
        "accepted",
        "deposit/nothing_known",
    )
    listed = json.loads(here.command("deposits", "list", "--json"))
    chain = [(d["replaces"], d["replaced_by"]) for d in listed]
    assert chain == [
        *((None, 4), (None, None), (1, None), (1, 5), (4, None)),
        *((None, None), (6, None), (None, None)),
    ]
    assert here.stop() == 0
    assert len(platform.deposits()) == 5
