"""The demo, as somebody who tries the product meets it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections import Counter
from pathlib import Path

from support.site import command


def alive(words: str) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            raw = (process / "cmdline").read_bytes()
        except OSError:
            continue
        line = raw.replace(b"\0", b" ").decode("utf-8", "replace")
        if words in line and process.name != str(os.getpid()):
            found.append(line)
    return found


def test_it_ends_well_and_a_demo_told_to_end_leaves_nothing_running() -> None:
    words = [*command(), "demo", "--stay", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stdout is not None
            lines: list[str] = []
            while not lines or lines[-1].rstrip() != "}":
                lines.append(demo.stdout.readline())
            summary = json.loads("".join(lines))
            assert alive(summary["folder"])
        finally:
            demo.send_signal(signal.SIGTERM)
        demo.wait(30)
    assert not alive(summary["folder"])
    assert summary["ok"] is True
    assert Counter(d["state"] for d in summary["deposits"]) == {
        "accepted": 7,
        "rejected": 2,
        "held": 1,
        "to_check": 1,
    }
    (held,) = [d for d in summary["deposits"] if d["state"] == "held"]
    assert "mensuelle" in held["source"]
    assert "Doublon possible" in held["message"]
    certificates = [r for r in summary["returns"] if r["nature"] == "11"]
    assert len(certificates) == 5
    assert all(Path(r["path"]).is_file() for r in certificates)
    assert any("fctu-copie.dsn" in n["title"] for n in summary["notices"])
    shutil.rmtree(summary["folder"])
