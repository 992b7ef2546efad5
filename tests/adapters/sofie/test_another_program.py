"""Nothing about SOFiE is built in: another program, with folders, names, logs and commands that the
code has never seen, is driven by the settings alone."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from adapters.sofie.files import decsal, order

from vaguemestre.api import Absent, Credential, Found, NoEffect, OutcomeUnknown, Profile, Receipt
from vaguemestre_sofie.adapter import Sofie

#: Speaks German, has its own folders and file names, and logs in another order.
COURIER = r"""
import base64, itertools, pathlib, sys
root, mode = pathlib.Path(sys.argv[1]), sys.argv[2]
log = (root / "protokoll.txt").open("a", encoding="latin-1")
count = len(list((root / "archiv").iterdir())) + len(list((root / "warten").iterdir()))
state = (root / "zustand").read_text()
if mode == "--abschicken":
    for path in sorted((root / "ablage").iterdir()):
        if state == "kaputt":
            log.write(f"FEHLER beim Verschlüsseln von {path.name}: Schlüssel fehlt\n")
            continue
        count += 1
        sealed = root / "warten" / f"umschlag_{count}.enc"
        sealed.write_bytes(base64.b64encode(path.read_bytes()))
        path.unlink()
        log.write(f"{sealed.name} <= verschluesselt <= {path}\n")
    for path in sorted((root / "warten").iterdir()):
        if state == "offline":
            log.write(f"FEHLER Leitung: {path.name}\n")
            continue
        (root / "angekommen" / path.name).write_bytes(base64.b64decode(path.read_bytes()))
        path.rename(root / "archiv" / path.name)
        log.write(f"abgeschickt: {path.name}\n")
if mode == "--abholen":
    for path in sorted((root / "post").iterdir()):
        path.rename(root / "eingang" / path.name)
        log.write(f"entschluesselt: {path.name}\n")
sys.exit(9)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "bote"
    for name in ("ablage", "warten", "archiv", "angekommen", "post", "eingang"):
        (place / name).mkdir(parents=True)
    (place / "bote.py").write_text(COURIER, "utf-8")
    (place / "zustand").write_text("gut")
    return place


def adapter(root: Path, **changed: Any) -> Sofie:
    run = [sys.executable, "{home}/bote.py", "{home}"]
    settings = {
        "home": "bote",
        "send_command": [*run, "--abschicken"],
        "receive_command": [*run, "--abholen"],
        "outgoing": "ablage",
        "incoming": "eingang",
        "encrypted": "warten",
        "sent": "archiv",
        "audit_log": "protokoll.txt",
        "log_encoding": "latin-1",
        "transport_name": r"umschlag_\d+\.enc",
        "sent_name": "lohn-{type}.txt",
        "sent_names": {},
        "state": "merkzettel",
        "patterns": {
            "encrypted": r"(?P<transport>umschlag_\d+\.enc) <= verschluesselt <= (?P<original>.+)",
            "sent": r"abgeschickt: (?P<transport>umschlag_\d+\.enc)",
            "decrypted": r"entschluesselt: (?P<original>.+)",
            "received": "",
            "failed": r"FEHLER (?P<message>.+)",
            "refused": "",
            "already_decrypted": "",
            "password_expired": "",
        },
        "address": "",
        "by_hand": "",
        **changed,
    }
    return Sofie(
        Profile(
            name="bote",
            platform="sofie",
            mode="real",
            credential=Credential(name="", fields={}),
            settings=msgspec.convert(settings, Sofie.settings),
            base=root.parent,
        )
    )


@pytest.mark.parametrize("changed", [{}, {"sent": ""}, {"transport_name": "never"}])
async def test_a_file_goes_through_another_program(root: Path, changed: dict[str, Any]) -> None:
    async with adapter(root, **changed) as bote:
        receipt = await bote.deposit(order(decsal()))
    assert isinstance(receipt, Receipt)
    assert receipt.reference == "umschlag_1.enc"
    assert (root / "angekommen" / "umschlag_1.enc").read_bytes() == decsal()
    assert not list((root / "ablage").iterdir())


async def test_its_words_for_what_was_sent_may_name_the_clear_file_only(root: Path) -> None:
    patterns = {"sent": r"verschluesselt <= (?P<original>.+)", "encrypted": ""}
    async with adapter(root, sent="", transport_name="never", patterns=patterns) as bote:
        receipt = await bote.deposit(order(decsal(), deposit=12))
    assert isinstance(receipt, Receipt)
    assert receipt.reference == "lohn-DECSAL.txt#12"


async def test_its_troubles_are_told_in_its_own_words(root: Path) -> None:
    (root / "zustand").write_text("kaputt")
    async with adapter(root) as bote:
        with pytest.raises(NoEffect, match="Schlüssel fehlt"):
            await bote.deposit(order(decsal()))
        assert isinstance(await bote.look_up(order(decsal()), datetime.now(UTC)), Absent)


async def test_what_waits_there_is_found_once_it_has_gone(root: Path) -> None:
    (root / "zustand").write_text("offline")
    async with adapter(root) as bote:
        with pytest.raises(OutcomeUnknown, match="Leitung"):
            await bote.deposit(order(decsal()))
        (root / "zustand").write_text("gut")
        assert isinstance(await bote.look_up(order(decsal()), datetime.now(UTC)), Found)
    assert len(list((root / "angekommen").iterdir())) == 1


async def test_its_returns_are_brought(root: Path) -> None:
    (root / "post" / "SALRET.antwort").write_bytes(b"antwort")
    async with adapter(root) as bote:
        (announcement,) = (await bote.collect(None)).announcements
        document = await bote.fetch(announcement)
    assert document is not None
    assert document.content == b"antwort"
