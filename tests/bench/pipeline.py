"""How fast declarations go from the folder to a durable receipt, against a bare loop of POSTs.

`python tests/bench/pipeline.py [COUNT]` prints JSON. Both sides talk to a simulator of their own in
a process of its own; the figures to compare are the ratios, the absolute ones depend on the
machine. Also measures the idle daemon: CPU and memory after the run, with nothing to do.
"""

from __future__ import annotations

import gzip
import json
import os
import ssl
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import trio

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from campaigns.conftest import large_declarations
from support.site import SECRET, Simulator, Site

IDLE_SECONDS = 20


def bare(files: dict[str, bytes], simulator: Simulator, concurrency: int) -> float:
    """Deposits per second of a loop that only posts, with the same concurrency."""

    async def main() -> float:
        ready = simulator.ready
        fields = "".join(f"<{k}>{SECRET[k]}</{k}>" for k in SECRET) + "<service>25</service>"
        verify = ssl.create_default_context(cafile=ready.get("ca_file"))
        agent = {"User-Agent": "Client-DSN (bench/1; bench)", "Accept-Encoding": "gzip"}
        async with httpx.AsyncClient(verify=verify, headers=agent, timeout=60) as client:
            token = await client.post(
                ready["authentication_url"],
                content=f"<identifiants>{fields}</identifiants>",
                headers={"Content-Type": "application/xml"},
            )
            headers = {
                "Authorization": f"DSNLogin jeton={token.text.strip()}",
                "Content-Type": "text/plain",
                "Content-Encoding": "gzip",
            }
            send, receive = trio.open_memory_channel[bytes](len(files))
            for payload in files.values():
                send.send_nowait(payload)
            send.close()

            async def work() -> None:
                async for payload in receive:
                    body = gzip.compress(payload, mtime=0)
                    answer = await client.post(ready["deposit_url"], content=body, headers=headers)
                    answer.raise_for_status()

            began = time.perf_counter()
            async with trio.open_nursery() as nursery:
                for _number in range(concurrency):
                    nursery.start_soon(work)
            return len(files) / (time.perf_counter() - began)

    return trio.run(main)


def whole(files: dict[str, bytes], simulator: Simulator, folder: Path) -> dict[str, Any]:
    """Deposits per second of the daemon, from the drop to the last durable receipt."""
    site = Site(folder, {**simulator.settings(), "poll_seconds": 300}, concurrency=8)
    site.start()
    site.wait_for(lambda: "ready" in site.tail())
    for name, payload in files.items():
        (folder / name).write_bytes(payload)
    began = time.perf_counter()
    for name in files:
        (folder / name).rename(site.outbox / name)
    site.wait(len(files), ["deposited", "accepted"], within=600)
    rate = len(files) / (time.perf_counter() - began)
    assert site.daemon is not None
    time.sleep(3)
    before = _cpu(site.daemon.pid)
    time.sleep(IDLE_SECONDS)
    idle = (_cpu(site.daemon.pid) - before) / IDLE_SECONDS
    memory = _memory(site.daemon.pid)
    site.stop()
    return {"per_second": round(rate, 1), "idle_cpu_percent": round(100 * idle, 2), **memory}


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> dict[str, float]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if " kB" in line}
    return {
        "rss_mb": round(kilobytes["VmRSS"] / 1024, 1),
        "peak_mb": round(kilobytes["VmHWM"] / 1024, 1),
    }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    files = large_declarations(count)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        results: dict[str, Any] = {"count": count, "bytes": len(next(iter(files.values())))}
        for name in ("first", "second"):
            (folder / name).mkdir()
        first = Simulator(folder / "first", "--tls", "--return-delay", "3600")
        second = Simulator(folder / "second", "--tls", "--return-delay", "3600")
        try:
            results["bare_loop_per_second"] = round(bare(files, first, 8), 1)
            results["daemon"] = whole(files, second, folder / "site")
        finally:
            first.stop()
            second.stop()
        ratio = results["daemon"]["per_second"] / results["bare_loop_per_second"]
        results["ratio_to_bare_loop"] = round(ratio, 2)
    sys.stdout.write(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
