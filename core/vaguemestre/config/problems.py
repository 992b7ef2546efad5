"""A mistake in the configuration file: where it is, and what to do, for people."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

#: A place in the file: table and key names, and indexes of arrays, from the top.
Place = tuple[str | int, ...]


class Problem(Struct, frozen=True):
    """One mistake. `line` is 1-based, 0 if it concerns the whole file; `key` is dotted, or ""."""

    file: Path
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else f"{self.file}"
        return ": ".join(part for part in (where, self.key, self.message) if part)


def dotted(place: Place) -> str:
    """`outbox[0].path` for ("outbox", 0, "path")."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


class Problems:
    """Gathers the mistakes of one file and knows the lines of its keys."""

    def __init__(self, file: Path, lines: dict[Place, int]) -> None:
        self.found: list[Problem] = []
        self._file = file
        self._lines = lines
        self._places: set[Place] = set()

    def add(self, place: Place, message: str) -> None:
        """Report a mistake at `place`, or at the table around it if the key is missing."""
        self._places.add(place)
        self.found.append(Problem(self._file, self._line(place), dotted(place), message))

    def concern(self, *places: Place) -> bool:
        """Whether a mistake was found at, below or above one of `places`: what depends on them
        cannot be judged."""
        return any(
            bad[: len(place)] == place or place[: len(bad)] == bad
            for place in places
            for bad in self._places
        )

    def in_order(self) -> list[Problem]:
        return sorted(self.found, key=lambda p: (p.line, p.key, p.message))

    def _line(self, place: Place) -> int:
        for length in range(len(place), 0, -1):
            if place[:length] in self._lines:
                return self._lines[place[:length]]
        return 1 if place else 0
