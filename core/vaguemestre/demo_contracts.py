"""What plugins hand over for the demo: sample files, and simulated platforms to deposit them at.

Offered to plugins through `vaguemestre.api`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec


class DemoFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the demo drops: its name, its bytes, and one line that says what it shows."""

    name: str
    payload: bytes
    caption: str


class DemoFiles(ABC):
    """Sample files of one kind for the demo."""

    kind: ClassVar[str]

    @abstractmethod
    def files(self, today: datetime) -> Sequence[DemoFile]:
        """Files that fit the date. The same bytes may come twice under two names."""


class DemoPlatform(ABC):
    """A simulated platform for the demo."""

    platform: ClassVar[str]
    kind: ClassVar[str]

    @abstractmethod
    def command(self, folder: Path) -> Sequence[str]:
        """Words after `vaguemestre` that start the simulator as a child process.

        It prints one line of JSON when it is ready, and writes only below `folder`.
        """

    @abstractmethod
    def settings(self, ready: Mapping[str, Any]) -> Mapping[str, Any]:
        """`[profile.settings]` for the simulator that printed `ready`."""

    @abstractmethod
    def credential(self) -> Mapping[str, str]:
        """The fields of the vault entry that the simulator knows."""

    def ledger(self, folder: Path) -> Callable[[], int]:
        """A function that counts the deposits which really arrived."""
        del folder
        return lambda: 0
