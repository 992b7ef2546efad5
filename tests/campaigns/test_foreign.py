"""Somebody deposits on the portal while the daemon runs: seen, answered, never sent."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from ssl import create_default_context
from typing import Any

from support.site import SECRET, Simulator, Site

from vaguemestre_dsn import samples


def by_hand(simulator: Simulator, payload: bytes) -> None:
    ready = simulator.ready
    request = urllib.request.Request(
        f"{ready['base']}/_control/portal/{SECRET['siret']}", payload, method="POST"
    )
    context = create_default_context(cafile=ready["ca_file"])
    with urllib.request.urlopen(request, context=context) as answer:
        assert answer.status == 204


def test_a_deposit_made_on_the_portal_is_shown_with_its_returns(tmp_path: Path) -> None:
    simulator = Simulator(tmp_path, "--tls", "--return-delay", "0.2")
    site = Site(tmp_path / "site", {**simulator.settings(), "poll_seconds": 0.5})
    try:
        site.start()
        site.wait_for(site.is_ready)
        by_hand(simulator, samples.arret())
        site.drop("ours.dsn", samples.mensuelle())
        site.wait(1, ["accepted"])

        def seen() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = json.loads(site.command("deposits", "foreign", "--json"))
            return found

        site.wait_for(lambda: [one["state"] for one in seen()] == ["accepted"])
        assert sum(site.states().values()) == 1
        assert len(simulator.deposits()) == 2
    finally:
        site.stop()
        simulator.stop()
