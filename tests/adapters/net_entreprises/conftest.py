"""A scripted platform over real sockets with TLS, and adapters for it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
import trustme
from adapters.net_entreprises.scripted import SECRET, Platform

from vaguemestre.api import Credential, Profile
from vaguemestre_net_entreprises.adapter import NetEntreprises
from vaguemestre_net_entreprises.settings import Settings

Connect = Callable[..., Any]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture
async def platform(authority: trustme.CA, nursery: trio.Nursery) -> Platform:
    """A scripted platform with TLS on this machine."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    found = Platform(listener.socket.getsockname()[1], "https")

    async def serve(stream: trio.SocketStream) -> None:
        await found.serve(trio.SSLStream(stream, context, server_side=True))

    nursery.start_soon(trio.serve_listeners, serve, [listener])
    return found


@pytest.fixture
def connect(platform: Platform, ca_file: Path) -> Connect:
    """Opens an adapter for the scripted platform: `async with connect(setting=…) as adapter`."""

    @asynccontextmanager
    async def opened(
        credential: Mapping[str, str] = SECRET, **settings: Any
    ) -> AsyncIterator[NetEntreprises]:
        defaults: dict[str, Any] = {
            "authentication_url": f"{platform.base}/auth/1.0/",
            "deposit_url": f"{platform.base}/deposer-dsn/2.0/",
            "consultation_url": f"{platform.base}/",
            "ca_file": str(ca_file),
            "timeout_seconds": 2.0,
            "settling_seconds": 0.0,
        }
        profile = Profile(
            name="p",
            platform="net-entreprises",
            mode="real",
            credential=Credential(name="c", fields=dict(credential)),
            settings=Settings(**{**defaults, **settings}),
            base=Path("/"),
            concurrency=4,
        )
        async with NetEntreprises(profile) as adapter:
            assert isinstance(adapter, NetEntreprises)
            yield adapter

    return opened
