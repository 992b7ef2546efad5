"""`vaguemestre simulate sofie`."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

import click

from vaguemestre_sofie.simulator.faults import NAMES

_FAULTS = (
    "Misbehave at the next runs: NAME[=VALUE][@send|@receive|@update][*TIMES]. Names: "
    + ", ".join(NAMES)
)


@click.command("sofie")
@click.option(
    "--home", required=True, type=click.Path(path_type=Path), help="SOFIE_HOME to be made or used."
)
@click.option("--user", default="123456789", show_default=True, help="User id of the installation.")
@click.option("--return-delay", default=2.0, show_default=True, help="Seconds until rejects come.")
@click.option("--log-encoding", default="utf-8", show_default=True, help="Encoding of the logs.")
@click.option(
    "--unaffiliated",
    multiple=True,
    metavar="NUMBER",
    help="Insured number rejected with SALRET 14.",
)
@click.option("--fault", multiple=True, metavar="SPEC", help=_FAULTS)
@click.option(
    "--reject-next", multiple=True, metavar="TYPE:CODE", help="Reject a record of the next file."
)
@click.option(
    "--reject-now",
    multiple=True,
    metavar="TYPE:CODE[:EMPLOYER]",
    help="Reject a record of the last file that arrived, and end.",
)
@click.option("--once", is_flag=True, help="End when the home is laid out.")
def command(**options: Any) -> None:
    """A simulated installation of SOFiE on this machine, with a ledger of what really arrived.

    Prints one line of JSON with its settings when it is ready. Stop it with Ctrl+C.
    """
    import trio

    from vaguemestre_sofie.simulator import faults
    from vaguemestre_sofie.simulator.centre import Centre
    from vaguemestre_sofie.simulator.home import Home, Options
    from vaguemestre_sofie.simulator.layout import lay_out

    root = options["home"].absolute()
    try:
        for spec in options["fault"]:
            faults.parse(spec)
        next_, now = (
            [_reject(text) for text in options[name]] for name in ("reject_next", "reject_now")
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if now:
        centre = Centre(Home(root))
        try:
            names = [centre.reject_now(*order) for order in now]
        except LookupError as error:
            raise click.ClickException(str(error)) from error
        click.echo(json.dumps({"put": names}))
        return
    home = lay_out(
        root,
        Options(
            user=options["user"],
            return_delay=options["return_delay"],
            log_encoding=options["log_encoding"],
            unaffiliated=list(options["unaffiliated"]),
        ),
    )
    faults.add(home, *options["fault"])
    for kind, code, _employer in next_:
        Centre(home).reject_next(kind, code)
    trio.run(_stay, home, options["once"])


async def _stay(home: Any, once: bool) -> None:
    """Listen, so that the address can be reached, until a signal comes."""
    import trio

    from vaguemestre_sofie.simulator.layout import ready

    async def hang_up(stream: trio.SocketStream) -> None:
        await stream.aclose()

    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
            port = listeners[0].socket.getsockname()[1]
            nursery.start_soon(trio.serve_listeners, hang_up, listeners)
            sys.stdout.write(json.dumps(ready(home, f"127.0.0.1:{port}")) + "\n")
            sys.stdout.flush()
            if not once:
                await anext(signals)
            nursery.cancel_scope.cancel()


def _reject(text: str) -> tuple[str, int, str]:
    kind, _colon, rest = text.partition(":")
    code, _colon, employer = rest.partition(":")
    from vaguemestre_sofie.simulator.seculine import OTHERS, TYPES

    if kind not in TYPES | OTHERS or not code.isdigit():
        raise ValueError(f"{text!r} is not TYPE:CODE")
    return kind, int(code), employer
