"""What the autocontrol finds: each single damage to a good file, and nothing in a good one."""

from __future__ import annotations

import random
from datetime import date

import pytest

from vaguemestre.api import Finding, Severity
from vaguemestre_seculine import samples
from vaguemestre_seculine.autocontrol import check
from vaguemestre_seculine.findings import MOST

TODAY = date(2026, 11, 23)
ONE, TWO = samples.person(1), samples.person(2)
WAGE = samples.wage(ONE, month="202610")
SICK = f"1;{samples.EMPLOYER};{ONE};202610;1;20261005;20261009;40;note"
DELETED = f"2;{samples.EMPLOYER};{ONE};202610;;;;;"


def found(kind: str, *records: str) -> dict[str, Severity]:
    return codes(check(kind, samples.file(records), TODAY))


def codes(findings: list[Finding]) -> dict[str, Severity]:
    return {finding.code: finding.severity for finding in findings}


def with_field(record: str, number: int, value: str) -> str:
    fields = record.split(";")
    fields[number - 1] = value
    return ";".join(fields)


@pytest.mark.parametrize("month", ["201901", "202002", "202610", "202611"])
def test_nothing_is_found_in_good_files(month: str) -> None:
    assert check("DECSAL", samples.decsal(month=month, employees=20), TODAY) == []
    assert codes(check("DECMAL", samples.decmal(month=month), TODAY)) in ({}, {"DECMAL.6/past": W})
    assert check("DECAFF", samples.decaff(entry=TODAY), TODAY) == []


def test_the_example_of_the_ccss_passes() -> None:
    example = "1;1948072337999;1893120105732;202203;630368;184;0;0;0;0;0;0;0;01;31;;;;;1"
    assert found("DECSAL", example) == {}


B, W = Severity.BLOCKING, Severity.WARNING
#: What is found when a field of a wage record is emptied, when it is lengthened by its own value
#: twice over, and when it holds letters.
WAGES = {
    1: ("type", "type", "type"),
    2: ("employer", "employer", "employer"),
    3: ("insured", "insured", "insured"),
    4: ("period", "period", "period"),
    **dict.fromkeys(range(5, 14), ("empty", "", "numeric")),
    14: ("empty", "day", "day"),
    15: ("empty", "day", "day"),
    16: ("", "flag", "flag"),
    17: ("", "superfluous", "superfluous"),
    18: ("", "superfluous", "superfluous"),
    19: ("", "superfluous", "superfluous"),
    20: ("", "long", ""),
}
SICKNESS = {
    1: ("type", "type", "type"),
    2: ("employer", "employer", "employer"),
    3: ("insured", "insured", "insured"),
    4: ("period", "period", "period"),
    5: ("kind", "kind", "kind"),
    6: ("day", "day", "day"),
    7: ("day", "day", "day"),
    8: ("empty", "hours", "numeric"),
    9: ("", "long", ""),
}


def longer(value: str, number: int, kind: str) -> str:
    if not value:
        return "N" * 3
    if (kind, number) in (("DECSAL", 20), ("DECMAL", 9)):
        return value * 100
    return value * 3


@pytest.mark.parametrize("number", WAGES)
@pytest.mark.parametrize("damage", [0, 1, 2])
def test_a_damage_to_one_field_of_a_wage_is_named(number: int, damage: int) -> None:
    value = WAGE.split(";")[number - 1]
    changed = ("", longer(value, number, "DECSAL"), "X")[damage]
    word = WAGES[number][damage]
    if damage == 1 and number == 5:
        word = "large"
    elif damage == 1 and number == 6:
        word = "hours"
    result = found("DECSAL", with_field(WAGE, number, changed), samples.wage(TWO, month="202610"))
    assert set(result) == ({f"DECSAL.{number}/{word}"} if word else set())


@pytest.mark.parametrize("number", SICKNESS)
@pytest.mark.parametrize("damage", [0, 1, 2])
def test_a_damage_to_one_field_of_an_incapacity_is_named(number: int, damage: int) -> None:
    value = SICK.split(";")[number - 1]
    changed = ("", longer(value, number, "DECMAL"), "X")[damage]
    word = SICKNESS[number][damage]
    result = found("DECMAL", with_field(SICK, number, changed))
    assert set(result) == ({f"DECMAL.{number}/{word}"} if word else set())


@pytest.mark.parametrize(
    ("number", "value", "code", "severity"),
    [
        (4, "202613", "DECSAL.4/period", B),
        (4, "202612", "DECSAL.4/future", B),
        (4, "201812", "DECSAL.4/past", B),
        (5, "4200,00", "DECSAL.5/numeric", B),
        (5, "-420000", "DECSAL.5/negative", W),
        (5, "1234567890", "DECSAL.5/large", W),
        (6, "373", "DECSAL.6/hours", B),
        (9, "10", "DECSAL.8/overtime", B),
        (12, "10", "DECSAL.11/unemployment", B),
        (14, "32", "DECSAL.14/day", B),
        (14, "1", "DECSAL.14/day", B),
        (15, "00", "DECSAL.15/day", B),
        (16, "Y", "DECSAL.16/capped", W),
    ],
)
def test_what_the_ccss_rejects_is_found(
    number: int, value: str, code: str, severity: Severity
) -> None:
    assert found("DECSAL", with_field(WAGE, number, value)) == {code: severity}


def test_days_are_held_against_the_month() -> None:
    assert found("DECSAL", samples.wage(ONE, month="202602").replace(";28;", ";31;")) == {
        "DECSAL.15/day": W
    }
    assert found("DECSAL", WAGE.replace(";01;31;", ";20;10;")) == {"DECSAL.14/range": B}


def test_372_hours_and_seven_minimum_wages_pass() -> None:
    assert found("DECSAL", with_field(WAGE, 6, "372")) == {}
    rich = with_field(with_field(WAGE, 16, "Y"), 5, str(7 * 207_110))
    assert found("DECSAL", rich) == {}


def test_the_same_person_employer_and_month_comes_once() -> None:
    other = samples.wage(ONE, month="202610", employer=samples.employer(4))
    earlier = samples.wage(ONE, month="202609")
    assert found("DECSAL", WAGE, other, earlier) == {}
    (finding,) = check("DECSAL", samples.file([WAGE, earlier, WAGE]), TODAY)
    assert (finding.code, finding.line) == ("DECSAL.3/twice", 4)


@pytest.mark.parametrize(
    ("number", "value", "code", "severity"),
    [
        (4, "202609", "DECMAL.4/days", B),
        (5, "6", "DECMAL.5/kind", B),
        (5, "0", "DECMAL.5/kind", B),
        (6, "20261032", "DECMAL.6/day", B),
        (6, "20260928", "DECMAL.4/days", W),
        (7, "20261001", "DECMAL.7/range", B),
        (8, "61", "DECMAL.8/hours", W),
        (8, "8h", "DECMAL.8/numeric", B),
    ],
)
def test_what_does_not_fit_in_an_incapacity_is_found(
    number: int, value: str, code: str, severity: Severity
) -> None:
    assert found("DECMAL", with_field(SICK, number, value)) == {code: severity}


def test_a_deletion_stands_before_the_entry() -> None:
    assert found("DECMAL", DELETED, SICK) == {}
    assert found("DECMAL", SICK, DELETED) == {"DECMAL.1/deleted": B}
    assert found("DECMAL", DELETED[:-4] + "1;;;;") == {"DECMAL.5/superfluous": W}
    assert found("DECMAL", SICK, SICK) == {"DECMAL.1/twice": W}


@pytest.mark.parametrize(("kind", "record"), [("DECSAL", WAGE), ("DECMAL", SICK)])
def test_the_number_of_fields_is_held(kind: str, record: str) -> None:
    assert found(kind, record + ";")[f"{kind}.{len(record.split(';')) + 1}/fields"] is W
    assert found(kind, record + ";x") == {f"{kind}.1/fields": B}
    assert found(kind, ";".join(record.split(";")[:6])) == {f"{kind}.1/fields": B}
    assert set(found(kind, record.rpartition(";")[0]).values()) == {W}


GOOD = samples.file([WAGE])


@pytest.mark.parametrize(
    ("payload", "wanted"),
    [
        (b"", {"file/empty": B}),
        (b" \r\n\r\n", {"file/empty": B}),
        (GOOD.replace(b"\r\n", b"\n"), {"file/line-ends": W}),
        (GOOD.replace(b"\r\n", b"\n", 1), {"file/line-ends": W}),
        (GOOD.replace(b"\r\n", b"\r"), {"file/line-ends": B}),
        (GOOD[:-2], {"file/last-end": W}),
        (b"\xef\xbb\xbf" + GOOD, {"file/bom": W}),
        (GOOD.decode().encode("utf-16"), {"file/encoding": B}),
        (GOOD.decode().encode("utf-16-be"), {"file/encoding": B}),
        (GOOD[:-3] + "é\r\n".encode("latin-1"), {"file/encoding": W}),
        (GOOD[:-3] + b"\t\r\n", {"file/characters": B}),
        (b"PK\x03\x04\x00\x00\x00" * 50, {"file/binary": B}),
        (GOOD + b"\r\n", {"file/blank": W}),
        (GOOD + GOOD[:24], {"0/again": W}),
        (GOOD[:24], {"file/no-records": B}),
        (GOOD.replace(b"0;1948", b"0;948", 1), {"0.2/employer": B}),
        (GOOD.replace(b";000586", b";586", 1), {"0.3/seculine": B}),
        (GOOD.replace(b";000586", b";000586;", 1), {"0.4/header": W}),
        (WAGE.encode() + b"\r\n", {"0/header": B}),
        (GOOD.replace(b";", b","), {"0/header": B, "DECSAL.1/fields": B}),
        (GOOD + b"x" * 20_000 + b"\r\n", {"file/long": B}),
        (samples.file([SICK]), {"file/type": B}),
    ],
)
def test_the_frame_is_held(payload: bytes, wanted: dict[str, Severity]) -> None:
    assert codes(check("DECSAL", payload, TODAY)) == wanted


def test_two_files_put_together_are_told_apart() -> None:
    other = samples.file([samples.wage(TWO, month="202610")], seculine="000999")
    assert codes(check("DECSAL", GOOD + other, TODAY)) == {"0/again": B}


def test_an_unknown_layout_is_held_by_its_frame_only() -> None:
    assert found("DECINT", "anything;1948072337999;;x") == {}
    assert found("DECINT", "anything;x") == {"DECINT.1/numbers": W}
    assert found("DEMMAT", "anything") == {"DEMMAT.1/record": B}


@pytest.mark.parametrize("kind", ["SALRET", "FAIL", "CALCUL", "MATUTI"])
def test_an_answer_is_not_deposited(kind: str) -> None:
    (finding,) = check(kind, GOOD)
    assert (finding.code, finding.severity) == ("file/received", B)
    assert kind in finding.message


def test_a_file_of_no_known_type_says_how_to_name_it() -> None:
    (finding,) = check("", GOOD)
    assert finding.code == "file/type"
    assert "DECSAL.dta" in finding.message


@pytest.mark.parametrize(
    ("kind", "payload", "wanted"),
    [
        ("DEMDET/", b"<a><b/></a>", {}),
        ("DEMDET/", b"<a><b></a>", {"DEMDET/xml": B}),
        ("DEMDET/form", b"<!--x--><a/>", {"DEMDET/name": B}),
        ("DEMDET/stamp", b"<a/>", {"DEMDET/stamp": W}),
        ("CARTID/", b"\xff\xd8\xff\xe0data\xff\xd9", {}),
        ("CARTID/", b"\xff\xd8\xff\xe0data", {"CARTID/cut": W}),
        ("CARTID/form", b"GIF89a", {"CARTID/name": B, "CARTID/picture": B}),
    ],
)
def test_posting_requests_and_cards_are_held(
    kind: str, payload: bytes, wanted: dict[str, Severity]
) -> None:
    assert codes(check(kind, payload)) == wanted


def test_equal_errors_are_one_finding() -> None:
    wrong = with_field(WAGE, 6, "400").replace(ONE, "{}")
    records = [wrong.format(samples.person(n)) for n in range(1, 3001)]
    (finding,) = check("DECSAL", samples.file(records), TODAY)
    assert (finding.count, finding.lines, finding.line) == (3000, (2, 3, 4), 2)
    assert finding.label


def test_no_personal_value_is_shown() -> None:
    record = with_field(with_field(WAGE, 3, ONE[:-1] + "x"), 5, "4200,55")
    findings = check("DECSAL", samples.file([record]), TODAY)
    assert {f.code for f in findings} == {"DECSAL.3/insured", "DECSAL.5/numeric"}
    assert ONE[:8] not in repr(findings)
    assert "4200" not in repr(findings)


def test_whatever_bytes_come_the_control_ends_and_tells_no_more_than_it_should() -> None:
    chance = random.Random(20261123)
    files = {
        "DECSAL": samples.decsal(month="202610", employees=5),
        "DECMAL": samples.decmal(month="202610"),
        "DECAFF": samples.decaff(entry=TODAY),
        "DEMDET/": b"<a><b>x</b><c y='1'/></a>",
        "CARTID/": b"\xff\xd8\xff\xe0data\xff\xd9",
    }
    signs = b"\x00\r\n;0123456789 \xff\xefAZ\t<&"
    for _round in range(1500):
        kind, payload = chance.choice(list(files.items()))
        damaged = bytearray(payload)
        for _edit in range(chance.randrange(1, 12)):
            at = chance.randrange(len(damaged) + 1)
            if chance.random() < 0.5:
                damaged[at : at + 1] = bytes([chance.choice(signs)])
            elif chance.random() < 0.5:
                del damaged[at : at + chance.randrange(40)]
            else:
                damaged[at:at] = damaged[: chance.randrange(60)]
        findings = check(kind, bytes(damaged), TODAY)
        assert len(findings) <= MOST
        assert all(f.message and f.code for f in findings)
        check(kind, chance.randbytes(chance.randrange(300)), TODAY)
