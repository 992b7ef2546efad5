"""What becomes of a file with several employers."""

from __future__ import annotations

import pytest

from vaguemestre.api import DeclarationError
from vaguemestre_seculine import samples
from vaguemestre_seculine.autocontrol import check
from vaguemestre_seculine.recognition import SeculineFormat

FORM = SeculineFormat()
EMPLOYERS = tuple(samples.employer(n) for n in (1, 2, 3))
WHOLE = samples.decsal(month="202610", employers=EMPLOYERS, employees=4)


@pytest.mark.parametrize("payload", [WHOLE, WHOLE[:-2], WHOLE.replace(b"\r\n", b"\n")])
def test_each_employer_gets_a_file_with_the_header_of_the_whole(payload: bytes) -> None:
    parts = FORM.split("DECSAL.dta", payload)
    assert [part.name for part in parts] == [f"DECSAL-{n}of3.dta" for n in (1, 2, 3)]
    lines = payload.splitlines()
    for part, employer in zip(parts, EMPLOYERS, strict=True):
        declaration = FORM.recognise(part.name, part.payload)
        assert declaration is not None
        assert declaration.identity["type"] == "DECSAL"
        assert (declaration.issuer, declaration.declarations) == (employer, 1)
        there = part.payload.splitlines()
        assert there == [lines[number - 1] for number in part.lines]
        assert not [f for f in check("DECSAL", part.payload) if f.code != "file/line-ends"]
    assert sorted(n for part in parts for n in part.lines if n > 1) == list(range(2, 14))


def test_mixed_records_keep_their_order() -> None:
    person = samples.person(1)
    records = [
        line
        for employer in EMPLOYERS[:2]
        for line in (
            f"2;{employer};{person};202610;;;;;",
            f"1;{employer};{person};202610;1;20261001;20261002;16;",
        )
    ]
    records = [records[0], records[2], records[1], records[3]]
    parts = FORM.split("DECMAL.dta", samples.file(records))
    assert [p.payload.decode().splitlines()[1:] for p in parts] == [
        [records[0], records[2]],
        [records[1], records[3]],
    ]


def test_a_file_of_one_employer_stays_whole() -> None:
    payload = samples.decsal(month="202610")
    (part,) = FORM.split("DECSAL.dta", payload)
    assert (part.name, part.payload) == ("DECSAL.dta", payload)


def test_a_record_without_employer_keeps_it_from_being_cut() -> None:
    with pytest.raises(DeclarationError, match="14"):
        FORM.split("DECSAL.dta", WHOLE + b"1;;x\r\n")
