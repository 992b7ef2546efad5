"""Documents in the store: payloads and returns, compressed, addressed by SHA-256."""

from __future__ import annotations

import hashlib
import zlib

from msgspec import Struct

from vaguemestre.errors import StoreError
from vaguemestre.store.engine import Session

#: Level 1: payroll files shrink about eight times with it; higher levels cost more than they save.
LEVEL = 1


class Packed(Struct, frozen=True):
    """A document ready for the store. Made outside of the transaction, where time is cheap."""

    sha256: str
    size: int
    encoding: str
    content: bytes


def pack(content: bytes) -> Packed:
    return Packed(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        encoding="zlib",
        content=zlib.compress(content, LEVEL),
    )


def put(session: Session, packed: Packed) -> None:
    session.sql.document_put(
        session.connection,
        sha256=packed.sha256,
        size=packed.size,
        encoding=packed.encoding,
        content=packed.content,
    )


def get(session: Session, sha256: str) -> bytes:
    """The plain bytes. Raises StoreError if they are missing or no longer what they were."""
    row = session.sql.document_get(session.connection, sha256=sha256)
    if row is None:
        raise StoreError(f"document {sha256} is not in the store")
    try:
        content = zlib.decompress(row["content"])
    except zlib.error:
        content = None
    if content is None or hashlib.sha256(content).hexdigest() != sha256:
        raise StoreError(f"document {sha256} is damaged in the store")
    return content
