"""Five hundred profiles on one daemon: do deposits go on while all of them are polled?

`python tests/bench/profiles.py [PROFILES] [DEPOSITS]` prints JSON. The same deposits are made by a
daemon with one profile and by one with all; the figure to compare is the ratio. Also how often each
account was asked for its returns, against how often it may be, and the daemon's memory.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from vaguemestre.cli import root

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.pipeline import _memory
from campaigns.conftest import large_declarations
from support.site import SECRET, Simulator, Site

#: Seconds between two searches of one account.
POLL = 10


def siret(number: int) -> str:
    return f"9{number:08}00000"


def more_profiles(count: int, settings: dict[str, Any]) -> str:
    """The profiles beside the first, each for a company of its own."""
    lines = []
    for number in range(1, count):
        lines += [
            "[[profile]]",
            f'name = "p{number}"',
            'platform = "net-entreprises"',
            f'credential = "p{number}"',
            'mode = "real"',
            f'scope = {{ company = "{siret(number)[:9]}" }}',
            "[profile.settings]",
            *(f"{key} = {json.dumps(value)}" for key, value in settings.items()),
        ]
    return "\n".join(lines) + "\n"


def measured(folder: Path, profiles: int, files: dict[str, bytes]) -> dict[str, Any]:
    folder.mkdir()
    accounts = [f"{siret(n)}:MARTIN:CLAUDE:Secret-123" for n in range(1, profiles)]
    words = [word for account in accounts for word in ("--account", account)]
    simulator = Simulator(folder, "--tls", "--return-delay", "3600", *words)
    settings = {**simulator.settings(), "poll_seconds": POLL, "settling_seconds": 1}
    site = Site(folder / "site", settings, extra=more_profiles(profiles, settings), concurrency=8)
    try:
        for number in range(1, profiles):
            secret = json.dumps({**SECRET, "siret": siret(number)})
            words = ["-c", str(site.config), "secrets", "set", f"p{number}"]
            done = CliRunner().invoke(root, words, input=secret)
            assert done.exit_code == 0, done.output
        began = time.perf_counter()
        site.start()
        site.wait_for(site.is_ready)
        ready = time.perf_counter() - began
        time.sleep(2 * POLL)
        for name, payload in files.items():
            (site.folder / name).write_bytes(payload)
        began = time.perf_counter()
        for name in files:
            (site.folder / name).rename(site.outbox / name)
        site.wait(len(files), ["deposited", "accepted"], within=600)
        seconds = time.perf_counter() - began
        cursors = site.query("SELECT count(*) FROM cursor")[0][0]
        assert site.daemon is not None
        return {
            "ready_seconds": round(ready, 2),
            "deposits_per_second": round(len(files) / seconds, 1),
            "accounts_collected": cursors,
            "calls": _calls(simulator),
            **_memory(site.daemon.pid),
        }
    finally:
        site.stop()
        simulator.stop()


def _calls(simulator: Simulator) -> dict[str, int]:
    import ssl
    import urllib.request

    context = ssl.create_default_context(cafile=simulator.ready["ca_file"])
    url = f"{simulator.ready['base']}/_control/calls"
    with urllib.request.urlopen(url, context=context) as answer:
        found: dict[str, int] = json.load(answer)
    return found


def main(profiles: int, deposits: int) -> None:
    files = large_declarations(deposits)
    with tempfile.TemporaryDirectory() as place:
        alone = measured(Path(place) / "one", 1, files)
        many = measured(Path(place) / "many", profiles, files)
    ratio = many["deposits_per_second"] / alone["deposits_per_second"]
    figures = {"profiles": profiles, "one": alone, "many": many, "ratio": round(ratio, 2)}
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] + ["500", "300"][len(sys.argv) - 1 :])))
