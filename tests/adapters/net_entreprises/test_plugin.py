"""What the distribution offers to the product is found by it."""

from __future__ import annotations

import json
from pathlib import Path

from vaguemestre.api import DemoPlatform, LazyCommand
from vaguemestre_net_entreprises import plugin
from vaguemestre_net_entreprises.adapter import NetEntreprises
from vaguemestre_net_entreprises.dpae import UrssafDpae


def test_the_adapters_are_registered() -> None:
    found: list[type] = []
    plugin.register_adapters(found.append)
    assert found == [NetEntreprises, UrssafDpae]


def test_the_simulators_command_is_where_it_is_said_to_be() -> None:
    found: list[LazyCommand] = []
    plugin.register_commands(found.append)
    (command,) = found
    module, _, name = command.target.partition(":")
    assert command.path == ("simulate", "net-entreprises")
    imported = __import__(module, fromlist=[name])
    options = {o for p in getattr(imported, name).params for o in p.opts}
    demos: list[DemoPlatform] = []
    plugin.register_demos(demos.append)  # type: ignore[arg-type]
    words = [w for w in demos[0].command(Path("/x")) if w.startswith("--")]
    assert set(words) <= options


def test_the_demo_counts_what_really_arrived(tmp_path: Path) -> None:
    demos: list[DemoPlatform] = []
    plugin.register_demos(demos.append)  # type: ignore[arg-type]
    (demo,) = demos
    count = demo.ledger(tmp_path)
    assert count() == 0
    lines = [json.dumps({"event": e}) for e in ("deposit", "refused", "deposit")]
    (tmp_path / "ledger.jsonl").write_text("\n".join(lines) + '\n{"event": "depo')
    assert count() == 2
