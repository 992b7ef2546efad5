"""`vaguemestre simulate izilio` as a program: its own addresses, and accounts with an address."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from adapters.izilio.conftest import profile
from click.testing import CliRunner

from vaguemestre_izilio.adapter import Izilio
from vaguemestre_izilio.simulator import command

KNOWN = "99999999800019:MARTIN:CLAUDE:Secret-123:claude.martin@example.org"


@pytest.fixture
def ready(tmp_path: Path) -> Any:
    """What the command's first line says; it runs until the test is over."""
    words = ["simulate", "izilio", "--port", "0", "--tls", "--account", KNOWN]
    ledger = str(tmp_path / "ledger.jsonl")
    with subprocess.Popen(
        [sys.executable, "-m", "vaguemestre", *words, "--ledger", ledger],
        stdout=subprocess.PIPE,
        cwd=tmp_path,
    ) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())
        process.kill()


async def test_what_it_says_at_its_start_is_all_that_a_profile_needs(
    ready: Any, tmp_path: Path
) -> None:
    names = ("authentication_url", "deposit_url", "consultation_url", "ca_file")
    settings = {name: ready[name] for name in names}
    assert ready["authentication_url"] == f"{ready['base']}/connexion/authentifier/1.0/"
    async with Izilio(
        profile(tmp_path, **settings, download_hosts=tuple(ready["download_hosts"]))
    ) as adapter:
        report = await adapter.check()
    assert report.ok, report.message


def test_its_help_names_the_form_of_an_account() -> None:
    shown = CliRunner().invoke(command, ["--help"]).output
    assert "SIRET:NOM:PRENOM:PASSWORD:COURRIEL" in shown
    assert "claude.martin@example.org" in " ".join(shown.split())


@pytest.mark.parametrize(
    "account",
    ["99999999800019:A:A:secret-1", "99999999800019:A:A:secret-1:a@example.org:gone"],
)
def test_an_account_without_an_address_is_a_usage_error(account: str) -> None:
    found = CliRunner().invoke(command, ["--account", account])
    assert found.exit_code == 2
    assert "secret-1" not in found.output
