"""Deposits of other hands are shown as such, and never mistaken for ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from support.office import Office

from vaguemestre.api import Candidate, Effect
from vaguemestre.lifecycle import Event
from vaguemestre.store import foreign

DEPOSITED = (Event.PASS, Event.ATTEMPT, Event.RECEIPT)
AT = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)


def listed(office: Office, *references: str, status: str = "OK") -> None:
    found = [Candidate(reference=r, recorded_at=AT, status=status) for r in references]
    with office.store() as store:
        store.write_now(
            lambda s: foreign.keep(s, found, account="mail:acme", profile="acme", platform="mail")
        )


def shown(office: Office, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.json("deposits", "foreign", *words)
    return found


def test_what_other_hands_deposited_is_listed_and_ours_is_not(office: Office) -> None:
    office.refer(office.deposit(*DEPOSITED), "OURS")
    listed(office, "OURS", "THEIRS")
    assert shown(office) == [
        {
            "reference": "THEIRS",
            "state": "deposited",
            "platform": "mail",
            "profile": "acme",
            "recorded_at": "2026-11-03T09:30:00.000000Z",
            "status": "OK",
            "returns": 0,
            "perhaps_ours": False,
        }
    ]
    assert "THEIRS" in office.run("deposits", "foreign").stdout
    assert "deposits foreign" in office.run("deposits", "list").stderr


def test_without_any_nobody_is_bothered(office: Office) -> None:
    assert shown(office) == []
    assert "foreign" not in office.run("deposits", "list").stderr


@pytest.mark.parametrize(
    ("effects", "state"),
    [
        ([Effect.CERTIFICATE], "accepted"),
        ([Effect.CERTIFICATE, Effect.TO_CHECK], "to_check"),
        ([Effect.REFUSED], "refused"),
        ([Effect.NONE], "deposited"),
    ],
)
def test_its_state_follows_its_returns(office: Office, effects: list[Effect], state: str) -> None:
    listed(office, "THEIRS")
    for number, effect in enumerate(effects):
        office.returned("THEIRS", b"%d" % number, effect=effect)
    (one,) = shown(office)
    assert (one["state"], one["returns"]) == (state, len(effects))


def test_one_that_turns_out_to_be_ours_is_foreign_no_more(office: Office) -> None:
    doubtful = office.deposit(Event.PASS, Event.ATTEMPT, Event.LOSE_TRACK)
    listed(office, "F1")
    assert shown(office)[0]["perhaps_ours"]
    office.run("deposits", "settle", str(doubtful), "--deposited", "F1")
    assert shown(office) == []


def test_days_narrow_the_list(office: Office) -> None:
    listed(office, "THEIRS")
    assert shown(office, "--from", "2026-11-03", "--to", "2026-11-03")
    assert not shown(office, "--from", "2026-11-04")
