"""What can be relied on when a large file is controlled in a process of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import trio

from vaguemestre.api import Declaration, set_language
from vaguemestre_dsn import samples
from vaguemestre_dsn.autocontrol import ASIDE_BYTES, DsnControl, check
from vaguemestre_dsn.worker import WorkerError, check_aside

BROKEN = samples.mensuelle(employees=3).replace(b"S21.G00.71.002,'RUAA'", b"S21.G00.71.002,'XX'")


@pytest.mark.parametrize("payload", [samples.mensuelle(), BROKEN, b"", b"\xff" * 5000])
async def test_the_findings_are_those_of_the_control(payload: bytes) -> None:
    assert await check_aside(payload) == check(payload)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_they_are_told_in_the_language_of_the_deployment(language: str) -> None:
    set_language(language)
    try:
        assert await check_aside(BROKEN) == check(BROKEN)
    finally:
        set_language("fr")


async def test_a_large_file_is_controlled_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    large = samples.mensuelle(size=ASIDE_BYTES)
    declaration = Declaration(kind="dsn", module="dsn")
    assert await DsnControl().check(declaration, large) == []
    # Without a working interpreter it cannot be: that shows where it is done.
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(OSError, match="nowhere"):
        await DsnControl().check(declaration, large)
    assert await DsnControl().check(declaration, samples.mensuelle(size=100_000)) == []


def program(folder: Path, text: str) -> str:
    """A stand-in for the interpreter."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cat > /dev/null; echo 'ValueError: 1850375001001' >&2; exit 3", "ended with 3"),
        ("kill -9 $$", "ended with -9"),
        ("cat > /dev/null; echo nonsense", "no findings"),
        ("cat > /dev/null", "no findings"),
        ("exit 0", "no findings"),
    ],
)
async def test_a_process_that_fails_is_no_green_light(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    monkeypatch.setattr(sys, "executable", program(tmp_path, text))
    with pytest.raises(WorkerError, match=told) as caught:
        await check_aside(samples.mensuelle(size=300_000))
    assert "1850375001001" not in str(caught.value)


async def test_a_cancelled_control_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "pid"
    os.mkfifo(note)
    monkeypatch.setattr(sys, "executable", program(tmp_path, f"echo $$ > {note}; exec sleep 600"))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(check_aside, b"x")
        process = int(await trio.to_thread.run_sync(note.read_text))
        nursery.cancel_scope.cancel()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
