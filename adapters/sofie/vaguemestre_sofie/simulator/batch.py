"""The program of the simulated SOFiE: what `run_batch_<user>` starts. Standard library only.

Updates itself, encrypts what lies in the outgoing folder, sends every encrypted file that waits,
receives, decrypts, and writes its logs, as the reference says. Faults make it misbehave.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import sqlite3
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from vaguemestre_sofie.simulator import seculine
from vaguemestre_sofie.simulator.centre import Centre
from vaguemestre_sofie.simulator.faults import Faults
from vaguemestre_sofie.simulator.home import Home

#: Days that a password is good for.
PASSWORD_DAYS = 90
LONG = 3600.0


class Batch:
    """One run. `kind`: send, receive, or update, which does both."""

    def __init__(self, home: Home, kind: str) -> None:
        self.home = home
        self.centre = Centre(home)
        self.options = home.options
        self.kind = kind
        self.faults = Faults(home, kind)

    def run(self) -> int:
        """Do what a run does; the exit code."""
        if self.faults.strikes("orphan"):
            self._go_elsewhere(float(self.faults.value("orphan", "1")))
        lock = self._alone()
        try:
            code = self._steps()
        finally:
            lock.close()
        return int(self.faults.value("exit", "1")) if self.faults.strikes("exit") else code

    def _alone(self) -> sqlite3.Connection:
        """Two runs at once must never be. The lock is freed when its holder dies."""
        lock = sqlite3.connect(self.home.running, isolation_level=None, timeout=0.0)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            self.centre.write("two-at-once", pid=os.getpid())
        return lock

    def _go_elsewhere(self, seconds: float) -> None:
        """Let the first process end at once, and go on in another session."""
        if os.fork():
            os._exit(0)
        os.setsid()
        time.sleep(seconds)

    def _steps(self) -> int:
        self._print("wget: updating lib/")
        self._misbehave_early()
        if self.faults.strikes("update-fails"):
            self._print("wget: unable to resolve host address")
            return 1
        if self._password_expired():
            self._audit("!!! LOG password expired, change it")
            self._technical("ERROR", "password expired")
            return 2
        codes = []
        if self.kind != "receive":
            codes.append(self._emit())
        if self.kind != "send":
            codes.append(self._receive())
        return max(codes)

    def _misbehave_early(self) -> None:
        if self.faults.strikes("flood"):
            for _number in range(int(self.faults.value("flood", "20"))):
                self._print("x" * 1_000_000)
        if self.faults.strikes("garbage"):
            sys.stdout.buffer.write(bytes(range(256)) * 8)
            with self.home.audit.open("ab") as stream:
                stream.write(b"\x00\xff\xfe\x9d garbage \x81\n")
        if self.faults.strikes("crash-at-start"):
            self._die()
        if self.faults.strikes("hang"):
            time.sleep(LONG)

    def _password_expired(self) -> bool:
        age = time.time() - self.home.passwords.stat().st_mtime
        return age > PASSWORD_DAYS * 86_400 or self.faults.strikes("password-expired")

    # -- sending

    def _emit(self) -> int:
        refused = [self._encrypt(path) for path in sorted(self.home.data("send").iterdir())]
        if refused:
            self._linger()
        sent = [self._send(path) for path in sorted(self.home.data("encrypted").iterdir())]
        return 0 if all(refused) and all(sent) else 1

    def _linger(self) -> None:
        """What may happen between encrypting and sending."""
        if self.faults.strikes("hang-after-encrypt"):
            time.sleep(LONG)
        if self.faults.strikes("stubborn"):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(LONG)
        if self.faults.strikes("slow"):
            time.sleep(float(self.faults.value("slow", "1")))

    def _encrypt(self, path: Path) -> bool:
        payload = path.read_bytes()
        why = seculine.refusal(path.name, payload)
        if self.faults.strikes("certificate-expired"):
            why = "certificate expired"
        if why:
            self._audit(f"!!! ENC {path.name} {why}")
            return False
        transport = self._transport()
        sealed = {"original": path.name, "payload": base64.b64encode(payload).decode()}
        target = self.home.data("encrypted") / transport
        target.write_text(json.dumps(sealed), "utf-8")
        if self.faults.strikes("crash-after-encrypt"):
            self._die()
        line = f"ENC {path.name} {transport} chiffré"
        if self.faults.strikes("half-line"):
            self._audit(line, half=True)
            self._die()
        self._audit(line)
        if self.faults.strikes("crash-before-delete"):
            self._die()
        path.unlink()
        if self.faults.strikes("rotate"):
            self.home.audit.rename(self.home.audit.with_name("log_audit.log.1"))
        return True

    def _transport(self) -> str:
        user = self.options.user
        while True:
            name = f"SOFI.{datetime.now().astimezone():%Y%m%d%H%M%S}.{user}.{user}"
            taken = [self.home.data(f) / name for f in ("encrypted", "sent", "received")]
            if not any(path.exists() for path in taken):
                return name
            time.sleep(0.05)  # its name has whole seconds

    def _send(self, path: Path) -> bool:
        for fault, why in (
            ("no-network", "network is unreachable"),
            ("right-withdrawn", "user not authorised"),
        ):
            if self.faults.strikes(fault):
                self._audit(f"!!! SND {path.name} {why}")
                self._technical("ERROR", why)
                return False
        sealed: dict[str, Any] = json.loads(path.read_text("utf-8"))
        self.centre.deliver(path.name, sealed["original"], base64.b64decode(sealed["payload"]))
        if self.faults.strikes("crash-after-send"):
            self._die()
        self._audit(f"SND {path.name}")
        path.rename(self.home.data("sent") / path.name)
        if self.faults.strikes("hang-after-send"):
            time.sleep(LONG)
        return True

    # -- receiving

    def _receive(self) -> int:
        if self.faults.strikes("no-network"):
            self._technical("ERROR", "network is unreachable")
            return 1
        whole = True
        for place, name, content in self.centre.letters():
            transport = self._transport()
            (self.home.data("received") / transport).write_bytes(content)
            self._audit(f"RCV {transport}")
            whole = self._decrypt(transport, name, content) and whole
            place.unlink()
        return 0 if whole else 1

    def _decrypt(self, transport: str, name: str, content: bytes) -> bool:
        target = self.home.data("decrypted") / name
        if self.faults.strikes("decrypted-exists"):
            target.write_bytes(content)
        if target.exists():
            self._audit(f"!!! DEC {transport} {name} already exists")
            return False
        if self.faults.strikes("crash-in-decrypt"):
            target.write_bytes(content[: len(content) // 2])
            self._die()
        target.write_bytes(content)
        self._audit(f"DEC {transport} {name} déchiffré")
        return True

    # -- logs

    def _audit(self, text: str, *, half: bool = False) -> None:
        if not self.faults.strikes("silent"):
            self._log(self.home.audit, text, half=half)

    def _technical(self, level: str, text: str) -> None:
        self._log(self.home.technical, f"{level} {text}")

    def _log(self, file: Path, text: str, *, half: bool = False) -> None:
        encoding = self.options.log_encoding
        line = f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {text}\r\n"
        if half:
            line = line[: len(line) * 2 // 3]
        fresh = not file.exists()
        with file.open("ab") as stream:
            if fresh and encoding.startswith("utf-16"):
                stream.write("\ufeff".encode(encoding))
            stream.write(line.encode(encoding))

    def _print(self, text: str) -> None:
        try:
            print(text, flush=True)  # noqa: T201 - its output
        except OSError:  # whoever reads it is gone, the work goes on
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115

    def _die(self) -> NoReturn:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def main(root: str, words: list[str]) -> int:
    """Run; with run.forEver=Yes again and again."""
    home = Home(Path(root))
    properties = (home.root / "properties" / "batch.properties").read_text("utf-8")
    while True:
        kind = next((word for word in words if word in ("send", "receive")), "update")
        code = Batch(home, kind).run()
        if "run.forEver=Yes" not in properties:
            return code
        time.sleep(secrets.randbelow(3) + 1)
