"""The simulator as people start it: a command with a ready line, TLS with an authority of its own,
and an end that a signal brings.
"""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trio
from adapters.net_entreprises.simulator.calling import (
    ACCOUNT,
    Reply,
    exchange,
    identity,
    open_connection,
)
from click.testing import CliRunner, Result

from vaguemestre_net_entreprises.simulator.cli import DEMO_ACCOUNT, command
from vaguemestre_net_entreprises.simulator.platform import Account, Config
from vaguemestre_net_entreprises.simulator.server import Simulator
from vaguemestre_net_entreprises.simulator.tls import make

Run = Callable[..., tuple["subprocess.Popen[str]", dict[str, Any]]]
#: The command by itself, without the product around it.
PROGRAM = "from vaguemestre_net_entreprises.simulator.cli import command; command()"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Starts the command: the process, and what its ready line says."""
    started: list[subprocess.Popen[str]] = []

    def go(*options: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        started.append(process)
        assert process.stdout
        return process, json.loads(process.stdout.readline())

    yield go
    for process in started:
        process.kill()
        process.communicate()


def sign_in(base: str, body: bytes, context: ssl.SSLContext | None = None) -> Reply:
    connection = open_connection(base, context)
    try:
        return exchange(
            connection,
            "POST",
            "/services/authentifier/1.0/",
            body,
            {"Content-Type": "application/xml"},
        )
    finally:
        connection.close()


def refuse(*options: str) -> Result:
    """What the command says that it does not start with."""
    return CliRunner().invoke(command, list(options))


# -- TLS


def trusting(ca_file: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca_file))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_tls_holds_for_who_trusts_the_written_authority(
    nursery: trio.Nursery, tmp_path: Path, name: str
) -> None:
    ca_file = tmp_path / "ca.pem"
    simulator = Simulator(Config([Account(*ACCOUNT)]), tls=make(ca_file))
    base = await nursery.start(simulator.serve)
    assert base.startswith("https://127.0.0.1:")
    place = base.replace("127.0.0.1", name)
    reply = await trio.to_thread.run_sync(sign_in, place, identity(), trusting(ca_file))
    assert reply.status == 200


async def test_tls_does_not_hold_for_anybody_else(nursery: trio.Nursery, tmp_path: Path) -> None:
    simulator = Simulator(Config([Account(*ACCOUNT)]), tls=make(tmp_path / "ca.pem"))
    base = await nursery.start(simulator.serve)
    make(tmp_path / "other.pem")
    for context in (ssl.create_default_context(), trusting(tmp_path / "other.pem")):
        with pytest.raises(ssl.SSLCertVerificationError):
            await trio.to_thread.run_sync(sign_in, base, identity(), context)
    context = trusting(tmp_path / "ca.pem")
    assert (await trio.to_thread.run_sync(sign_in, base, identity(), context)).status == 200


async def test_who_speaks_no_tls_does_not_stop_it(nursery: trio.Nursery, tmp_path: Path) -> None:
    simulator = Simulator(Config([Account(*ACCOUNT)]), tls=make(tmp_path / "ca.pem"))
    base = await nursery.start(simulator.serve)
    stream = await trio.open_tcp_stream("127.0.0.1", int(base.rpartition(":")[2]))
    async with stream:
        await stream.send_all(b"GET /_control/calls HTTP/1.1\r\nHost: a\r\n\r\n")
        async for part in stream:
            assert not part.startswith(b"HTTP/1.1 200")
    context = trusting(tmp_path / "ca.pem")
    assert (await trio.to_thread.run_sync(sign_in, base, identity(), context)).status == 200


def test_no_key_of_the_authority_is_left_anywhere(tmp_path: Path) -> None:
    make(tmp_path / "ca.pem")
    assert [path.name for path in tmp_path.iterdir()] == ["ca.pem"]
    assert "PRIVATE" not in (tmp_path / "ca.pem").read_text()


async def test_it_listens_on_ipv6_too(nursery: trio.Nursery) -> None:
    if not _has_ipv6():
        pytest.skip("this machine has no ::1")
    simulator = Simulator(Config([Account(*ACCOUNT)]), host="::1")
    base = await nursery.start(simulator.serve)
    assert base.startswith("http://[::1]:")
    assert simulator.ready(None)["download_hosts"] == [base.removeprefix("http://")]
    assert (await trio.to_thread.run_sync(sign_in, base, identity())).status == 200


def _has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


# -- the command


def test_the_ready_line_has_all_that_a_deployment_must_know(run: Run) -> None:
    _, ready = run()
    base = f"http://127.0.0.1:{ready['port']}"
    assert ready == {
        "port": ready["port"],
        "base": base,
        "ca_file": None,
        "authentication_url": f"{base}/services/authentifier/1.0/",
        "deposit_url": f"{base}/depot/deposer-dsn/1.0/",
        "consultation_url": f"{base}/consultation/",
        "download_hosts": [f"127.0.0.1:{ready['port']}"],
    }
    assert ready["port"] > 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well_as_soon_as_it_is_ready(run: Run, number: signal.Signals) -> None:
    process, _ = run()
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_signal_ends_it_with_connections_open(run: Run) -> None:
    process, ready = run()
    connection = open_connection(ready["base"])
    try:
        assert exchange(connection, "GET", "/_control/calls").status == 200
        process.terminate()
        assert process.wait(timeout=20) == 0
    finally:
        connection.close()


def test_there_is_an_account_to_try_it_with(run: Run) -> None:
    _, ready = run()
    assert sign_in(ready["base"], identity(*DEMO_ACCOUNT.split(":"))).status == 200


def test_accounts_are_given_with_their_state(run: Run) -> None:
    people = {
        "99999999800019:A:A:password-1": 'Basic realm="Expiration du mot de passe"',
        "99999999800019:B:B:password-2": 'DSNLogin realm="Utilisateur non-inscrit au service"',
        "99999999800019:C:C:password-3": "",
    }
    states = (":expired", ":not-enrolled", "")
    given = [f"--account={one}{state}" for one, state in zip(people, states, strict=True)]
    _, ready = run(*given)
    for one, realm in people.items():
        assert sign_in(ready["base"], identity(*one.split(":"))).realm == realm
    demo = sign_in(ready["base"], identity(*DEMO_ACCOUNT.split(":")))
    assert demo.status == 401


def test_the_command_serves_tls_and_writes_its_authority(run: Run, tmp_path: Path) -> None:
    _, ready = run("--tls", "--ca-file", str(tmp_path / "authority.pem"))
    assert ready["ca_file"] == str(tmp_path / "authority.pem")
    assert ready["base"].startswith("https://")
    body = identity(*DEMO_ACCOUNT.split(":"))
    assert sign_in(ready["base"], body, trusting(tmp_path / "authority.pem")).status == 200


def test_the_authority_stands_beside_the_ledger_unless_told_otherwise(
    run: Run, tmp_path: Path
) -> None:
    _, ready = run("--tls", "--ledger", str(tmp_path / "ledger.jsonl"))
    assert ready["ca_file"] == str(tmp_path / "ca.pem")
    assert (tmp_path / "ledger.jsonl").read_bytes() == b""


def test_faults_widths_and_times_are_options(run: Run) -> None:
    _, ready = run(
        *("--fault", "status=503:call=auth*2", "--fault", "status=500:call=depots"),
        *("--token-seconds", "1", "--window-minutes", "7", "--depots-minutes", "1440"),
    )
    body = identity(*DEMO_ACCOUNT.split(":"))
    found = [sign_in(ready["base"], body).status for _ in range(3)]
    assert found == [503, 503, 200]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--fault", "unknown"], "'unknown' is not a fault"),
        (["--fault", "answer-lost", "--fault", "status"], "'status': status wants a value"),
        (["--account", "99999999800019:A:A"], "--account is SIRET:NOM:PRENOM:PASSWORD"),
        (["--account", "99999999800019:A:A:secret-1:gone"], "--account is SIRET:NOM"),
        (["--port", "many"], "--port"),
    ],
)
def test_options_that_are_not_understood_are_a_usage_error(options: list[str], word: str) -> None:
    found = refuse(*options)
    assert found.exit_code == 2
    assert word in found.output
    assert "secret-1" not in found.output


def test_a_port_that_is_taken_is_said_to_be(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        found = refuse("--port", port, "--ledger", str(tmp_path / "ledger.jsonl"))
    assert found.exit_code == 1
    assert "cannot listen" in found.output
    assert "Traceback" not in found.output
