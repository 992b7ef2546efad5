"""What is read of the CCSS' answers, and which deposit each belongs to."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from vaguemestre.api import Announcement, Carried, Document, Effect, ReturnSummary, set_language
from vaguemestre_seculine import samples
from vaguemestre_seculine.answers import REJECTS
from vaguemestre_seculine.codes import CODES, reason
from vaguemestre_seculine.naming import ANSWERS
from vaguemestre_seculine.recognition import SeculineFormat
from vaguemestre_seculine.returns import SeculineReader

READER = SeculineReader()
HEADER = f"0;{samples.EMPLOYER};{samples.SECULINE}\r\n"
STAMP = f"{samples.EMPLOYER}_{samples.SECULINE}_12072414284681"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: How many codes each answer has.
COUNTS = {"AFFRET": 30, "SALRET": 15, "MALRET": 16, "INTRET": 22, "UTIRET": 2}


def read(name: str, content: bytes) -> ReturnSummary:
    summary = READER.read(Document(content=content, name=name), None)
    assert summary is not None
    return summary


@pytest.mark.parametrize("kind", CODES)
def test_every_code_has_a_text_in_both_languages(kind: str) -> None:
    assert len(CODES[kind]) == COUNTS[kind]
    for code, text in CODES[kind].items():
        assert reason(kind, code) != text  # the tests run in French
        set_language("en")
        try:
            assert reason(kind, code) == text
        finally:
            set_language("fr")


def test_a_rejected_record_is_told_with_its_reason() -> None:
    sent = samples.decsal(month="202610", employees=3)
    name, answer = samples.rejects(sent, "SALRET", {1: 14, 3: 14, 2: 3})
    summary = read(name, answer)
    assert (summary.nature, summary.status, summary.effect) == ("SALRET", "ANO", Effect.TO_CHECK)
    assert [(f.code, f.count, f.lines) for f in summary.findings] == [
        ("SALRET/14", 2, (2, 3)),
        ("SALRET/3", 1, (4,)),
    ]
    assert "3" in summary.advice
    rows = summary.tables["rejected_records"]
    records = sent.decode().splitlines()[1:]
    assert [row["record"] for row in rows] == [records[0], records[2], records[1]]
    assert rows[0]["insured"] == records[0].split(";")[2]
    assert rows[0]["period"] == "202610"
    assert rows[0]["employer_reference"] == records[0].split(";")[-1]
    assert summary.identity["employer"] == samples.EMPLOYER
    assert records[0].split(";")[2] not in repr(summary.findings)


@pytest.mark.parametrize("kind", sorted(REJECTS))
@pytest.mark.parametrize("code", [1, 77])
def test_each_kind_of_reject_is_read(kind: str, code: int) -> None:
    line = f"1;{code};{samples.EMPLOYER};{samples.person(4)};x\r\n"
    summary = read(f"{kind}.{STAMP}.DTA", (HEADER + line).encode())
    assert (summary.status, summary.effect) == ("ANO", Effect.TO_CHECK)
    assert summary.findings[0].code == f"{kind}/{code}"
    assert summary.findings[0].rubrique == ANSWERS[kind]
    assert summary.tables["rejected_records"][0]["reason"]


def test_a_rejected_header_refuses_the_file() -> None:
    content = f"0;99;{samples.EMPLOYER};{samples.SECULINE}\r\n".encode()
    summary = read(f"SALRET.{STAMP}.dta", content)
    assert (summary.status, summary.effect) == ("KO", Effect.REFUSED)
    assert summary.identity["employer"] == samples.EMPLOYER


@pytest.mark.parametrize(
    ("name", "content", "status", "effect", "table"),
    [
        ("SALMAN", "1;{e};{p};202610\r\n", "ANO", Effect.TO_CHECK, "missing_wages"),
        ("MATASS", "1;{e};{p};Name\r\n", "OK", Effect.CERTIFICATE, "assigned_numbers"),
        ("MATUTI", "1;{e};2004000199001\r\n", "OK", Effect.CERTIFICATE, "assigned_company_numbers"),
        ("DEMUTI", "1;{e};2004000199001\r\n", "OK", Effect.CERTIFICATE, "assigned_company_numbers"),
        ("MATASS", "", "unknown", Effect.NONE, ""),
        ("SALRET", "", "unknown", Effect.TO_CHECK, ""),
        ("DETRET", "x", "ANO", Effect.TO_CHECK, ""),
    ],
)
def test_other_answers_are_read(
    name: str, content: str, status: str, effect: Effect, table: str
) -> None:
    person = samples.person(9)
    text = HEADER + content.format(e=samples.EMPLOYER, p=person)
    summary = read(f"{name}.{STAMP}.DTA", text.encode())
    assert (summary.status, summary.effect) == (status, effect)
    assert list(summary.tables) == ([table] if table else [])
    if table in ("missing_wages", "assigned_numbers"):
        assert summary.tables[table][0]["insured"] == person
    if table == "assigned_company_numbers":
        assert summary.tables[table][0]["company_number"] == "2004000199001"


def test_answers_to_postings_are_read() -> None:
    failed = read("SECU.DEMDET.20261123-10150099.FAIL.CCSS.XML", b"<a/>")
    assert (failed.status, failed.effect) == ("KO", Effect.REFUSED)
    info = read("SECU.DEMDET.INFO.20261123-10150099.PDF", b"%PDF")
    assert (info.status, info.effect) == ("OK", Effect.NONE)


def test_contributions_become_rows() -> None:
    content = b"<r><m id='1'><part>ASSURE</part><amount>12.50</amount></m><m><part>X</part></m></r>"
    summary = read("CALCUL.xml", content)
    assert summary.status == "OK"
    assert summary.tables["contributions"] == [
        {"element": "m", "id": "1", "part": "ASSURE", "amount": "12.50"},
        {"element": "m", "part": "X"},
    ]
    assert read("CALCUL.xml", b"<r><m>").status == "unknown"


def test_what_is_no_answer_is_left_to_others() -> None:
    for name, content in (("a.pdf", b"%PDF"), ("DECSAL.dta", samples.decsal(month="202610"))):
        assert READER.read(Document(content=content, name=name), None) is None


def test_the_announcement_tells_where_the_name_does_not() -> None:
    listed = Announcement(reference="x", nature="SALRET")
    content = samples.rejects(samples.decsal(month="202610"), "SALRET", {1: 5})[1]
    summary = READER.read(Document(content=content, name=""), listed)
    assert summary is not None
    assert (summary.nature, summary.organism) == ("SALRET", "CCSS")
    assert READER.read(Document(content=content, name="x.bin"), None) is not None


def test_whatever_bytes_come_reading_and_matching_end() -> None:
    chance = random.Random(7)
    sent = [deposit(1, samples.decsal(month="202610"))]
    content = samples.rejects(samples.decsal(month="202610"), "SALRET", {1: 5})[1]
    for _round in range(600):
        damaged = bytearray(content)
        for _edit in range(chance.randrange(1, 9)):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.randrange(5)] = chance.randbytes(chance.randrange(4))
        for kind in ("SALRET", "MATASS", "AFFRET", "SALMAN", "MALRET"):
            document = Document(content=bytes(damaged), name=f"{kind}.{STAMP}.DTA")
            assert READER.read(document, None) is not None
            READER.match(document, Announcement(reference="r", nature=kind), sent)
        read("CALCUL.xml", bytes(damaged))


# -- to which deposit


def deposit(number: int, payload: bytes, *, name: str = "DECSAL.dta", days: int = 1) -> Carried:
    declaration = SeculineFormat().recognise(name, payload)
    assert declaration is not None
    return Carried(
        deposit=number,
        name=name,
        declaration=declaration,
        deposited_at=NOW - timedelta(days=days),
        payload=lambda: payload,
    )


def match(name: str, content: bytes, *carried: Carried, published: datetime | None = NOW) -> object:
    listed = Announcement(reference="r", nature=name[:6], published_at=published)
    return READER.match(Document(content=content, name=name), listed, carried)


def test_a_reject_finds_its_deposit_among_others_months_back() -> None:
    files = [samples.decsal(month=f"2026{m:02d}", seed=m) for m in range(1, 11)]
    carried = [deposit(n, files[n - 1], days=300 - 25 * n) for n in range(10, 0, -1)]
    for number, sent in enumerate(files, start=1):
        assert match(*samples.rejects(sent, "SALRET", {2: 14}), *carried) == number


def test_another_sender_or_type_is_never_meant() -> None:
    sent = samples.decsal(month="202610")
    name, answer = samples.rejects(sent, "SALRET", {1: 14})
    other = deposit(1, sent.replace(b";000586", b";000999"))
    sick = deposit(2, samples.decmal(month="202610"), name="DECMAL.dta")
    assert match(name, answer, other, sick) is None


def test_of_two_equal_deposits_the_later_one_before_the_answer_is_meant() -> None:
    sent = samples.decsal(month="202610")
    name, answer = samples.rejects(sent, "SALRET", {1: 14})
    three = [deposit(3, sent, days=1), deposit(2, sent, days=5), deposit(1, sent, days=9)]
    assert match(name, answer, *three) == 3
    assert match(name, answer, *three, published=NOW - timedelta(days=3)) == 2
    assert match(name, answer, *three, published=None) == 3
    assert match(name, answer, *three, published=NOW - timedelta(days=30)) == 3


def test_what_was_sent_word_for_word_goes_before_the_same_person() -> None:
    old = samples.decsal(month="202610", seed=1)
    new = old.replace(b";173;", b";174;")
    name, answer = samples.rejects(old, "SALRET", {1: 14})
    assert match(name, answer, deposit(2, new), deposit(1, old, days=5)) == 1
    changed = answer.replace(b";173;", b";0173;")
    assert match(name, changed, deposit(2, new), deposit(1, old, days=5)) == 2


def test_parts_of_a_file_with_several_employers_are_told_apart() -> None:
    employers = tuple(samples.employer(n) for n in range(1, 5))
    whole = samples.decsal(month="202610", employers=employers)
    parts = SeculineFormat().split("DECSAL.dta", whole)
    carried = [deposit(n, part.payload) for n, part in enumerate(parts, start=1)]
    name, answer = samples.rejects(parts[2].payload, "SALRET", {1: 2})
    assert match(name, answer, *carried) == 3


def test_nobody_is_named_where_nothing_was_recognised() -> None:
    stranger = samples.decsal(month="202610", seed=9)
    name, answer = samples.rejects(stranger, "SALRET", {1: 14})
    assert match(name, answer, deposit(1, samples.decsal(month="202610"))) is None
    assert match("CALCUL.xml", b"<a/>", deposit(1, stranger)) is None
    assert match(name, answer) is None


def test_an_answer_that_repeats_nothing_goes_to_the_only_deposit_it_can_be() -> None:
    request = samples.file(["1;Muster;Maria;19900930"])
    content = (HEADER + f"1;{samples.EMPLOYER};{samples.person(3)}\r\n").encode()
    one, two = (deposit(n, request, name="DEMMAT.dta") for n in (1, 2))
    assert match(f"MATASS.{STAMP}.DTA", content, one) == 1
    assert match(f"MATASS.{STAMP}.DTA", content, two, one) is None


def test_a_posting_is_found_by_its_stamp() -> None:
    names = [f"SECU.DEMDET.20261123-1015009{n}.{STAMP[:13]}000586.CCSS.XML" for n in (1, 2)]
    carried = [deposit(n, b"<a/>", name=name) for n, name in enumerate(names, start=1)]
    assert match("SECU.DEMDET.20261123-10150092.FAIL.CCSS.XML", b"<a/>", *carried) == 2
    assert match("SECU.DEMDET.20261124-10150092.FAIL.CCSS.XML", b"<a/>", *carried) is None
