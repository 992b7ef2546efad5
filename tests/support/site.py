"""A deployment on disk with its real parts: the daemon and the simulated platform as child
processes, an outbox to drop files in, and the platform's ledger to judge by."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

#: Fictitious: the SIREN passes its check, nobody has it.
SIRET = "99999999800019"
COURRIEL = "claude.martin@example.org"
SECRET = {
    "siret": SIRET,
    "nom": "MARTIN",
    "prenom": "CLAUDE",
    "motdepasse": "Secret-123",
}


class Simulator:
    """`vaguemestre simulate net-entreprises`, or another platform, as a child process."""

    def __init__(self, folder: Path, *options: str, platform: str = "net-entreprises") -> None:
        self.ledger_file = folder / "ledger.jsonl"
        account = ":".join([*SECRET.values(), *[COURRIEL] * (platform == "izilio")])
        self.process = subprocess.Popen(
            [
                *command(),
                "simulate",
                platform,
                "--port",
                "0",
                "--ledger",
                str(self.ledger_file),
                "--account",
                account,
                *options,
            ],
            stdout=subprocess.PIPE,
            cwd=folder,
        )
        assert self.process.stdout is not None
        self.ready: dict[str, Any] = json.loads(self.process.stdout.readline())

    def settings(self) -> dict[str, Any]:
        keys = ("authentication_url", "deposit_url", "consultation_url", "download_hosts")
        found = {k: self.ready[k] for k in keys}
        if self.ready.get("ca_file"):
            found["ca_file"] = self.ready["ca_file"]
        return found

    def deposits(self) -> list[dict[str, Any]]:
        """What really arrived, in order."""
        try:
            lines = self.ledger_file.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        records = [json.loads(line) for line in lines if line.endswith("}")]
        return [r for r in records if r["event"] == "deposit"]

    def refused_logins(self) -> int:
        """How often an authentication was refused."""
        with urllib.request.urlopen(f"{self.ready['base']}/_control/calls") as answer:
            counts: dict[str, int] = json.load(answer)
        return counts.get("authentication_refused", 0)

    def add_fault(self, spec: str) -> None:
        self._faults("POST", json.dumps({"faults": [spec]}).encode())

    def clear_faults(self) -> None:
        self._faults("DELETE", None)

    def _faults(self, method: str, body: bytes | None) -> None:
        request = urllib.request.Request(
            f"{self.ready['base']}/_control/faults", data=body, method=method
        )
        urllib.request.urlopen(request).close()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


class Site:
    """A deployment in `folder`. The daemon is started and killed at will."""

    def __init__(
        self, folder: Path, settings: Mapping[str, Any], *, extra: str = "", **profile: Any
    ) -> None:
        self.folder = folder
        self.outbox = folder / "out"
        self.outbox.mkdir(parents=True, exist_ok=True)
        self.config = folder / "site.toml"
        self.store = folder / "store.db"
        self.log = folder / "daemon.log"
        more = {"courriel": COURRIEL} if profile.get("platform") == "izilio" else {}
        self.secret = json.dumps({**SECRET, **more})
        self._started_at = 0
        self.daemon: subprocess.Popen[bytes] | None = None
        defaults = {"poll_seconds": 1, "settling_seconds": 1, "timeout_seconds": 10}
        self.config.write_text(_toml(profile, {**defaults, **settings}) + extra, "utf-8")
        self.command("secrets", "set", "acme", stdin=self.secret)

    def start(self, **environment: str) -> None:
        self._started_at = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.daemon = subprocess.Popen(
                [*command(), "-c", str(self.config), "run"],
                stderr=log,
                stdout=log,
                cwd=self.folder,
                env={**os.environ, **environment},
            )

    def kill(self) -> None:
        if self.daemon is not None:
            self.daemon.kill()
            self.daemon.wait()
            self.daemon = None

    def is_ready(self) -> bool:
        """Whether the daemon said so since it was started."""
        return "ready" in self.log.read_text("utf-8", "replace")[self._started_at :]

    def stop(self) -> int:
        """Stop as a service manager does, which waits for the start to be over."""
        assert self.daemon is not None
        self.wait_for(self.is_ready)
        self.daemon.send_signal(signal.SIGTERM)
        code = self.daemon.wait(15)
        self.daemon = None
        return code

    def command(self, *words: str, stdin: str = "", code: int = 0) -> str:
        """Run a command of the product on this deployment; its standard output."""
        done = subprocess.run(
            [*command(), "-c", str(self.config), *words],
            input=stdin.encode(),
            capture_output=True,
            cwd=self.folder,
            check=False,
        )
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout.decode()

    def drop(self, name: str, payload: bytes) -> None:
        """Drop a file as payroll software does: written elsewhere, then renamed in."""
        beside = self.folder / f".{name}"
        beside.write_bytes(payload)
        beside.rename(self.outbox / name)

    def states(self) -> Counter[str]:
        rows = self.query("SELECT state, count(*) FROM deposit GROUP BY state")
        return Counter(dict(rows))

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read the store as an outsider does."""
        if not self.store.exists():
            return []
        connection = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=20)
        try:
            return list(connection.execute(sql, values))
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise
        finally:
            connection.close()

    def wait(self, count: int, states: Iterable[str], *, within: float = 60) -> None:
        """Wait until `count` deposits are in one of `states`. Fails with what there is."""
        wanted, end = set(states), time.monotonic() + within
        while True:
            there = self.states()
            if sum(there[s] for s in wanted) >= count and there.total() == sum(
                there[s] for s in wanted
            ):
                return
            if self.daemon is not None and self.daemon.poll() is not None:
                raise AssertionError(f"the daemon ended: {self.tail()}")
            if time.monotonic() > end:
                raise AssertionError(f"after {within} s: {there}\n{self.tail()}")
            time.sleep(0.05)

    def wait_for(self, holds: Callable[[], object], *, within: float = 60) -> None:
        """Wait until something holds. Fails with where the deposits stand."""
        end = time.monotonic() + within
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"after {within} s: {self.states()}\n{self.tail()}")
            time.sleep(0.05)

    def notices(self) -> list[str]:
        """Keys of all notices."""
        return [key for (key,) in self.query("SELECT key FROM notice ORDER BY id")]

    def tail(self) -> str:
        return self.log.read_text("utf-8", "replace")[-4000:] if self.log.exists() else ""


def command() -> list[str]:
    return [sys.executable, "-m", "vaguemestre"]


def _toml(profile: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    ours = {"platform": "net-entreprises", "credential": "acme", "mode": "real"}
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
        'name = "acme"',
        *(f"{k} = {_value(v)}" for k, v in {**ours, **profile}.items()),
        "[profile.settings]",
        *(f"{k} = {_value(v)}" for k, v in settings.items()),
    ]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """A TOML value: as in JSON, but for tables."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)
