"""What can become of a call, and the decoding of its answer while it comes. No network here."""

from __future__ import annotations

import zlib

from vaguemestre_net_entreprises.texts import _


class TransportError(Exception):
    """The call brought no answer that can be used. The message is for people."""


class NotSent(TransportError):
    """Certainly no byte of the request left this machine for the platform."""


class Lost(TransportError):
    """Bytes left, and the answer did not come, or not whole, or not readable."""


class TooLarge(Lost):
    """The answer is larger than is accepted."""


class Body:
    """A body while it comes. Decoded here, because the client would neither bound what a small
    answer unpacks to, nor notice that a compressed one was cut off."""

    def __init__(self, encoding: str, most: int) -> None:
        self._encoding = encoding.strip().lower()
        self._unpack = zlib.decompressobj(31) if self._encoding in ("gzip", "x-gzip") else None
        self._most = most
        self._size = 0
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> Lost | None:
        """Take a chunk; what is wrong with it, if anything is."""
        if self._unpack is not None:
            try:
                chunk = self._unpack.decompress(chunk, self._most + 1 - self._size)
            except zlib.error:
                return Lost(_("The answer was lost: it is damaged."))
        elif self._encoding not in ("", "identity"):
            return Lost(_("The answer was lost: its encoding was not asked for."))
        self._size += len(chunk)
        if self._size > self._most:
            return TooLarge(_("The answer was larger than is accepted."))
        self._parts.append(chunk)
        return None

    def whole(self) -> bytes:
        if self._unpack is not None and self._parts and not self._unpack.eof:
            raise Lost(_("The answer was lost: it was cut off."))
        return b"".join(self._parts)
