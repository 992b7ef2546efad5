"""`vaguemestre simulate net-entreprises`, and the making of the like for another dialect."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from vaguemestre_net_entreprises.simulator.dialect import NATIONAL, Dialect
from vaguemestre_net_entreprises.simulator.faults import NAMES

#: A fictitious employer; the SIRET passes its check, nobody has it.
DEMO_ACCOUNT = "99999999800019:MARTIN:CLAUDE:Demo-2026"

_FAULTS = "Misbehave: NAME[=VALUE][:key=value…][*TIMES|@PROBABILITY]. Names: " + ", ".join(NAMES)


def simulate(dialect: Dialect, demo: str, about: str) -> click.Command:
    """The command that simulates a platform. `demo`: the account that it knows unless others are
    given, `about`: what it is, for `--help`."""
    form = "SIRET:NOM:PRENOM:PASSWORD" + (":COURRIEL" if "courriel" in dialect.fields else "")

    @click.command(dialect.name, help=about)
    @click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
    @click.option("--port", default=0, show_default=True, help="Port; 0 takes any.")
    @click.option(
        "--tls/--no-tls", default=False, help="Serve HTTPS with a certificate of its own."
    )
    @click.option("--ca-file", type=click.Path(path_type=Path), help="Where to write the CA (PEM).")
    @click.option("--ledger", type=click.Path(path_type=Path), help="Write what arrives here.")
    @click.option(
        "--account",
        multiple=True,
        metavar=f"{form}[:STATE]",
        help=f"An account; STATE is expired or not-enrolled. Default: {demo}",
    )
    @click.option("--token-seconds", default=3600.0, show_default=True, help="Life of a token.")
    @click.option(
        "--return-delay", default=2.0, show_default=True, help="Seconds to the certificate."
    )
    @click.option(
        "--window-minutes", default=60, show_default=True, help="Width of return listings."
    )
    @click.option(
        "--depots-minutes", default=60, show_default=True, help="Width of deposit listings."
    )
    @click.option("--fault", multiple=True, metavar="SPEC", help=_FAULTS)
    @click.option("--seed", default=0, show_default=True, help="Seed of the faults' chance.")
    def command(**options: Any) -> None:
        import trio

        accounts = [_account(one, form) for one in options.pop("account") or (demo,)]
        trio.run(_serve, dialect, accounts, options)

    return command


command = simulate(
    NATIONAL,
    DEMO_ACCOUNT,
    "A simulated Net-Entreprises on this machine, with a ledger of what really arrived.\n\n"
    "Prints one line of JSON with its addresses when it is ready. Stop it with Ctrl+C.",
)


async def _serve(dialect: Dialect, accounts: list[Any], options: dict[str, Any]) -> None:
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
        accounts=accounts,
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
        dialect=dialect,
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


def _account(text: str, form: str) -> Any:
    from vaguemestre_net_entreprises.simulator.platform import Account

    names = form.split(":")
    parts = text.split(":")
    given, state = parts[: len(names)], parts[len(names) :]
    if len(given) < len(names) or state not in ([], ["expired"], ["not-enrolled"]):
        raise click.UsageError(f"--account is {form}[:STATE]")
    siret, nom, prenom, password, *rest = given
    account = Account(siret, nom, prenom, password, courriel="".join(rest))
    account.expired, account.enrolled = state == ["expired"], state != ["not-enrolled"]
    return account


def _beside(ledger: Path | None) -> Path:
    folder = ledger.parent if ledger else Path(tempfile.mkdtemp(prefix="simulator-"))
    return folder / "ca.pem"
