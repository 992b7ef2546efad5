"""The whole way with the real daemon: what is dropped goes through SOFiE, and what comes back finds
its own deposit."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from adapters.sofie.files import EMPLOYER, OTHER_EMPLOYER, decsal
from support.site import command
from support.sofie import SofieSite


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SofieSite]:
    here = SofieSite(tmp_path, presumed_hours=0.0005, working_days="1234567", public_holidays="")
    yield here
    here.kill()


def listed(site: SofieSite) -> dict[str, dict[str, object]]:
    """The deposits, by employer."""
    return {d["issuer"]: d for d in json.loads(site.command("deposits", "list", "--json"))}


def test_two_companies_files_of_one_second_arrive_in_turn_and_each_return_finds_its_own(
    site: SofieSite,
) -> None:
    files = {"a.dta": decsal(EMPLOYER), "b.dta": decsal(OTHER_EMPLOYER)}
    for name, payload in files.items():
        site.drop(name, payload)
    site.start()
    site.wait(2, ["accepted"])
    found = listed(site)
    assert all("Réputée" in str(d["message"]) for d in found.values())
    by_transport = {r["transport"]: r["employer"] for r in site.records()}
    assert {str(d["reference"]): employer for employer, d in found.items()} == by_transport
    # Weeks later the affiliation of one of them has not come: its wage is rejected.
    site.simulate("--reject-now", f"DECSAL:14:{OTHER_EMPLOYER}")
    site.wait_for(lambda: site.states() == {"accepted": 1, "to_check": 1})
    found = listed(site)
    assert (found[EMPLOYER]["state"], found[OTHER_EMPLOYER]["state"]) == ("accepted", "to_check")
    site.simulate("--reject-now", f"DECSAL:14:{EMPLOYER}")
    site.wait_for(lambda: site.states() == {"to_check": 2})
    site.wait_for(lambda: _folders(site) == {"a", "b"})
    assert site.stop() == 0
    site.assert_each_arrived_once(files)


def test_a_person_asks_for_sending_receiving_and_updating(site: SofieSite) -> None:
    site.start()
    site.wait_for(site.is_ready)
    assert "à jour" in site.command("update")
    assert site.command("send").strip()
    assert site.command("receive").strip()
    assert site.stop() == 0


def test_what_waits_to_be_released_is_sent_by_one_action(site: SofieSite) -> None:
    text = site.config.read_text("utf-8")
    site.config.write_text(text.replace('name = "paie"', 'name = "a-valider"\nhold = true'))
    files = {"a.dta": decsal(EMPLOYER), "b.dta": decsal(OTHER_EMPLOYER)}
    for name, payload in files.items():
        site.drop(name, payload)
    site.start()
    site.wait(2, ["held"])
    assert site.records() == []
    site.command("deposits", "release", "--all", "--outbox", "a-valider")
    site.wait(2, ["deposited", "accepted"])
    assert site.stop() == 0
    site.assert_each_arrived_once(files)


def test_in_silent_hours_a_persons_wish_counts(tmp_path: Path) -> None:
    site = SofieSite(tmp_path / "night", silent_hours=["00:00-12:00", "12:00-24:00"])
    try:
        site.drop("a.dta", decsal())
        site.start()
        site.wait_for(lambda: site.states()["ready"] == 1 and "repose" in _message(site))
        assert site.records() == []
        site.command("send")
        site.wait(1, ["deposited", "accepted"])
        assert site.stop() == 0
        assert not [key for key in site.notices() if key.startswith(("breaker", "collect"))]
    finally:
        site.kill()


def _folders(site: SofieSite) -> set[str]:
    """The deposits in whose folders a reject lies, by the names of their files."""
    return {p.parent.name.split()[-1] for p in (site.folder / "in").rglob("SALRET*")}


def _message(site: SofieSite) -> str:
    return "".join(text for (text,) in site.query("SELECT message FROM deposit"))


def test_the_demo_shows_a_reject_that_comes_back() -> None:
    done = subprocess.run([*command(), "demo", "--json"], capture_output=True, check=False)
    summary = json.loads(done.stdout)
    states = {d["module"]: d["state"] for d in summary["deposits"] if d["platform"] == "sofie"}
    assert "seculine" in states, summary
    assert [r for r in summary["returns"] if r["nature"] == "SALRET"]
    assert summary["ok"], summary["deposits"]
    assert done.returncode == 0
