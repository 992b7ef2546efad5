"""Asking the running service: it answers, or the person is told why not."""

from __future__ import annotations

import json
import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.office import Office
from support.site import SECRET, Site, command

from vaguemestre.store.owner import Owner

NOWHERE = {
    "authentication_url": "http://127.0.0.1:9/a/",
    "deposit_url": "http://127.0.0.1:9/d/",
    "consultation_url": "http://127.0.0.1:9/c/",
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path, NOWHERE)
    yield made
    made.kill()


@pytest.mark.parametrize("words", [["send"], ["receive"], ["update"], ["returns", "fetch", "1"]])
def test_without_a_service_it_is_said_at_once(office: Office, words: list[str]) -> None:
    failed = office.run(*words, code=1)
    assert "vaguemestre run" in failed.stderr
    # Nothing is left behind for a service that starts tomorrow.
    with office.store() as store:
        assert store.read_now(lambda s: list(s.sql.requests_open(s.connection))) == []


def test_a_service_that_does_not_answer_in_time_gives_1(office: Office) -> None:
    office.deposit()
    owner = Owner.take(office.folder / "store.db")
    try:
        office.run("send", "--timeout", "0", code=1)
    finally:
        owner.release()


def test_an_unknown_profile_is_a_usage_error(office: Office) -> None:
    office.run("send", "--profile", "nobody", code=2)


def test_the_running_service_answers(site: Site) -> None:
    site.start()
    site.wait_for(lambda: "ready" in site.tail())
    assert json.loads(site.command("send", "--json"))["answer"]
    assert site.command("receive").strip()
    assert "Rien" in site.command("update")
    assert site.command("returns", "fetch", "1").strip()
    assert site.stop() == 0


def test_a_decision_takes_effect_in_the_running_service(site: Site) -> None:
    site.start()
    site.drop("letter.txt", b"Dear Sir")
    site.wait(1, ["rejected"])
    site.command("deposits", "withdraw", "1")
    site.wait(1, ["withdrawn"])
    assert site.stop() == 0


def test_at_a_terminal_the_fields_are_asked_and_the_password_is_not_shown(site: Site) -> None:
    site.command("secrets", "remove", "acme")
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command()[0], [*command(), "-c", str(site.config), "secrets", "set", "acme"])
    shown = b""
    for field, value in SECRET.items():
        while f"{field}: ".encode() not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, value.encode() + b"\n")
    while True:
        try:
            more = os.read(terminal, 1024)
        except OSError:  # how Linux ends a terminal
            break
        if not more:
            break
        shown += more
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown
    assert SECRET["motdepasse"].encode() not in shown
    (listed,) = json.loads(site.command("secrets", "list", "--json"))
    assert listed["updated_at"]
