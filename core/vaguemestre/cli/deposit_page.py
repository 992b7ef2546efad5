"""`deposits show` for people: everything that is known about one deposit."""

from __future__ import annotations

import json
from typing import Any

import click

from vaguemestre.cli.deadline import deadline_field
from vaguemestre.cli.findings import print_findings
from vaguemestre.cli.output import Column, print_fields, print_table, print_title, time_of
from vaguemestre.lifecycle import State
from vaguemestre.locale import _
from vaguemestre.words import state_word


def print_deposit(found: dict[str, Any]) -> None:
    """Print what `listings.deposit` gives."""
    _print_facts(found)
    if found["related"]:
        _print_related(found["related"])
    if found["attempts"]:
        _print_attempts(found["attempts"])
    _print_journal(found)
    if found["findings"]:
        print_title(_("Findings"))
        print_findings(found["findings"])
    if found["returns"]:
        print_title(_("Returns"))
        print_returns(found["returns"])


def _print_facts(found: dict[str, Any]) -> None:
    part = _("{part} of {parts}").format(part=found["part"], parts=found["parts"])
    print_fields(
        [
            (_("Deposit"), str(found["id"])),
            (_("State"), state_word(State(found["state"]))),
            (_("Message"), found["message"]),
            (_("Source"), found["source"]),
            (_("Declaration"), part if found["parts"] > 1 else ""),
            (_("Module"), found["module"]),
            (_("Issuer"), found["issuer"]),
            (_("Period"), found["period"]),
            (_("Test"), _("yes") if found["test"] else ""),
            (_("Platform"), found["platform"]),
            (_("Profile"), found["profile"]),
            (_("Reference"), found["reference"] or ""),
            (_("Taken in"), time_of(found["received_at"])),
            (_("Deposited"), time_of(found["deposited_at"])),
            (_("Deadline"), deadline_field(found)),
            (_("Last change"), time_of(found["updated_at"])),
            ("SHA-256", found["sha256"]),
        ]
    )


def _print_related(related: list[dict[str, Any]]) -> None:
    print_title(_("Other deposits"))
    columns = (
        Column(_("Relation")),
        Column(_("No."), fixed=True),
        Column(_("State")),
        Column(_("File")),
        Column(_("Reference")),
    )
    rows = [
        (
            relation_word(r["relation"]),
            str(r["id"]),
            state_word(State(r["state"])),
            r["name"],
            r["reference"] or "",
        )
        for r in related
    ]
    print_table(columns, rows, empty="")


def relation_word(relation: str) -> str:
    """How the other deposit stands to the one that is shown."""
    return {
        "replaces": _("replaces"),
        "replaces_by": _("is replaced by"),
        "cancels": _("cancels"),
        "cancels_by": _("is cancelled by"),
        "corrects": _("corrects"),
        "corrects_by": _("is corrected by"),
        "duplicates": _("possible duplicate of"),
        "duplicates_by": _("possibly duplicated by"),
        "sibling": _("same file as"),
    }[relation]


def _print_attempts(attempts: list[dict[str, Any]]) -> None:
    print_title(_("Attempts"))
    columns = (
        Column(_("No."), fixed=True),
        Column(_("Profile")),
        Column(_("Started"), fixed=True),
        Column(_("Ended"), fixed=True),
        Column(_("Outcome")),
        Column(_("Evidence")),
    )
    rows = [
        (
            str(a["number"]),
            a["profile"],
            time_of(a["started_at"]),
            time_of(a["ended_at"]),
            a["outcome"] or "",
            compact(a["evidence"]),
        )
        for a in attempts
    ]
    print_table(columns, rows, empty="")


def _print_journal(found: dict[str, Any]) -> None:
    print_title(_("Journal"))
    columns = (
        Column(_("No."), fixed=True),
        Column(_("Time"), fixed=True),
        Column(_("Event")),
        Column(_("State")),
        Column(_("Details")),
    )
    rows = [
        (str(e["seq"]), time_of(e["at"]), e["kind"], _state(e["state"]), compact(e["data"]))
        for e in found["events"]
    ]
    print_table(columns, rows, empty="")
    if found["chain"]["intact"]:
        click.secho(_("The journal is intact."), fg="green")
    else:
        broken = _(
            "The journal was changed afterwards: event {number} does not fit the ones before"
        )
        click.secho(broken.format(number=found["chain"]["broken_at"]), fg="red", bold=True)


def _state(written: str) -> str:
    """The word for a state; what is none, in a journal that somebody changed, as it stands."""
    return state_word(State(written)) if written in set(State) else written


def print_returns(found: list[dict[str, Any]]) -> None:
    """Print a table of returns as `listings.returns` gives them."""
    columns = (
        Column(_("No."), fixed=True),
        Column(_("Deposit"), fixed=True),
        Column(_("Return")),
        Column(_("Published")),
        Column(_("Organism, reference, file")),
    )
    rows = [
        (
            str(r["id"]),
            str(r["deposit"] or "-"),
            "\n".join(filter(None, [r["label"] or r["nature"], r["status"], r["advice"]])),
            time_of(r["published_at"] or r["received_at"]),
            "\n".join(
                filter(None, [r["organism"], r["reference"], r["path"], _count(r["findings"])])
            ),
        )
        for r in found
    ]
    print_table(columns, rows, empty=_("No return."))


def _count(findings: list[Any]) -> str:
    return _("{count} findings").format(count=len(findings)) if findings else ""


def compact(data: Any) -> str:
    """Small facts on one line."""
    if isinstance(data, dict):
        return ", ".join(f"{key}={compact(value)}" for key, value in data.items())
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
