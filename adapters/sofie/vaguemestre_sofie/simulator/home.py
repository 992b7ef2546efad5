"""Where everything of a simulated installation lies, and what is set for it. Standard library
only."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Options:
    """How the simulation behaves. Times in seconds."""

    user: str = "123456789"
    return_delay: float = 2.0
    log_encoding: str = "utf-8"
    unaffiliated: list[str] = field(default_factory=list)


class Home:
    """A simulated SOFIE_HOME."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.simulated = root / "simulated"
        self.ledger = self.simulated / "ledger.jsonl"
        self.mailbox = self.simulated / "mailbox"
        self.faults = self.simulated / "faults.json"
        self.orders = self.simulated / "rejects.json"
        self.running = self.simulated / "running"
        self.audit = root / "logs" / "log_audit.log"
        self.technical = root / "logs" / "log_technical.log"

    @property
    def options(self) -> Options:
        return Options(**read(self.simulated / "options.json", {}))

    def keep(self, options: Options) -> None:
        write(self.simulated / "options.json", asdict(options))

    def data(self, name: str) -> Path:
        """A folder of the user's: send, encrypted, sent, received, decrypted."""
        return self.root / "data" / self.options.user / name

    @property
    def passwords(self) -> Path:
        return self.data("passwords")


def read(file: Path, otherwise: Any) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return otherwise


def write(file: Path, content: Any) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    beside.replace(file)
