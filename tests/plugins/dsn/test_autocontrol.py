"""The first autocontrol finds what the platform would reject, says where, and blocks only that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugins.dsn.editing import edited

from vaguemestre.api import Finding, Severity
from vaguemestre_dsn import samples
from vaguemestre_dsn.autocontrol import DsnControl, check
from vaguemestre_dsn.findings import MOST, Findings
from vaguemestre_dsn.recognition import DsnFormat

MENSUELLE, ARRET, FCTU = samples.mensuelle(), samples.arret(), samples.fctu()
LOT = Path(__file__).resolve().parents[4] / "shared/reference/samples/fctu-P25V01-lot.dsn"


def codes(payload: bytes) -> list[str]:
    return [finding.code for finding in check(payload)]


def found(payload: bytes, code: str) -> Finding:
    return next(finding for finding in check(payload) if finding.code == code)


def changed(payload: bytes, rubrique: str, value: str) -> bytes:
    """The file with another value in the first occurrence of a rubrique."""
    done, count = re.subn(
        rb"(?m)^%s,'.*'\r$" % re.escape(rubrique.encode()),
        f"{rubrique},'{value}'\r".encode("latin-1"),
        payload,
        count=1,
    )
    assert count == 1
    return done


def recounted(payload: bytes) -> bytes:
    """The file with a footer that counts right."""
    payload = changed(payload, "S90.G00.90.001", str(payload.count(b"\n")))
    return changed(payload, "S90.G00.90.002", str(payload.count(b"\nS20.G00.05.001,")))


def without(payload: bytes, start: str) -> bytes:
    """The file without the lines that begin so."""
    lines = payload.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(start.encode()))


# -- what passes


@pytest.mark.parametrize("payload", [MENSUELLE, ARRET, FCTU, samples.mensuelle(kind="05")])
def test_a_conformant_file_has_no_finding(payload: bytes) -> None:
    assert check(payload) == []
    assert check(payload.replace(b"\r\n", b"\n")) == []
    assert check(payload.removesuffix(b"\r\n")) == []


def test_both_norms_of_the_year_pass() -> None:
    assert check(changed(MENSUELLE, "S10.G00.00.006", "P25V01")) == []


def test_leading_zeros_in_a_counter_are_allowed() -> None:
    count = str(MENSUELLE.count(b"\n"))
    assert check(changed(MENSUELLE, "S90.G00.90.001", "000" + count)) == []


def test_accents_of_iso_8859_1_pass() -> None:
    assert check(changed(MENSUELLE, "S21.G00.30.002", "NOËL-ÇÀÖ")) == []


def test_a_hiring_notice_is_checked_for_envelope_and_syntax_only() -> None:
    payload = changed(ARRET, "S20.G00.05.001", "10")
    assert check(recounted(without(payload, "S21.G00.30"))) == []


# -- encoding and lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_another_encoding_is_named_and_blocks(encoding: str) -> None:
    text = changed(MENSUELLE, "S21.G00.30.002", "NOËL").decode("latin-1")
    finding = found(text.encode(encoding), "file/encoding")
    assert finding.severity is Severity.BLOCKING
    assert encoding[:5].upper() in finding.message


def test_the_first_line_in_utf_8_is_shown() -> None:
    plain = re.sub(rb"[\x80-\xff]", b"E", MENSUELLE)
    payload = plain.replace(b"'CLAUDE MARTIN'", "'CLAUDE NOËL'".encode(), 1)
    finding = found(payload, "file/encoding")
    assert finding.line == payload[: payload.index("Ë".encode())].count(b"\n") + 1


def test_a_windows_1252_character_is_found_where_it_stands() -> None:
    payload = changed(MENSUELLE, "S10.G00.01.003", "L\x92ATELIER")
    finding = found(payload, "file/encoding")
    assert "windows-1252" in finding.message
    assert (finding.rubrique, finding.line) == ("S10.G00.01.003", 10)


def test_garbled_accents_are_told_without_blocking() -> None:
    payload = changed(MENSUELLE, "S10.G00.01.003", "ATELIER NOÃ©L É")
    assert found(payload, "file/encoding").severity is Severity.WARNING


def test_bad_values_are_found_with_their_control() -> None:
    for value, code in {
        "": "S10.G00.01.003/CSL-00",
        "   ": "S10.G00.01.003/CSL-00",
        " ACME": "S10.G00.01.003/CSL-00",
        "ACME ": "S10.G00.01.003/CSL-00",
        "AC\x07ME": "S10.G00.01.003/CSL-00",
        "AC\tME": "S10.G00.01.003/CSL-00",
        "AC\rME": "S10.G00.01.003/CSL-00",
        "A" * 240: "S10.G00.01.003/CSL-01",
    }.items():
        assert codes(changed(MENSUELLE, "S10.G00.01.003", value)) == [code], value
    assert codes(changed(MENSUELLE, "S10.G00.01.003", "A" * 61)) == ["S10.G00.01.003/CSL-01"]
    assert check(changed(MENSUELLE, "S10.G00.01.003", "A" * 60)) == []
    assert check(changed(MENSUELLE, "S10.G00.01.003", "'L'ATELIER'")) == []


def test_lines_that_cannot_be_read_are_found_where_they_stand() -> None:
    payload = MENSUELLE.replace(b"S10.G00.02.001,", b"S10.G00.02.001;")
    finding = found(payload, "file/lines")
    assert (finding.line, finding.value) == (14, "")


def test_empty_lines_block_inside_and_are_told_at_the_end() -> None:
    assert found(MENSUELLE + b"\r\n", "file/lines").severity is Severity.WARNING
    inside = MENSUELLE.replace(b"\r\nS20", b"\r\n\r\nS20")
    assert found(inside, "file/lines").severity is Severity.BLOCKING


def test_lines_that_end_with_cr_alone_are_named() -> None:
    assert codes(MENSUELLE.replace(b"\r\n", b"\r")) == ["file/lines"]


def test_an_empty_file_is_named() -> None:
    assert codes(b"") == codes(b" \r\n") == ["file/empty"]


# -- structure


def test_a_truncated_file_is_named_with_its_last_line() -> None:
    payload = b"".join(MENSUELLE.splitlines(keepends=True)[:100])
    finding = found(payload, "S90.G00.90/CST-01")
    assert " 100 " in finding.message


@pytest.mark.parametrize("block", ["S10.G00.00", "S10.G00.01", "S10.G00.02", "S90.G00.90"])
def test_each_block_of_the_envelope_stands_exactly_once(block: str) -> None:
    assert f"{block}/CST-01" in codes(without(MENSUELLE, block))
    lines = [
        line for line in MENSUELLE.splitlines(keepends=True) if line.startswith(block.encode())
    ]
    own = b"".join(lines)
    twice = MENSUELLE.replace(own, own + own)
    assert f"{block}/CST-02" in codes(twice)


def test_a_mandatory_rubrique_of_the_envelope_is_missed() -> None:
    for code in ("S10.G00.00.005", "S10.G00.02.004", "S20.G00.05.004", "S20.G00.05.005"):
        assert codes(recounted(without(MENSUELLE, code))) == [f"{code}/CST-03"]


def test_a_file_without_a_declaration_is_missed_one() -> None:
    head = b"".join(line for line in MENSUELLE.splitlines(keepends=True) if line[:3] == b"S10")
    foot = b"S90.G00.90.001,'19'\r\nS90.G00.90.002,'1'\r\n"
    assert "S20.G00.05/CST-01" in codes(head + foot)


def test_blocks_in_the_wrong_place_are_found() -> None:
    lines = MENSUELLE.splitlines(keepends=True)
    assert codes(b"".join([*lines[-2:], *lines[:-2]]))[0].endswith("/CST-02")
    assert "S21.G00.06/CST-02" in codes(MENSUELLE + b"S21.G00.06.001,'999999998'\r\n")


@pytest.mark.parametrize(
    ("rubrique", "value"),
    [
        ("S10.G00.00.005", "03"),
        ("S10.G00.00.006", "P19V01"),
        ("S10.G00.00.007", "1"),
        ("S10.G00.00.008", "00"),
        ("S20.G00.05.001", "99"),
        ("S20.G00.05.002", "06"),
        ("S20.G00.05.003", "10"),
        ("S20.G00.05.003", "1²"),
        ("S20.G00.05.003", "21"),
        ("S20.G00.05.004", "01"),
        ("S20.G00.05.005", "02102026"),
        ("S20.G00.05.007", "2026-10-31"),
        ("S20.G00.05.008", "04"),
        ("S20.G00.05.010", "03"),
    ],
)
def test_a_value_that_the_norm_does_not_permit_is_found(rubrique: str, value: str) -> None:
    finding = found(changed(MENSUELLE, rubrique, value), f"{rubrique}/CSL-00")
    assert finding.severity is Severity.BLOCKING
    assert (finding.rubrique, finding.value) == (rubrique, value)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (changed(ARRET, "S20.G00.05.002", "04"), "S20.G00.05.002/CCH-13"),
        (changed(ARRET, "S20.G00.05.002", "02"), "S20.G00.05.002/CCH-14"),
        (changed(MENSUELLE, "S10.G00.00.008", "02"), "S10.G00.00.008/CCH-11"),
        (changed(samples.mensuelle(kind="02"), "S10.G00.00.008", "01"), "S10.G00.00.008/CCH-11"),
        (changed(ARRET, "S20.G00.05.003", "12"), "S20.G00.05.003/CCH-11"),
        (
            changed(samples.arret(kind="03", replaces="141020261"), "S20.G00.05.002", "01"),
            "S20.G00.05.006/CCH-12",
        ),
        (changed(MENSUELLE, "S20.G00.05.008", "02"), "S20.G00.05.008/CCH-11"),
        (
            changed(changed(MENSUELLE, "S20.G00.05.008", "03"), "S10.G00.00.007", "02"),
            "S20.G00.05.008/CCH-12",
        ),
        (edited(MENSUELLE, "-30*; 15.004=02"), "S20.G00.05.002/CCH-16"),
        (edited(ARRET, "-30"), "S21.G00.30/CST-01"),
        (changed(MENSUELLE, "S90.G00.90.001", "1"), "S90.G00.90.001/CST-11"),
        (changed(MENSUELLE, "S90.G00.90.002", "2"), "S90.G00.90.002/CST-11"),
    ],
)
def test_each_rule_of_the_envelope_is_cited_alone(payload: bytes, code: str) -> None:
    assert codes(payload) == [code]


def test_the_type_that_replaces_does_not_exist_for_variable_data() -> None:
    payload = changed(changed(FCTU, "S20.G00.05.001", "08"), "S20.G00.05.002", "03")
    assert "S20.G00.05.002/CCH-15" in codes(payload)


def test_a_rubrique_forbidden_for_the_nature_is_found() -> None:
    payload = ARRET.replace(b"S20.G00.05.007,", b"S20.G00.05.005,'01102026'\r\nS20.G00.05.007,")
    assert codes(recounted(payload)) == ["S20.G00.05.005/CST-04"]


def test_a_file_of_several_declarations_is_counted_as_a_whole() -> None:
    payload = samples.several(MENSUELLE, ARRET, FCTU)
    assert check(payload) == []
    assert codes(changed(payload, "S90.G00.90.002", "1")) == ["S90.G00.90.002/CST-11"]
    # An error in any of them is found, not only in the first.
    wrong = payload.replace(b"S20.G00.05.001,'07'", b"S20.G00.05.001,'70'")
    assert codes(wrong) == ["S20.G00.05.001/CSL-00"]


def test_a_lot_of_an_organism_is_refused_as_such() -> None:
    payload = b"S05.G51.00.001,'V01R02'\r\nS06.G51.00.001,'DSNOK'\r\n" + MENSUELLE
    assert DsnFormat().recognise("x.dsn", payload) is not None
    assert codes(payload) == ["S05.G51.00/CST-02"]


def test_the_lot_of_the_reference_is_refused() -> None:
    if not LOT.exists():
        pytest.skip("the anonymised lot is not here")
    assert "S05.G51.00/CST-02" in codes(LOT.read_bytes())


# -- reports


def test_personal_values_are_never_shown() -> None:
    for rubrique in ("S21.G00.30.002", "S21.G00.30.001", "S20.G00.07.001", "S10.G00.02.002"):
        payload = changed(FCTU if "S20" in rubrique else MENSUELLE, rubrique, "SECRET\x01 1850")
        findings = check(payload)
        assert f"{rubrique}/CSL-00" in [finding.code for finding in findings]
        for finding in findings:
            assert finding.value == ""
            assert "SECRET" not in finding.message


def test_a_repeated_error_is_shown_three_times_with_its_count() -> None:
    payload = samples.mensuelle(employees=20).replace(b"'LYON'", b"'LYON '")
    (finding,) = check(payload)
    places = [n for n, line in enumerate(payload.splitlines(), 1) if b"'LYON '" in line]
    assert (finding.code, finding.label) == ("S21.G00.30.010/CSL-00", "Localité")
    assert (finding.line, finding.lines, finding.count) == (places[0], tuple(places[:3]), 20)


def test_there_are_never_more_than_fifty_and_the_last_counts_the_rest() -> None:
    payload = samples.mensuelle().replace(b"'\r\n", b" '\r\n")
    findings = check(payload)
    assert len(findings) == MOST
    assert findings[-1].code == "file/more"


def test_many_warnings_hide_nothing_that_blocks() -> None:
    findings = Findings()
    for number in range(2000):
        findings.warn(f"S21.G00.30.{number:03d}/SIG-11", f"{number}", number)
    findings.block("S90.G00.90.001/CST-11", "wrong", 2001)
    assert findings.result()[0].code == "S90.G00.90.001/CST-11"
    for number in range(2000):
        findings.block(f"S21.G00.30.{number:03d}/CSL-00", f"{number}", number)
    assert len(findings.result()) == MOST
    assert {finding.severity for finding in findings.result()} == {Severity.BLOCKING}


def test_blocking_findings_come_first() -> None:
    payload = changed(MENSUELLE, "S90.G00.90.001", "1") + b"\r\n"
    assert [f.severity for f in check(payload)] == [Severity.BLOCKING, Severity.WARNING]


async def test_large_files_are_controlled_like_small_ones() -> None:
    payload = samples.mensuelle(size=100_000)
    declaration = DsnFormat().recognise("x.dsn", payload)
    assert declaration is not None
    control = DsnControl()
    assert control.applies(declaration)
    assert await control.check(declaration, payload) == []
    wrong = changed(payload, "S90.G00.90.001", "1")
    assert [f.code for f in await control.check(declaration, wrong)] == ["S90.G00.90.001/CST-11"]


@given(st.binary(max_size=300) | st.text("S129.G05,'\r\n", max_size=300).map(str.encode))
def test_any_bytes_are_controlled_and_rejected(payload: bytes) -> None:
    findings = check(payload)
    assert findings
    assert findings[0].severity is Severity.BLOCKING
    assert len(findings) <= MOST


@given(st.data())
def test_damage_never_raises(data: st.DataObject) -> None:
    payload = bytearray(samples.several(ARRET, samples.mensuelle(kind="02")))
    for _number in range(data.draw(st.integers(1, 20))):
        at = data.draw(st.integers(0, len(payload) - 1))
        payload[at : at + data.draw(st.integers(0, 60))] = data.draw(st.binary(max_size=8))
    for finding in check(bytes(payload)):
        assert finding.value.isprintable()


def test_an_endless_number_in_a_counter_costs_nothing() -> None:
    assert "S90.G00.90.001/CST-11" in codes(changed(MENSUELLE, "S90.G00.90.001", "9" * 100_000))
