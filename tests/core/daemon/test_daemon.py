"""What the person who installs the daemon can rely on: it starts, says why it does not, tells
systemd, reloads, and stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.site import Site, command

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


def ready(site: Site) -> None:
    site.wait_for(lambda: "ready" in site.tail())


def test_it_stops_with_0_on_sigterm(site: Site) -> None:
    site.start()
    ready(site)
    assert site.stop() == 0


def test_a_second_daemon_on_the_same_store_refuses_and_says_who_holds_it(site: Site) -> None:
    site.start()
    ready(site)
    assert site.daemon is not None
    second = subprocess.run(
        [*command(), "-c", str(site.config), "run"], capture_output=True, text=True, check=False
    )
    assert second.returncode == 2
    assert str(site.daemon.pid) in second.stderr
    assert site.stop() == 0


def test_after_a_kill_the_next_daemon_starts(site: Site) -> None:
    site.start()
    ready(site)
    site.kill()
    site.log.unlink()
    site.start()
    ready(site)
    assert site.stop() == 0


def test_it_tells_systemd_when_it_is_ready_and_when_it_stops(site: Site, tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(address)
        channel.settimeout(30)
        site.start(NOTIFY_SOCKET=address)
        assert channel.recv(100) == b"READY=1"
        assert site.stop() == 0
        assert channel.recv(100) == b"STOPPING=1"


def test_mistakes_in_the_configuration_are_named_and_nothing_starts(site: Site) -> None:
    site.config.write_text(site.config.read_text("utf-8").replace("quiet_seconds", "quiet"))
    done = subprocess.run(
        [*command(), "-c", str(site.config), "run"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "outbox[0].quiet" in done.stderr


def test_a_bad_new_configuration_leaves_the_old_one_running_and_is_told(site: Site) -> None:
    site.start()
    ready(site)
    good = site.config.read_text("utf-8")
    site.config.write_text(good + "[nonsense]\n", "utf-8")
    site.wait_for(lambda: "configuration" in site.notices())
    site.drop("a.txt", b"still taken")
    site.wait(1, ["rejected"])
    assert site.stop() == 0


def test_a_good_new_configuration_takes_effect_by_itself(site: Site) -> None:
    site.start()
    ready(site)
    more = site.folder / "more"
    text = site.config.read_text("utf-8")
    site.config.write_text(text + f'[[outbox]]\nname = "b"\npath = {json.dumps(str(more))}\n')
    site.wait_for(more.exists)
    (more / "b.txt").write_bytes(b"taken from the new outbox")
    site.wait(1, ["rejected"])
    assert site.stop() == 0


def test_an_empty_and_an_unknown_file_are_rejected_with_a_report(site: Site) -> None:
    site.start()
    site.drop("letter.txt", b"Dear Sir")
    site.wait(1, ["rejected"])
    reports = list((site.outbox / "Rejetés").glob("*.rapport.txt"))
    assert len(reports) == 1
    assert site.query("SELECT code FROM finding") == [("format/unknown",)]
    assert site.stop() == 0


def test_a_profile_without_its_secret_is_told_and_starts_when_the_secret_is_set(
    site: Site,
) -> None:
    site.command("secrets", "remove", "acme")
    site.start()
    site.wait_for(lambda: "profile:acme" in site.notices())
    site.command("secrets", "set", "acme", stdin=site.secret)
    site.wait_for(lambda: site.tail().count("ready") == 2)
    assert site.stop() == 0


def test_it_stops_within_ten_seconds_while_the_platform_hangs(tmp_path: Path) -> None:
    from campaigns.conftest import declarations

    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        urls = {key: f"{base}/{key}/" for key in NOWHERE}
        site = Site(tmp_path, {**urls, "timeout_seconds": 60})
        try:
            for name, payload in declarations(2).items():
                site.drop(name, payload)
            site.start()
            site.wait_for(lambda: site.states()["depositing"] == 2)
            began = time.monotonic()
            assert site.stop() == 0
            # Not a benchmark: the promise is ten seconds.
            assert time.monotonic() - began < 10
            assert "depositing" not in site.states()
        finally:
            site.kill()


def test_sigint_stops_it_like_sigterm(site: Site) -> None:
    site.start()
    ready(site)
    assert site.daemon is not None
    os.kill(site.daemon.pid, signal.SIGINT)
    assert site.daemon.wait(15) == 0
