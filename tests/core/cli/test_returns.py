"""What the platforms answered, as the command line shows and exports it."""

from __future__ import annotations

import json

import pytest
from support.office import Office

from vaguemestre.lifecycle import Event

KEYS = [
    *("id", "deposit", "platform", "reference", "nature", "status", "organism", "published_at"),
    *("received_at", "path", "findings"),
]
READ_KEYS = ["file", "family", "nature", "status", "organism", "reference", "findings", "tables"]
DEPOSITED = (Event.PASS, Event.ATTEMPT, Event.RECEIPT)


def one_return(office: Office, content: bytes = b"RATE 3.5") -> int:
    number = office.deposit(*DEPOSITED)
    office.refer(number, "F1")
    return office.returned("F1", content)


def test_the_list_has_exactly_the_keys_of_the_contract(office: Office) -> None:
    one_return(office)
    (found,) = office.json("returns", "list")
    assert list(found) == KEYS
    assert found["deposit"] == 1
    assert [f["code"] for f in found["findings"]] == ["X"]
    people = office.run("returns", "list").stdout
    assert "F1" in people


def test_without_returns_the_list_is_empty(office: Office) -> None:
    assert office.json("returns", "list") == []
    assert office.run("returns", "list").stdout.strip()


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (["--deposit", "1"], 1),
        (["--deposit", "2"], 0),
        (["--reference", "F2"], 1),
        (["--nature", "11"], 2),
        (["--nature", "93"], 0),
        (["--status", "ANO"], 2),
        (["--to", "2020-01-01"], 0),
    ],
)
def test_each_filter_narrows_the_list(office: Office, filters: list[str], count: int) -> None:
    one_return(office)
    office.returned("F2", b"stray")
    assert len(office.json("returns", "list", *filters)) == count


def test_show_says_what_the_document_holds(office: Office) -> None:
    number = one_return(office)
    shown = office.json("returns", "show", str(number))
    assert shown["tables"] == {"pas": [{"taux": "3.5", "mois": "2026-10"}]}
    assert shown["status"] == "ANO"
    assert shown["deposit"] == 1
    people = office.run("returns", "show", str(number)).stdout
    assert "CRM nominatif" in people
    assert "3.5" in people


def test_show_saves_the_document_byte_for_byte(office: Office) -> None:
    content = b"RATE \xe9\x00\r\n"
    number = one_return(office, content)
    target = office.folder / "new" / "document"
    office.run("returns", "show", str(number), "--save", str(target))
    assert target.read_bytes() == content


def test_a_document_that_was_not_fetched_yet_is_told(office: Office) -> None:
    number = one_return(office, b"")
    assert office.run("returns", "show", str(number)).stdout.strip()
    office.run("returns", "show", str(number), "--save", str(office.folder / "x"), code=1)
    office.run("returns", "export", str(number), "--to", str(office.folder), code=1)


def test_export_writes_each_document(office: Office) -> None:
    first, second = one_return(office), office.returned("F2", b"stray")
    folder = office.folder / "export"
    written = office.json("returns", "export", str(first), str(second), "--to", str(folder))
    assert [w["id"] for w in written] == [first, second]
    contents = {path.read_bytes() for path in folder.iterdir()}
    assert contents == {b"RATE 3.5", b"stray"}


def test_an_unknown_return_gives_1(office: Office) -> None:
    office.run("returns", "show", "9", code=1)
    office.run("returns", "export", "9", "--to", str(office.folder), code=1)


def test_an_export_that_cannot_be_written_is_explained(office: Office) -> None:
    number = one_return(office)
    blocked = office.folder / "site.toml" / "below"
    result = office.run("returns", "export", str(number), "--to", str(blocked), code=2)
    assert "site.toml" in result.stderr


def test_read_gives_the_contract_for_each_file_without_a_configuration(office: Office) -> None:
    known, unknown = office.folder / "a.xml", office.folder / "b.xml"
    known.write_bytes(b"RATE")
    unknown.write_bytes(b"?")
    (shown,) = json.loads(office.bare("returns", "read", str(known), "--json").stdout)
    assert list(shown) == READ_KEYS
    assert (shown["family"], shown["nature"], shown["status"]) == ("rates", "93", "ANO")
    both = office.bare("returns", "read", str(known), str(unknown), "--json", code=1)
    assert [s["status"] for s in json.loads(both.stdout)] == ["ANO", "unknown"]
    assert "3.5" in office.bare("returns", "read", str(known)).stdout


def test_read_names_a_file_that_cannot_be_read(office: Office) -> None:
    missing = office.folder / "missing"
    assert str(missing) in office.bare("returns", "read", str(missing), code=2).stderr
