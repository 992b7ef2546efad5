"""`vaguemestre simulate net-entreprises`."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from vaguemestre_net_entreprises.simulator.faults import NAMES

#: A fictitious employer; the SIRET passes its check, nobody has it.
DEMO_ACCOUNT = "99999999800019:MARTIN:CLAUDE:Demo-2026"

_FAULTS = "Misbehave: NAME[=VALUE][:key=value…][*TIMES|@PROBABILITY]. Names: " + ", ".join(NAMES)


@click.command("net-entreprises")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=0, show_default=True, help="Port; 0 takes any.")
@click.option("--tls/--no-tls", default=False, help="Serve HTTPS with a certificate of its own.")
@click.option("--ca-file", type=click.Path(path_type=Path), help="Where to write the CA (PEM).")
@click.option("--ledger", type=click.Path(path_type=Path), help="Write what arrives here.")
@click.option(
    "--account",
    multiple=True,
    metavar="SIRET:NOM:PRENOM:PASSWORD[:STATE]",
    help=f"An account; STATE is expired or not-enrolled. Default: {DEMO_ACCOUNT}",
)
@click.option("--token-seconds", default=3600.0, show_default=True, help="Life of a token.")
@click.option("--return-delay", default=2.0, show_default=True, help="Seconds to the certificate.")
@click.option("--window-minutes", default=60, show_default=True, help="Width of return listings.")
@click.option("--depots-minutes", default=60, show_default=True, help="Width of deposit listings.")
@click.option("--fault", multiple=True, metavar="SPEC", help=_FAULTS)
@click.option("--seed", default=0, show_default=True, help="Seed of the faults' chance.")
def command(**options: Any) -> None:
    """A simulated Net-Entreprises on this machine, with a ledger of what really arrived.

    Prints one line of JSON with its addresses when it is ready. Stop it with Ctrl+C.
    """
    import trio

    trio.run(_serve, options)


async def _serve(options: dict[str, Any]) -> None:
    import trio

    from vaguemestre_net_entreprises.simulator.faults import FaultError, parse
    from vaguemestre_net_entreprises.simulator.platform import Config
    from vaguemestre_net_entreprises.simulator.server import Simulator

    try:
        for spec in options["fault"]:
            parse(spec)
    except FaultError as error:
        raise click.UsageError(str(error)) from error
    config = Config(
        accounts=[_account(a) for a in options["account"] or (DEMO_ACCOUNT,)],
        ledger=options["ledger"],
        token_seconds=options["token_seconds"],
        return_delay=options["return_delay"],
        returns_minutes=options["window_minutes"],
        deposits_minutes=options["depots_minutes"],
    )
    ca_file, context = None, None
    if options["tls"]:
        from vaguemestre_net_entreprises.simulator.tls import make

        ca_file = options["ca_file"] or _beside(options["ledger"])
        context = make(ca_file)
    simulator = Simulator(
        config,
        host=options["host"],
        port=options["port"],
        tls=context,
        seed=options["seed"],
    )
    simulator.faults.add(*options["fault"])
    try:
        await simulator.listen()
    except OSError as error:
        simulator.platform.ledger.close()
        raise click.ClickException(f"cannot listen: {error.strerror}") from error
    # Signals are awaited before anybody can know that the simulator is there to be stopped.
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            await nursery.start(simulator.serve)
            sys.stdout.write(json.dumps(simulator.ready(ca_file)) + "\n")
            sys.stdout.flush()
            await anext(signals)
            nursery.cancel_scope.cancel()


def _account(text: str) -> Any:
    from vaguemestre_net_entreprises.simulator.platform import Account

    parts = text.split(":")
    if len(parts) not in (4, 5) or parts[4:] not in ([], ["expired"], ["not-enrolled"]):
        raise click.UsageError("--account is SIRET:NOM:PRENOM:PASSWORD[:STATE]")
    siret, nom, prenom, password, state = [*parts, ""][:5]
    account = Account(siret, nom, prenom, password)
    account.expired, account.enrolled = state == "expired", state != "not-enrolled"
    return account


def _beside(ledger: Path | None) -> Path:
    folder = ledger.parent if ledger else Path(tempfile.mkdtemp(prefix="simulator-"))
    return folder / "ca.pem"
