"""A simulated installation, and adapters that drive it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
import trio

from vaguemestre.api import Credential, Profile
from vaguemestre_sofie.adapter import Sofie
from vaguemestre_sofie.simulator import faults
from vaguemestre_sofie.simulator.centre import Centre
from vaguemestre_sofie.simulator.home import Home, Options
from vaguemestre_sofie.simulator.layout import lay_out, settings


class Installed:
    """A simulated installation, and what it shows to a test."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.root = root
        self.home: Home = lay_out(root, Options(**{"return_delay": 0.0, **options}))
        self.centre = Centre(self.home)

    def fault(self, *specs: str) -> None:
        faults.add(self.home, *specs)

    def arrived(self) -> list[str]:
        """Digests of what really arrived, in order."""
        return [record["sha256"] for record in self.centre.deposits()]

    def names(self, folder: str) -> list[str]:
        return sorted(p.name for p in self.home.data(folder).iterdir())

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds that another process brings about."""
        with trio.fail_after(20):
            while not holds():  # noqa: ASYNC110 - nothing tells when a file appears
                await trio.sleep(0.02)

    def two_at_once(self) -> bool:
        return any(r["event"] == "two-at-once" for r in self.centre.records())

    def profile(self, fields: Mapping[str, str] | None = None, **changed: Any) -> Profile:
        wanted = {**settings(self.home), "address": "", "timeout_seconds": 30, **changed}
        return Profile(
            name="ccss",
            platform="sofie",
            mode="real",
            credential=Credential(name="", fields=dict(fields or {})),
            settings=msgspec.convert(wanted, Sofie.settings),
            base=self.root.parent,
        )


Connect = Callable[..., AbstractAsyncContextManager[Sofie]]


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installed]:
    yield Installed(tmp_path / "sofie")
    for process in psutil.process_iter():  # whatever a test left hanging on this home
        try:
            if str(tmp_path) in " ".join(process.cmdline()):
                process.kill()
        except psutil.Error:
            continue


@pytest.fixture
def connect(installed: Installed) -> Connect:
    """Opens an adapter on the installation: `async with connect(setting=…) as adapter`."""

    @asynccontextmanager
    async def opened(
        fields: Mapping[str, str] | None = None, **changed: Any
    ) -> AsyncIterator[Sofie]:
        async with Sofie(installed.profile(fields, **changed)) as adapter:
            assert isinstance(adapter, Sofie)
            yield adapter

    return opened
