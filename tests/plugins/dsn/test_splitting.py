"""A file with several declarations becomes files with one each, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre.api import DeclarationError
from vaguemestre_dsn import samples
from vaguemestre_dsn.autocontrol import check
from vaguemestre_dsn.reader import Rubrique, read
from vaguemestre_dsn.recognition import DsnFormat
from vaguemestre_dsn.splitting import split

MAKERS = [
    lambda n: samples.mensuelle(order=n, seed=n, employees=1),
    lambda n: samples.mensuelle(order=n, kind="02"),
    lambda n: samples.arret(order=n, seed=n),
    lambda n: samples.reprise(order=n, seed=n),
    lambda n: samples.fctu(order=n, seed=n),
]
DECLARATIONS = st.lists(st.sampled_from(MAKERS), min_size=2, max_size=5).map(
    lambda makers: [maker(number) for number, maker in enumerate(makers, start=1)]
)


def body(payload: bytes) -> bytes:
    """The declaration alone, without header and footer."""
    return payload[payload.index(b"S20.G00.05.001") : payload.index(b"S90.G00.90.001")]


@given(DECLARATIONS, st.sampled_from([b"\r\n", b"\n"]))
def test_each_part_is_the_declaration_that_went_in(files: list[bytes], end: bytes) -> None:
    whole = samples.several(*files).replace(b"\r\n", end)
    assert check(whole) == []
    parts = split("envoi.dsn", whole)
    assert len(parts) == len(files)
    for part, file in zip(parts, files, strict=True):
        assert check(part.payload) == []
        assert part.payload == file.replace(b"\r\n", end)


def test_parts_are_named_by_their_place() -> None:
    whole = samples.several(*[samples.arret(order=n) for n in (1, 2, 3)])
    names = [part.name for part in split("envoi.octobre.dsn", whole)]
    assert names == [f"envoi.octobre-{n}of3.dsn" for n in (1, 2, 3)]
    assert split("envoi", whole)[0].name == "envoi-1of3"


def test_counters_count_each_part() -> None:
    whole = samples.several(samples.mensuelle(), samples.arret())
    for part in split("x.dsn", whole):
        lines = list(read(part.payload))
        values = {line.code: line.value for line in lines if isinstance(line, Rubrique)}
        assert values["S90.G00.90.001"] == str(len(lines)).encode()
        assert values["S90.G00.90.002"] == b"1"


def test_a_declaration_without_employees_makes_its_part_neant_and_only_it() -> None:
    full, empty = samples.mensuelle(), samples.mensuelle(kind="02", order=2)
    first, second = split("x.dsn", samples.several(full, empty))
    assert b"S10.G00.00.008,'01'" in first.payload
    assert b"S10.G00.00.008,'02'" in second.payload
    assert all(
        b"S10.G00.00.008,'02'" in part.payload
        for part in split("x.dsn", samples.several(empty, empty))
    )


def test_a_file_with_one_declaration_stays_as_it_is() -> None:
    payload = samples.mensuelle()
    (part,) = DsnFormat().split("x.dsn", payload)
    assert (part.name, part.payload) == ("x.dsn", payload)


def test_a_line_end_missing_at_the_end_of_the_file_changes_nothing() -> None:
    whole = samples.several(samples.arret(order=1), samples.arret(order=2))
    assert split("x.dsn", whole.removesuffix(b"\r\n")) == split("x.dsn", whole)


@pytest.mark.parametrize(
    "line", [b"no rubrique\r\n", b"\r\n", b"S10.G00.00.001'x'\r\n"], ids=["text", "empty", "comma"]
)
def test_a_file_with_a_line_that_cannot_be_read_is_not_split(line: bytes) -> None:
    whole = samples.several(samples.arret(order=1), samples.arret(order=2))
    at = whole.index(b"S21.G00.06.001")
    number = whole[:at].count(b"\n") + 1
    with pytest.raises(DeclarationError, match=rf"\b{number}\b"):
        split("x.dsn", whole[:at] + line + whole[at:])


def test_rubriques_outside_of_the_declarations_are_not_silently_dropped() -> None:
    whole = samples.several(samples.arret(order=1), samples.arret(order=2))
    for stray in (b"S21.G00.06.001,'1'\r\n" + whole, whole):
        with pytest.raises(DeclarationError):
            split("x.dsn", stray + b"S21.G00.06.001,'1'\r\n")


@given(st.data())
def test_damage_gives_parts_or_says_that_it_cannot_be_split(data: st.DataObject) -> None:
    payload = bytearray(samples.several(samples.arret(order=1), samples.arret(order=2)))
    for _number in range(data.draw(st.integers(1, 10))):
        at = data.draw(st.integers(0, len(payload) - 1))
        payload[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=5))
    try:
        parts = split("x.dsn", bytes(payload))
    except DeclarationError:
        return
    if len(parts) > 1:
        for part in parts:
            assert part.payload.count(b"\nS20.G00.05.001,'") == 1
