"""What the command line shows of deposits that have to do with each other, and of deadlines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from support.office import Office, words

from vaguemestre.api import Due
from vaguemestre.lifecycle import Event
from vaguemestre.precedents import Link, Relation
from vaguemestre.store import claims
from vaguemestre.store.engine import Session

ACCEPTED = (Event.PASS, Event.ATTEMPT, Event.RECEIPT, Event.CERTIFICATE)
REFUSED = (Event.PASS, Event.ATTEMPT, Event.RECEIPT, Event.REPORT_KO)
LONG_AGO = datetime(2026, 11, 5, 11, tzinfo=UTC)
FAR = datetime(2999, 1, 5, 11, tzinfo=UTC)

Put = Callable[[Session], Any]


def put(office: Office, work: Put) -> None:
    with office.store() as store:
        store.write_now(work)


def linked(office: Office, deposit: int, other: int, relation: Relation) -> None:
    put(office, lambda s: claims.put_links(s, deposit, [Link(other, relation)]))


def due(office: Office, deposit: int, *moments: datetime) -> None:
    put(office, lambda s: claims.put_due(s, deposit, [Due(at=m) for m in moments]))


def doubtful(office: Office, deposit: int) -> None:
    put(
        office,
        lambda s: s.sql.deposit_doubt(s.connection, id=deposit, doubts="duplicate:1 rank:1"),
    )


def test_the_list_marks_what_was_replaced(office: Office) -> None:
    first = office.deposit(*ACCEPTED, name="first.txt")
    second = office.deposit(*ACCEPTED, name="second.txt")
    linked(office, second, first, Relation.REPLACES)
    one, two = office.json("deposits", "list")
    assert (one["replaces"], one["replaced_by"]) == (None, second)
    assert (one["replaced_how"], two["replaced_how"]) == ("replaces", None)
    assert (two["replaces"], two["replaced_by"]) == (first, None)
    lines = office.run("deposits", "list").stdout.splitlines()
    marked = [line for line in lines if f"Remplacée par le dépôt {second}" in line]
    assert len(marked) == 1
    assert "first.txt" in marked[0]


@pytest.mark.parametrize(
    ("relation", "said"),
    [(Relation.CANCELS, "Annulée par le dépôt 2"), (Relation.CORRECTS, "Corrigée par le dépôt 2")],
)
def test_the_list_says_how_the_other_one_came_after_it(
    office: Office, relation: Relation, said: str
) -> None:
    first = office.deposit(*REFUSED)
    linked(office, office.deposit(*ACCEPTED), first, relation)
    assert said in office.run("deposits", "list").stdout


def test_a_duplicate_is_not_late_whatever_the_day(office: Office) -> None:
    deposit = office.deposit(Event.HOLD)
    due(office, deposit, LONG_AGO)
    doubtful(office, deposit)
    (found,) = office.json("deposits", "list")
    assert (found["late"], found["doubts"]) == (False, ["duplicate:1", "rank:1"])
    assert "05/11/2026" not in office.run("deposits", "list").stdout


@pytest.mark.parametrize(
    ("relation", "there", "here"),
    [
        (Relation.REPLACES, "remplace", "remplacé par"),
        (Relation.CANCELS, "annule", "annulé par"),
        (Relation.CORRECTS, "corrige", "corrigé par"),
        (Relation.DUPLICATES, "doublon possible de", "doublon possible :"),
    ],
)
def test_each_page_names_the_other_deposit_and_how_it_stands_to_it(
    office: Office, relation: Relation, there: str, here: str
) -> None:
    first = office.deposit(*REFUSED, name="first.txt")
    second = office.deposit(Event.HOLD, name="second.txt")
    linked(office, second, first, relation)
    page = words(office.run("deposits", "show", str(second)).stdout)
    assert f"{there} {first} refusée first.txt" in page
    page = words(office.run("deposits", "show", str(first)).stdout)
    assert f"{here} {second} à valider second.txt" in page
    (related,) = office.json("deposits", "show", str(second))["related"]
    assert related == {
        "id": first,
        "relation": relation.value,
        "state": "refused",
        "name": "first.txt",
        "reference": None,
    }


def test_the_parts_of_a_file_know_each_other(office: Office) -> None:
    first = office.deposit(Event.HOLD)
    second = office.deposit(Event.HOLD)
    put(
        office,
        lambda s: (
            s.connection.execute(
                "UPDATE deposit SET file_id = (SELECT min(file_id) FROM deposit)"
            ).rowcount
        ),
    )
    assert "même fichier que" in office.run("deposits", "show", str(first)).stdout
    (related,) = office.json("deposits", "show", str(second))["related"]
    assert (related["id"], related["relation"]) == (first, "sibling")


def test_a_release_of_all_leaves_what_is_doubtful_and_says_so(office: Office) -> None:
    plain = office.deposit(Event.HOLD, name="plain.txt")
    odd = office.deposit(Event.HOLD, name="odd.txt")
    doubtful(office, odd)
    result = office.run("deposits", "release", "--all")
    assert (office.state(plain), office.state(odd)) == ("received", "held")
    assert f"le dépôt {odd} reste en attente" in result.stderr
    office.run("deposits", "release", str(odd))
    assert office.state(odd) == "received"
    events = office.json("deposits", "show", str(odd))["events"]
    assert events[-1]["data"]["overrides"] == ["duplicate:1", "rank:1"]


def test_a_deadline_is_shown_while_it_matters_and_lateness_for_ever(office: Office) -> None:
    waiting, late, done = (office.deposit(Event.HOLD) for _ in range(3))
    sent = office.deposit(*ACCEPTED)
    due(office, waiting, FAR)
    due(office, late, LONG_AGO)
    due(office, sent, FAR)
    text = office.run("deposits", "list").stdout.splitlines()
    assert "à déposer avant le 05/01/2999 12:00" in text[1]
    assert "en retard : à déposer avant le 05/11/2026 12:00" in text[2]
    assert "déposer" not in text[3] + text[4]
    assert [d["late"] for d in office.json("deposits", "list")] == [False, True, False, False]
    page = words(office.run("deposits", "show", str(late)).stdout)
    assert "Échéance 05/11/2026 12:00 (en retard)" in page
    assert "Échéance" not in office.run("deposits", "show", str(done)).stdout
    assert "Échéance" in office.run("deposits", "show", str(sent)).stdout


def test_both_deadlines_are_shown_where_the_employers_day_is_not_known(office: Office) -> None:
    deposit = office.deposit(Event.HOLD)
    due(office, deposit, FAR, FAR.replace(day=15))
    text = office.run("deposits", "list").stdout
    assert "à déposer avant le 05/01/2999 12:00 ou 15/01/2999 12:00" in text
    (found,) = office.json("deposits", "list")
    assert found["due_at"] < found["due_latest"]
