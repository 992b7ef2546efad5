"""Where each declaration stands, and what people decide about it."""

from __future__ import annotations

import sqlite3

import pytest
from support.office import Office, words

from vaguemestre.cli.output import zone
from vaguemestre.clock import utc_now
from vaguemestre.lifecycle import Event
from vaguemestre.store import deposits as store_deposits
from vaguemestre.store import journal

KEYS = [
    *("id", "state", "kind", "module", "issuer", "period", "test", "platform", "profile"),
    *("reference", "source", "received_at", "deposited_at", "updated_at", "message"),
    *("due_at", "due_latest", "doubts", "replaces", "replaced_by", "replaced_how", "late"),
]

IN_DOUBT = (Event.PASS, Event.ATTEMPT, Event.LOSE_TRACK)
DEPOSITED = (Event.PASS, Event.ATTEMPT, Event.RECEIPT)


# -- list


def test_the_list_has_exactly_the_keys_of_the_contract(office: Office) -> None:
    office.deposit(Event.HOLD, issuer="73282932000074", period="2026-10")
    (found,) = office.json("deposits", "list")
    assert list(found) == KEYS
    assert found["state"] == "held"
    assert found["test"] is False
    assert found["reference"] is None
    assert found["received_at"].endswith("Z")


def test_an_empty_list_is_an_empty_json_list(office: Office) -> None:
    assert office.json("deposits", "list") == []
    assert office.run("deposits", "list").stdout.strip()


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--state", "held"], [1]),
        (["--state", "held", "--state", "ready"], [1, 2]),
        (["--module", "fctu"], [2]),
        (["--kind", "other"], [3]),
        (["--issuer", "732 829 320"], [1]),
        (["--issuer", "73282932000074"], [1]),
        (["--issuer", "2829320"], []),
        (["--period", "2026-10"], [1, 3]),
        (["--period", "2026-10", "--state", "received"], [3]),
        (["--blocking"], [3]),
        (["--limit", "2"], [2, 3]),
        (["--limit", "0"], [1, 2, 3]),
        (["--from", "01/01/2020"], [1, 2, 3]),
        (["--to", "2020-01-01"], []),
    ],
)
def test_each_filter_narrows_the_list(
    office: Office, filters: list[str], expected: list[int]
) -> None:
    office.deposit(Event.HOLD, name="1", issuer="73282932000074", period="2026-10")
    office.deposit(Event.PASS, name="2", module="fctu")
    third = office.deposit(name="3", kind="other", period="2026-10")
    with office.store() as store:
        store.write_now(
            lambda s: s.sql.finding_add(
                s.connection,
                [
                    {
                        "deposit_id": third,
                        "return_id": None,
                        "severity": "blocking",
                        "code": "X",
                        "rubrique": "",
                        "line": None,
                        "value": "",
                        "message": "",
                        "label": "",
                        "lines": "",
                        "count": 1,
                    }
                ],
            )
        )
    assert [d["id"] for d in office.json("deposits", "list", *filters)] == expected


def test_today_lies_between_from_and_to_today(office: Office) -> None:
    office.deposit()
    today = utc_now().astimezone(zone()).strftime("%Y-%m-%d")
    assert len(office.json("deposits", "list", "--from", today, "--to", today)) == 1


def test_an_unknown_state_is_a_usage_error(office: Office) -> None:
    office.run("deposits", "list", "--state", "lost", code=2)


def test_people_see_states_in_their_words_and_references_whole(office: Office) -> None:
    number = office.deposit(*DEPOSITED)
    office.refer(number, "A1234567890.123456789-X")
    shown = office.run("deposits", "list").stdout
    assert "déposée, en attente de bilan" in shown
    assert "A1234567890.123456789-X" in shown
    assert "\x1b" not in shown


def test_a_name_cannot_drive_the_terminal(office: Office) -> None:
    office.deposit(name="a\x1b[2Jb\n.txt")
    assert "\x1b" not in office.run("deposits", "list").stdout
    assert "\x1b" not in office.run("deposits", "show", "1").stdout


# -- show


def test_show_adds_attempts_events_findings_and_returns(office: Office) -> None:
    number = office.deposit(*DEPOSITED)
    office.refer(number, "F1")
    office.returned("F1", b"verdict")
    shown = office.json("deposits", "show", str(number))
    assert set(KEYS) < set(shown)
    assert [a["number"] for a in shown["attempts"]] == [1]
    assert [e["kind"] for e in shown["events"]] == [
        "taken",
        "pass",
        "attempt",
        "receipt",
        "return",
    ]
    assert shown["events"][0]["data"]["source"] == "/out/a.txt"
    assert shown["chain"] == {"intact": True, "broken_at": None}
    assert [r["nature"] for r in shown["returns"]] == ["11"]
    people = office.run("deposits", "show", str(number)).stdout
    assert "F1" in people
    assert "receipt" in people


def test_a_changed_journal_is_told_and_the_exit_code_is_1(office: Office) -> None:
    number = office.deposit(Event.PASS)
    with sqlite3.connect(office.folder / "store.db") as connection:
        connection.execute("UPDATE event SET at = '2020' WHERE seq = 2")
    connection.close()
    shown = office.json("deposits", "show", str(number), code=1)
    assert shown["chain"] == {"intact": False, "broken_at": 2}
    office.run("deposits", "show", str(number), code=1)


def test_an_unknown_deposit_gives_1(office: Office) -> None:
    assert "7" in office.run("deposits", "show", "7", code=1).stderr


# -- decisions


@pytest.mark.parametrize(
    ("command", "before", "after"),
    [
        ("release", (Event.HOLD,), "received"),
        ("release", (Event.SET_ASIDE,), "received"),
        ("hold", (Event.PASS,), "held"),
        ("recheck", (Event.REJECT,), "received"),
        ("retry", (Event.PASS, Event.ATTEMPT, Event.GIVE_UP), "ready"),
        ("withdraw", (Event.PASS,), "withdrawn"),
        ("withdraw", (Event.REJECT,), "withdrawn"),
        ("checked", (*DEPOSITED, Event.REPORT_ANO), "accepted"),
    ],
)
def test_a_decision_moves_the_deposit_and_is_in_the_journal(
    office: Office, command: str, before: tuple[Event, ...], after: str
) -> None:
    number = office.deposit(*before)
    (outcome,) = office.json("deposits", command, str(number), "--note", "vu avec Marie")
    assert outcome["ok"] is True
    assert outcome["state"] == after == office.state(number)
    last = office.json("deposits", "show", str(number))["events"][-1]
    assert last["data"]["message"] == "vu avec Marie"
    assert last["data"]["by"]


@pytest.mark.parametrize("command", ["release", "hold", "recheck", "retry", "withdraw", "checked"])
def test_a_decision_that_does_not_fit_is_refused_with_the_states_that_would(
    office: Office, command: str
) -> None:
    number = office.deposit(*IN_DOUBT)
    refused = office.run("deposits", command, str(number), code=1)
    assert "dépôt incertain" in refused.stderr
    assert office.state(number) == "in_doubt"


def test_one_refusal_does_not_keep_the_others_back(office: Office) -> None:
    ready, held = office.deposit(Event.PASS, name="1"), office.deposit(Event.HOLD, name="2")
    outcomes = office.json("deposits", "release", str(ready), str(held), "99", code=1)
    assert [o["ok"] for o in outcomes] == [False, True, False]
    assert office.state(held) == "received"


def test_release_all_releases_what_waits_in_the_outbox(office: Office) -> None:
    here = office.deposit(Event.HOLD, name="1")
    there = office.deposit(Event.HOLD, name="2", outbox="rh")
    ready = office.deposit(Event.PASS, name="3")
    office.run("deposits", "release", "--all", "--outbox", "rh")
    assert [office.state(n) for n in (here, there, ready)] == ["held", "received", "ready"]
    office.run("deposits", "release", "--all")
    assert office.state(here) == "received"
    office.run("deposits", "release", "--all")


def test_what_is_released_is_not_held_again_for_its_outbox(office: Office) -> None:
    number = office.deposit(Event.HOLD)
    office.run("deposits", "release", str(number))
    with office.store() as store:
        row = store.read_now(lambda s: store_deposits.get(s, number))
    assert row is not None
    assert row["released"] == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["1", "--all"], ["1", "--outbox", "rh"], ["--all", "--outbox", "nowhere"], ["one"]],
)
def test_release_wants_numbers_or_all(office: Office, arguments: list[str]) -> None:
    office.deposit(Event.HOLD)
    office.run("deposits", "release", *arguments, code=2)
    assert office.state(1) == "held"


# -- settle


def test_settle_without_a_choice_shows_the_evidence(office: Office) -> None:
    number = office.deposit(*IN_DOUBT)
    candidates = [{"reference": "F7", "recorded_at": "2026-11-23T10:00:00Z", "status": "OK"}]
    with office.store() as store:
        store.write_now(
            lambda s: journal.move(
                s, number, Event.STILL_UNKNOWN, message="Plusieurs.", candidates=candidates
            )
        )
    shown = office.json("deposits", "settle", str(number))
    assert shown["candidates"] == candidates
    assert shown["attempt"]["outcome"] == "interrupted"
    people = office.run("deposits", "settle", str(number)).stdout
    assert "F7" in people
    assert "23/11/2026 11:00:00" in people  # French legal time
    assert office.state(number) == "in_doubt"


def test_settled_as_deposited_it_gets_its_reference_and_the_returns_that_waited(
    office: Office,
) -> None:
    number = office.deposit(*IN_DOUBT)
    office.returned("F7", b"verdict")
    office.run("deposits", "settle", str(number), "--deposited", " F7 ", "--note", "vu sur le site")
    shown = office.json("deposits", "show", str(number))
    assert shown["state"] == "deposited"
    assert shown["reference"] == "F7"
    assert shown["deposited_at"]
    assert [r["reference"] for r in shown["returns"]] == ["F7"]
    settled = next(e for e in shown["events"] if e["kind"] == "settle_deposited")
    assert settled["data"]["note"] == "vu sur le site"


def test_settled_as_absent_it_is_sent_again(office: Office) -> None:
    number = office.deposit(*IN_DOUBT)
    office.run("deposits", "settle", str(number), "--absent")
    assert office.state(number) == "ready"


def test_a_reference_belongs_to_one_deposit(office: Office) -> None:
    first = office.deposit(*DEPOSITED, name="1")
    office.refer(first, "F1")
    second = office.deposit(*IN_DOUBT, name="2")
    refused = office.run("deposits", "settle", str(second), "--deposited", "F1", code=1)
    assert str(first) in refused.stderr
    assert office.state(second) == "in_doubt"


def test_settled_as_absent_it_can_be_given_up_at_once(office: Office) -> None:
    number = office.deposit(*IN_DOUBT)
    office.run("deposits", "settle", str(number), "--absent", "--withdraw", "--note", "erreur")
    assert office.state(number) == "withdrawn"
    office.run("deposits", "settle", str(number), "--withdraw", code=2)


def test_what_a_person_deposited_by_hand_is_settled_with_its_reference(office: Office) -> None:
    number = office.deposit(Event.PASS, Event.ATTEMPT, Event.HAND_OVER)
    listed = office.json("deposits", "list", "--state", "handed_over")
    assert [d["id"] for d in listed] == [number]
    shown = words(office.run("deposits", "settle", str(number)).stdout)
    assert "--absent --withdraw" in shown
    assert "candidat" not in shown
    office.run("deposits", "settle", str(number), "--deposited", "F9")
    assert office.json("deposits", "show", str(number))["reference"] == "F9"


def test_only_what_is_in_doubt_can_be_settled(office: Office) -> None:
    number = office.deposit(Event.PASS)
    for choice in ([], ["--absent"], ["--deposited", "F1"]):
        refused = office.run("deposits", "settle", str(number), *choice, code=1)
        assert "prête" in words(refused.stderr)
    assert office.state(number) == "ready"


@pytest.mark.parametrize("choice", [["--deposited", "F1", "--absent"], ["--deposited", " "]])
def test_a_choice_must_be_clear(office: Office, choice: list[str]) -> None:
    number = office.deposit(*IN_DOUBT)
    office.run("deposits", "settle", str(number), *choice, code=2)
    assert office.state(number) == "in_doubt"
