"""No document can do harm: nothing is raised, time and memory are bounded, names are only shown.

By hand, for so many seconds with other documents each time:
`python tests/plugins/dsn/reading/test_hostile.py 60` (with `tests` on the path).
"""

from __future__ import annotations

import io
import random
import sys
import time
import tracemalloc
import zipfile

import pytest
from plugins.dsn.reading.documents import (
    action,
    archive,
    bpij,
    neores,
    oc,
    oc_return,
    pas_rates,
)

from vaguemestre.api import Announcement, Document, Effect, ReturnSummary
from vaguemestre_dsn.reading import containers, xml
from vaguemestre_dsn.returns import AnnouncedReader, GipMdsReader

LISTED = Announcement(reference="ref", nature="11", status="OK", organism="Urssaf")
SAMPLES = {
    "rates": pas_rates(3),
    "neores": neores(action(), action("B2")),
    "oc": oc("2", returns=oc_return("EAFF01")),
    "bpij": bpij(),
    "zip": archive(a__xml=bpij(), b__pdf=b"%PDF-1.7"),
}


def read(content: bytes) -> ReturnSummary:
    """As the core does: the first reader that knows the document, the last resort otherwise."""
    document = Document(content=content)
    summary = GipMdsReader().read(document, LISTED) or AnnouncedReader().read(document, LISTED)
    assert summary is not None
    return summary


def wrapped(inside: bytes, root: str = "GIPMDS") -> bytes:
    return (
        f'<{root} xmlns="https://gipmds/1.0"><RO><RO_B001><RO_B002>'.encode()
        + inside
        + f"</RO_B002></RO_B001></RO></{root}>".encode()
    )


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><GIPMDS xmlns="https://gipmds/1.0"/>',
        b'<!DOCTYPE GIPMDS SYSTEM "http://127.0.0.1:1/x.dtd"><GIPMDS xmlns="https://gipmds/1.0"/>',
        wrapped(b"<a>" * 50_000),
        wrapped(b"<RO_B005>" + b"<a/>" * 20_000 + b"</RO_B005>"),
        wrapped(b"<RO_B004_R001>" + b"x" * 11_000_000 + b"</RO_B004_R001>"),
        neores(action())[:-30],
        b'<?xml version="1.0" encoding="UTF-16"?>' + neores(action()),
        b'<?xml version="1.0" encoding="klingon"?>' + neores(action()),
        neores(action()).replace("É".encode(), b"\xc9"),
        neores(action())[:500] + b"\0" + neores(action())[500:],
    ],
    ids=["entity", "dtd", "deep", "wide", "long", "torn", "utf-16", "charset", "latin-1", "nul"],
)
def test_a_hostile_or_damaged_report_is_unknown_and_changes_nothing(content: bytes) -> None:
    summary = read(content)
    assert (summary.status, summary.effect) in (
        ("unknown", Effect.NONE),
        ("OK", Effect.NONE),  # not recognised at all: what the listing said, which accepts nothing
    )


@pytest.mark.parametrize(
    "content",
    [
        b"<unknown/>",
        b"<rapport xmlns='urn:other'/>",
        b"<Fichier/>",
        b"<a:b/>",
        b"<",
        b"",
        b"\0" * 9,
    ],
)
def test_unknown_documents_are_shown_as_announced(content: bytes) -> None:
    assert GipMdsReader().read(Document(content=content), LISTED) is None
    assert read(content).nature == "11"


def test_a_hundred_megabytes_are_not_read() -> None:
    content = neores(action())[:-9] + b" " * xml.LARGEST
    tracemalloc.start()
    try:
        summary = read(content)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert summary.status == "unknown"
    assert peak < 1_000_000


# -- archives


def names(content: bytes) -> list[dict[str, str]]:
    return read(content).tables["documents"]


def test_names_of_members_are_shown_without_folders_or_control_characters() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name in ("../../etc/passwd", "/abs/a.pdf", "C:\\b.pdf", "x\x1b[2J.pdf", "n" * 400):
            packed.writestr(name, b"%PDF-1.7")
    shown = [row["name"] for row in names(stream.getvalue())]
    assert shown[:4] == ["passwd", "a.pdf", "b.pdf", "x?[2J.pdf"]
    assert len(shown[4]) == 200


def test_bombs_and_large_members_are_not_unpacked() -> None:
    packed = archive(bomb__xml=b"\0" * 12_000_000, large__xml=b"\0" * 20_000_000)
    tracemalloc.start()
    try:
        rows = names(packed)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [row["family"] for row in rows] == ["", ""]
    assert all("non lu" in row["label"] for row in rows)
    assert peak < 5_000_000


def test_an_archive_within_an_archive_is_only_listed() -> None:
    rows = names(archive(inner__zip=archive(deep__xml=bpij())))
    assert [(row["name"], row["family"]) for row in rows] == [("inner.zip", "zip")]


def test_thousands_of_members_are_listed_within_limits() -> None:
    packed = archive(**{f"m{number}__txt": b"x" for number in range(3_000)})
    assert len(names(packed)) == containers.MOST_MEMBERS


@pytest.mark.parametrize("content", [b"PK\x03\x04", archive(a__xml=bpij())[:-40]])
def test_a_damaged_archive_is_told_as_such(content: bytes) -> None:
    assert "endommagé" in read(content).label


def test_an_encrypted_member_is_told_as_such() -> None:
    content = bytearray(archive(a__xml=bpij()))
    for at in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[at] |= 1
    assert "chiffré" in names(bytes(content))[0]["label"]


# -- anything


def edited(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _edit in range(chance.choice((1, 3, 30))):
        at = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                del changed[at : at + chance.choice((1, 10, 300))]
            case 2:
                changed[at:at] = changed[at // 2 : at // 2 + chance.choice((5, 200))]
            case 3:
                changed[at:at] = chance.choice((b"<", b">", b"&", b"\0", b"\xff", b"]]>", b"<!--"))
        if not changed:
            break
    return bytes(changed)


@pytest.mark.parametrize("name", SAMPLES)
def test_random_edits_raise_nothing(name: str) -> None:
    chance = random.Random(name)
    for _round in range(400):
        read(edited(chance, SAMPLES[name]))


def by_hand(seconds: float) -> int:
    chance, ends, count = random.Random(), time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        read(edited(chance, chance.choice(list(SAMPLES.values()))))
        count += 1
    sys.stdout.write(f"{count} documents\n")
    return 0


if __name__ == "__main__":
    sys.exit(by_hand(float(sys.argv[1]) if len(sys.argv) > 1 else 60))
