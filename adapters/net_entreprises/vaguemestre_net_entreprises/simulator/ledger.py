"""What really arrived, written down before any answer leaves: one JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Ledger:
    """In memory, and in a file if one is given. An existing file is continued."""

    def __init__(self, file: Path | None) -> None:
        self.records: list[dict[str, Any]] = []
        self._stream = file.open("a", encoding="utf-8") if file else None

    def write(self, event: str, **facts: Any) -> None:
        record = {"event": event, **facts}
        self.records.append(record)
        if self._stream is not None:
            self._stream.write(json.dumps(record, ensure_ascii=False) + "\n")
            self._stream.flush()

    def deposits(self) -> list[dict[str, Any]]:
        return [r for r in self.records if r["event"] == "deposit"]

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
