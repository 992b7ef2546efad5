"""A deployment with a simulated SOFiE: the real daemon, the real batch program, and its ledger."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.site import Site, _value, command


class SofieSite(Site):
    """A deployment in `folder` with a simulated installation beside it."""

    def __init__(self, folder: Path, *faults: str, **settings: Any) -> None:
        self.folder = folder
        self.outbox = folder / "out"
        self.outbox.mkdir(parents=True, exist_ok=True)
        self.config = folder / "site.toml"
        self.store = folder / "store.db"
        self.log = folder / "daemon.log"
        self.daemon = None
        self._started_at = 0
        self.home = folder / "sofie"
        wanted = {
            **self.simulate("--once", "--return-delay", "0", *_options("--fault", faults))[
                "settings"
            ],
            "address": "",
            "timeout_seconds": 10,
            "receive_minutes": 0.05,
            **settings,
        }
        self.config.write_text(_toml(wanted), "utf-8")

    def simulate(self, *options: str) -> dict[str, Any]:
        """Run the simulator's command on this home; what it printed."""
        done = subprocess.run(
            [*command(), "simulate", "sofie", "--home", str(self.home), *options],
            capture_output=True,
            check=True,
        )
        printed: dict[str, Any] = json.loads(done.stdout)
        return printed

    def records(self) -> list[dict[str, Any]]:
        """The ledger: all that happened on the other side."""
        try:
            lines = (self.home / "simulated" / "ledger.jsonl").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def assert_each_arrived_once(self, files: Mapping[str, bytes]) -> None:
        """The judgement of every campaign: each file, once, nothing else, and never two runs."""
        arrived = Counter(r["sha256"] for r in self.records() if r["event"] == "deposit")
        wanted = Counter(hashlib.sha256(payload).hexdigest() for payload in files.values())
        assert arrived == wanted, (arrived, wanted, self.tail())
        assert not [r for r in self.records() if r["event"] == "two-at-once"]


def _options(name: str, values: tuple[str, ...]) -> list[str]:
    return [word for value in values for word in (name, value)]


def _toml(settings: Mapping[str, Any]) -> str:
    lines = [
        "[store]",
        'path = "store.db"',
        "[vault]",
        'key_file = "vault.key"',
        "[[outbox]]",
        'name = "paie"',
        'path = "out"',
        "quiet_seconds = 0.1",
        "scan_seconds = 0.5",
        "[inbox]",
        'path = "in"',
        "[[profile]]",
        'name = "ccss"',
        'platform = "sofie"',
        "[profile.settings]",
        *(f"{k} = {_value(v)}" for k, v in settings.items()),
    ]
    return "\n".join(lines) + "\n"
