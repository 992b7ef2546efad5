"""A window that moves over the bytes of a file: whole occurrences of blocks can be matched in it,
and single lines read from it. Its size does not depend on the file's.
"""

from __future__ import annotations

from typing import BinaryIO

from vaguemestre_dsn.encoding import GARBLED
from vaguemestre_dsn.reader import KEPT, Bad, Rubrique, line_of

#: Bytes that are read at once.
CHUNK = 1 << 19
#: More than any conformant occurrence of a block has.
MARGIN = 1 << 15


class Buffer:
    """`data[at:]` is what comes next; `line` is the number of its first line, from 1."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._before = 0
        self.data = b""
        self.at = 0
        self.line = 1
        self.ended = False
        #: Whether letters look garbled somewhere in the window.
        self.is_garbled = False
        self.fill()

    def fill(self) -> bool:
        """Read on; whether there is anything left to look at."""
        if not self.ended:
            more = self._stream.read(CHUNK)
            self.ended = not more
            self._before += self.at
            self.data = self.data[self.at :] + more
            self.at = 0
            # Hardly any text has one of these, and finding single bytes is quick.
            suspect = b"\xc3" in self.data or b"\xc2" in self.data
            self.is_garbled = suspect and GARBLED.search(self.data) is not None
        return self.at < len(self.data)

    @property
    def limit(self) -> int:
        """An occurrence that begins before this position is in the window as a whole."""
        return len(self.data) if self.ended else max(0, len(self.data) - MARGIN)

    def next_line(self) -> Rubrique | Bad | None:
        """The next line, or None at the end."""
        while (end := self.data.find(b"\n", self.at)) < 0 and not self.ended:
            if len(self.data) - self.at > MARGIN:
                return self._endless()
            self.fill()
        stop = len(self.data) if end < 0 else end + 1
        if self.at >= stop:
            return None
        raw, offset = self.data[self.at : stop], self._before + self.at
        number, self.line, self.at = self.line, self.line + 1, stop
        return line_of(raw, number, offset)

    def back(self, line: Rubrique) -> None:
        """Unread the line that was read last."""
        self.at = line.offset - self._before
        self.line = line.line

    def _endless(self) -> Bad:
        """A line that is longer than the window: its beginning and its length."""
        kept, offset = self.data[self.at : self.at + KEPT], self._before + self.at
        length = 0
        while (end := self.data.find(b"\n", self.at)) < 0:
            length += len(self.data) - self.at
            self.at = len(self.data)
            if not self.fill():
                break
        else:
            length += end - self.at
            self.at = end + 1
        number, self.line = self.line, self.line + 1
        return Bad(kept, length, number, offset)
