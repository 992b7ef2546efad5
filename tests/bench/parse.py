"""How fast a large DSN is controlled, against merely splitting its lines and their codes.

`python tests/bench/parse.py [MEGABYTES]` prints JSON. Each side runs in a process of its own that
reads the same file; the figure to compare is the ratio, the absolute ones depend on the machine.
The control reads the file in pieces: its memory is that of the whole process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 3


def control(path: Path) -> dict[str, float]:
    """The control of the file, as a worker process does it."""
    from vaguemestre_dsn.autocontrol import check
    from vaguemestre_dsn.samples import mensuelle

    check(mensuelle())  # the norm is loaded once in a process, whatever comes
    begun = time.perf_counter()
    with path.open("rb") as file:
        findings = check(file)
    seconds = time.perf_counter() - begun
    return {"seconds": seconds, "findings": len(findings), "rss_mb": rss()}


def split(path: Path) -> dict[str, float]:
    """The least that any reader of the file does."""
    content = path.read_bytes()
    begun = time.perf_counter()
    for line in content.splitlines():
        line.partition(b",")
    return {"seconds": time.perf_counter() - begun, "rss_mb": rss()}


def rss() -> float:
    """Most memory of this process so far, in MB (not that of the one which started it)."""
    status = Path("/proc/self/status").read_text("ascii", "replace")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024


def measured(side: str, path: Path) -> dict[str, float]:
    """One round of a side in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, side, str(path)], check=True, capture_output=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main(megabytes: int) -> None:
    from vaguemestre_dsn.samples import mensuelle

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.dsn"
        path.write_bytes(mensuelle(size=megabytes * 1_000_000))
        rounds = [(measured("control", path), measured("split", path)) for _ in range(ROUNDS)]
        size = path.stat().st_size / 1_000_000
    best = min(control["seconds"] for control, _split in rounds)
    least = min(split["seconds"] for _control, split in rounds)
    figures = {
        "megabytes": round(size, 1),
        "control_seconds": round(best, 3),
        "control_mb_per_second": round(size / best, 1),
        "split_seconds": round(least, 3),
        "ratio_to_split": round(least / best, 3),
        "control_rss_mb": round(max(control["rss_mb"] for control, _split in rounds), 1),
        "findings": int(rounds[0][0]["findings"]),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        side = {"control": control, "split": split}[sys.argv[1]]
        print(json.dumps(side(Path(sys.argv[2]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
