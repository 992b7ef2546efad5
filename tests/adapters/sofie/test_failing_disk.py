"""Campaign 4 for SOFiE: the Nth operation on the disk fails, for N = 1, 2, 3… until a run passes
without a failure. The file arrives once, whatever fails."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from adapters.sofie.conftest import Connect, Installed
from adapters.sofie.files import decsal, order

from vaguemestre.api import Absent, Adapter, Found, NoEffect, Order, Receipt


async def carry(adapter: Adapter, wanted: Order) -> str:
    """Do what the core does until the deposit is settled; its reference."""
    for attempt in range(1, 20):
        wanted = msgspec.structs.replace(wanted, attempt=attempt, started_at=datetime.now(UTC))
        try:
            answer = await adapter.deposit(wanted)
        except NoEffect:
            continue
        except Exception:  # noqa: BLE001 - the core takes anything else for an unknown outcome
            found = await settle(adapter, wanted)
            if isinstance(found, Found):
                return found.reference
            continue
        assert isinstance(answer, Receipt)
        return answer.reference
    raise AssertionError("never settled")


async def settle(adapter: Adapter, wanted: Order) -> Found | Absent:
    for _try in range(20):
        try:
            answer = await adapter.look_up(wanted, datetime.now(UTC))
        except Exception:  # noqa: BLE001 - no proof: asked again
            continue
        if isinstance(answer, Found | Absent):
            return answer
    raise AssertionError("never settled")


class Failing:
    """An operation of the system that fails at its Nth call, once."""

    def __init__(self, real: Callable[..., Any], number: int, error: int) -> None:
        self.real = real
        self.left = number
        self.error = error

    def __call__(self, *args: Any, **options: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise OSError(self.error, os.strerror(self.error))
        return self.real(*args, **options)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("operation", ["fsync", "link", "open", "scandir", "unlink", "replace"])
async def test_whichever_operation_fails_the_file_arrives_once(
    operation: str,
    error: int,
    installed: Installed,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(1, 100):
        shutil.rmtree(installed.root)
        fresh = Installed(installed.root)
        failing = Failing(getattr(os, operation), number, error)
        async with connect() as adapter:
            await adapter.collect("")
            with monkeypatch.context() as patched:
                patched.setattr(os, operation, failing)
                reference = await carry(adapter, order(decsal()))
        assert [r["transport"] for r in fresh.centre.deposits()] == [reference], number
        assert fresh.names("send") == [], number
        if failing.left > 0:
            return
    raise AssertionError("every run had a failure")
