"""Whether the platform's address can be reached, through the proxy that SOFiE uses."""

from __future__ import annotations

import re
from pathlib import Path

import trio

from vaguemestre_sofie.texts import _

#: Seconds for one connection.
PATIENCE = 8.0
_ENTRY = re.compile(r"\s*([^#!=:\s]+)\s*[=:]\s*(.*?)\s*")


async def reach(address: str, proxy: str) -> str:
    """Connect to `address` (host:port), through `proxy` if there is one, and hang up. What went
    wrong, for people; "" if it worked."""
    host, port = _parts(proxy or address)
    try:
        with trio.fail_after(PATIENCE):
            stream = await trio.open_tcp_stream(host, port)
            async with stream:
                return await _through(stream, address) if proxy else ""
    except trio.TooSlowError:
        return _("{host}:{port} does not answer").format(host=host, port=port)
    except OSError as error:
        reason = error.strerror or str(error)
        return _("{host}:{port} cannot be reached: {reason}").format(
            host=host, port=port, reason=reason
        )


async def _through(stream: trio.SocketStream, address: str) -> str:
    """Ask a proxy for a tunnel to the address."""
    await stream.send_all(f"CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode("ascii"))
    answer = await stream.receive_some(4096)
    status = re.match(rb"HTTP/1\.\d (\d{3})", answer)
    if status is None:
        return _("the proxy does not speak HTTP")
    if status[1] == b"200":
        return ""
    if status[1] == b"407":
        return _("the proxy asks for a user and a password (407)")
    return _("the proxy refuses the connection ({status})").format(status=status[1].decode())


def _parts(address: str) -> tuple[str, int]:
    host, _colon, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def proxy_in(file: Path | None) -> str:
    """The proxy that a properties file of SOFiE names (host:port), "" if it names none.

    Its keys are not published: any whose name says proxy and host, or proxy and port, counts.
    """
    if file is None or not file.exists():
        return ""
    entries = properties(file)
    lowered = {k.casefold(): v for k, v in entries.items() if "proxy" in k.casefold() and v}
    host = next((v for k, v in lowered.items() if re.search(r"host|name|address|server", k)), "")
    port = next((v for k, v in lowered.items() if "port" in k and v.isdigit()), "")
    return f"{host}:{port}" if host and port else ""


def properties(file: Path) -> dict[str, str]:
    """The entries of a Java properties file. Raises OSError."""
    found = {}
    for line in file.read_text("latin-1").splitlines():
        match = _ENTRY.fullmatch(line)
        if match is not None:
            found[match[1]] = match[2]
    return found
