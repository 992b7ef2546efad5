"""Campaign 5, judged from outside: whatever the network does to the answer of a deposit, the ledger
has each declaration once, and the person sees where it stands."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from campaigns.conftest import assert_each_arrived_once, declarations
from support.site import Simulator, Site

FAULTS = [
    "reset-before-body",
    "reset-in-body",
    "reset-after-body",
    "answer-lost",
    "answer-cut",
    "status=500:effect=yes",
    "status=500:effect=no",
    "status=503:effect=no",
    "status=429",
    "slow-drip",
    "late",
    "token-expired",
    "garbage-200:effect=yes",
    "garbage-200:effect=no",
    "double-answer",
]


@pytest.mark.campaign
@pytest.mark.parametrize("fault", FAULTS)
def test_after_each_fault_of_the_network_each_declaration_arrives_once(
    fault: str, simulator: Callable[..., Simulator], site: Callable[..., Site]
) -> None:
    times = 1 if fault == "token-expired" else 2  # a second 401 in a row ends the credential
    platform = simulator("--tls", "--return-delay", "0.2", "--fault", f"{fault}*{times}")
    here = site(platform)
    files = declarations(6)
    for name, payload in files.items():
        here.drop(name, payload)
    here.start()
    here.wait(6, ["accepted"], within=90)
    assert here.stop() == 0
    assert_each_arrived_once(platform, files)


@pytest.mark.campaign
def test_a_wrong_password_stops_its_profile_after_one_401_and_others_go_on(
    simulator: Callable[..., Simulator], site: Callable[..., Site]
) -> None:
    platform = simulator("--return-delay", "0.2")
    here = site(platform, scope={"company": "732829320"})
    text = here.config.read_text("utf-8")
    other = text.partition("[[profile]]")[2].replace('"acme"', '"other"')
    other = other.replace('scope = {company = "732829320"}', "scope = {}")
    here.config.write_text(f"{text}[[profile]]{other}", "utf-8")
    secret = json.loads(here.secret)
    here.command("secrets", "set", "other", stdin=json.dumps(secret))
    here.command("secrets", "set", "acme", stdin=json.dumps({**secret, "motdepasse": "wrong"}))
    files = declarations(4)
    refused = declarations(2, start=10, siret="73282932000074")
    for name, payload in {**files, **refused}.items():
        here.drop(name, payload)
    here.start()
    here.wait_for(lambda: here.states()["accepted"] == 4 and here.states()["ready"] == 2)
    here.wait_for(lambda: "credential:net-entreprises:acme" in here.notices())
    assert_each_arrived_once(platform, files)
    assert platform.refused_logins() == 1
    # A changed secret is all it takes.
    here.command("secrets", "set", "acme", stdin=here.secret)
    here.wait(6, ["accepted"])
    assert_each_arrived_once(platform, {**files, **refused})
    assert here.stop() == 0


@pytest.mark.campaign
def test_two_candidates_wait_until_a_person_settles(
    simulator: Callable[..., Simulator], site: Callable[..., Site]
) -> None:
    platform = simulator("--return-delay", "3600", "--fault", "answer-lost*1")
    stranger = site(platform)
    here = site(platform)
    files = declarations(1)
    ((name, payload),) = files.items()
    # A deposit made by other hands, in the same minute, for the same declarant.
    other = declarations(1, start=50)
    platform.clear_faults()
    stranger.drop("other.dsn", next(iter(other.values())))
    stranger.start()
    stranger.wait(1, ["deposited"])
    assert stranger.stop() == 0
    platform.add_fault("answer-lost*1")
    here.drop(name, payload)
    here.start()
    here.wait_for(lambda: "doubt:1" in here.notices())
    time.sleep(1.5)  # longer than the settling time: nothing may happen by itself
    assert here.states() == {"in_doubt": 1}
    shown = json.loads(here.command("deposits", "show", "1", "--json"))
    assert platform.deposits()[1]["idflux"] in json.dumps(shown["events"])
    reference = platform.deposits()[1]["idflux"]
    here.command("deposits", "settle", "1", "--deposited", reference)
    here.wait(1, ["deposited"])
    assert here.stop() == 0
    assert_each_arrived_once(platform, {**files, **other})
