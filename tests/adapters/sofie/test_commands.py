"""The commands that the distribution adds, run as people run them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from adapters.sofie.files import decsal
from support.site import command
from support.sofie import SofieSite

from vaguemestre_sofie.simulator.seculine import insured_is_valid


@pytest.fixture
def site(tmp_path: Path) -> SofieSite:
    return SofieSite(tmp_path)


def test_doctor_shows_the_installation(site: SofieSite) -> None:
    site.command("doctor", "--json", code=0)
    found = json.loads(site.command("profiles", "test", "ccss", "--json"))
    assert found["ok"]
    assert "commande d'envoi" in {one["subject"] for one in found["examined"]}
    # The doctor looks at profiles once there is a store, which the test of the profile made.
    shown = json.loads(site.command("doctor", "--json"))
    assert "profil ccss: certificat" in {one["subject"] for one in shown}


def test_a_person_says_that_the_password_was_changed(site: SofieSite) -> None:
    said = site.command("sofie", "password-changed", "--on", "2026-11-01")
    assert "01/11/2026" in said
    assert "Save encrypted password" in said
    site.command("sofie", "password-changed", "--on", "2999-01-01", code=2)
    site.command("sofie", "password-changed", "--profile", "nobody", code=2)


def test_the_simulator_listens_until_it_is_stopped(tmp_path: Path) -> None:
    words = [*command(), "simulate", "sofie", "--home", str(tmp_path / "s")]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        host, _colon, port = ready["settings"]["address"].partition(":")
        socket.create_connection((host, int(port)), timeout=5).close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    "wrong",
    [["--fault", "nonsense"], ["--reject-next", "DECSAL"], ["--reject-now", "NOTHING:1"]],
)
def test_options_that_are_not_understood_give_2(wrong: list[str], tmp_path: Path) -> None:
    words = [*command(), "simulate", "sofie", "--home", str(tmp_path / "s"), "--once", *wrong]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 2


def run_batch(site: SofieSite, mode: str) -> int:
    (script,) = site.home.glob("run_batch_*.py")
    return subprocess.run([*command()[:1], str(script), mode], check=False).returncode


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (decsal(hours=400), "11"),
        (decsal(month="201812"), "12"),
        (decsal(month="299901"), "9"),
        (decsal(insured="1990093012359"), "3"),
        (decsal().replace(b";300000;", b";3000,00;"), "4"),
    ],
)
def test_a_wrong_record_comes_back_with_its_code_as_second_field(
    payload: bytes, code: str, site: SofieSite
) -> None:
    (outgoing,) = site.home.glob("data/*/send")
    (outgoing / "DECSAL.dta").write_bytes(payload)
    assert run_batch(site, "send") == 0
    assert run_batch(site, "receive") == 0
    (returned,) = site.home.glob("data/*/decrypted/SALRET.*")
    sent, back = payload.split(b"\r\n")[1], returned.read_bytes().split(b"\r\n")[1]
    assert back == sent.replace(b"1;", f"1;{code};".encode(), 1)


def test_a_sound_file_has_no_answer(site: SofieSite) -> None:
    (outgoing,) = site.home.glob("data/*/send")
    (outgoing / "DECSAL.dta").write_bytes(decsal())
    run_batch(site, "send")
    run_batch(site, "receive")
    assert not list(site.home.glob("data/*/decrypted/*"))
    assert len(site.records()) == 1


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("decsal.dta", decsal()),
        ("DECSAL_1.dta", decsal()),
        ("SALRET.dta", decsal()),
        ("DECSAL.dta", decsal().replace(b"\r\n", b"\n")),
        ("DECSAL.dta", b"0;1;2\r\n"),
    ],
)
def test_the_simulator_is_strict_about_names_and_headers(
    name: str, payload: bytes, site: SofieSite
) -> None:
    (outgoing,) = site.home.glob("data/*/send")
    (outgoing / name).write_bytes(payload)
    assert run_batch(site, "send") == 1
    assert site.records() == []
    assert "Nok" in (site.home / "logs" / "log_audit.log").read_text("utf-8")


def test_the_numbers_of_insured_persons_are_checked() -> None:
    assert insured_is_valid("1979122003208")
    assert not insured_is_valid("1979122003218")
    assert not insured_is_valid("1979122003209")
