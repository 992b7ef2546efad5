"""What a reader of documents can rely on: the very bytes that were put there, or an error."""

from __future__ import annotations

import pytest

from vaguemestre.errors import StoreError
from vaguemestre.store import documents
from vaguemestre.store.engine import Store


@pytest.mark.parametrize(
    "content",
    [b"", b"a", b"S10.G00.00.001,'x'\r\n" * 5000, bytes(range(256)) * 40, b"\0" * 1_000_000],
    ids=["empty", "one byte", "text", "every byte", "zeros"],
)
def test_bytes_come_back_as_they_were(store: Store, content: bytes) -> None:
    packed = documents.pack(content)
    assert packed.size == len(content)
    store.write_now(lambda s: documents.put(s, packed))
    assert store.read_now(lambda s: documents.get(s, packed.sha256)) == content


def test_the_same_bytes_are_kept_once(store: Store) -> None:
    for _ in range(3):
        store.write_now(lambda s: documents.put(s, documents.pack(b"same")))
    count = store.read_now(lambda s: s.connection.execute("SELECT count(*) FROM document"))
    assert count.fetchone()[0] == 1


def test_a_missing_document_is_an_error(store: Store) -> None:
    with pytest.raises(StoreError):
        store.read_now(lambda s: documents.get(s, "0" * 64))


def test_every_damaged_byte_is_noticed(store: Store) -> None:
    packed = documents.pack(b"S10.G00.00.001,'x'\r\n" * 20)
    store.write_now(lambda s: documents.put(s, packed))
    for place in range(len(packed.content)):
        damaged = bytearray(packed.content)
        damaged[place] ^= 0x10
        store.write_now(
            lambda s, damaged=damaged: s.connection.execute(
                "UPDATE document SET content = ?", (bytes(damaged),)
            )
        )
        with pytest.raises(StoreError):
            store.read_now(lambda s: documents.get(s, packed.sha256))


def test_a_truncated_document_is_noticed(store: Store) -> None:
    packed = documents.pack(b"S10.G00.00.001,'x'\r\n" * 20)
    store.write_now(lambda s: documents.put(s, packed))
    store.write_now(
        lambda s: s.connection.execute(
            "UPDATE document SET content = substr(content, 1, length(content) / 2)"
        )
    )
    with pytest.raises(StoreError):
        store.read_now(lambda s: documents.get(s, packed.sha256))
