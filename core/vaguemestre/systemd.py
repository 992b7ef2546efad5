"""Tells systemd how the daemon is (sd_notify(3)): one datagram to the socket it names, or nothing
where there is none. Also keeps its watchdog quiet while the event loop turns.
"""

from __future__ import annotations

import os
import socket

import trio


def notify(message: str) -> None:
    """Send `READY=1` and the like. Never raises."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(1.0)
            channel.sendto(message.encode(), address)
    except OSError:
        return


async def watchdog() -> None:
    """Feed the watchdog at half its time, for ever; returns at once where there is none."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or int(microseconds) == 0:
        return
    while True:
        notify("WATCHDOG=1")
        await trio.sleep(int(microseconds) / 2_000_000)
