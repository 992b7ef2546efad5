"""Every key that tomllib reads has a line, and it is the one where the key stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vaguemestre.config import to_toml
from vaguemestre.config.positions import lines_of
from vaguemestre.config.problems import Place

SAMPLE = '''\
title = "x = [not a table]" # [nor this]
"quoted.key" = 1
'literal "key"'.inner = 2
"esc\\u0041ped" = 3
dotted . key = { a = 1, "b c" = [ 2, { d = 3 } ] }

long = """
[fake]
quoted \\""" and ""still""\\
inside"""""
after_long = 1
raw = \'\'\'
it's = 'raw'
\'\'\'\'\'
list = [ # comment ]
  "one",
  [ 2,
    3 ],
  { four = 4 },
]
when = 1979-05-27 07:32:00Z
[table]
key = 1
[[fruit]]
name = "apple"
[fruit.physical]
color = "red"
[[fruit.variety]]
name = "delicious"
[[fruit.variety]]
name = "smith"
[[fruit]]
name = "banana"
[[fruit.variety]]
name = "plantain"
[deep.er.still]
x = 1
[deep]
y = 2
'''


def places(value: Any, above: Place = ()) -> Iterator[Place]:
    if above:
        yield above
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*above, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*above, index))


def test_each_key_has_the_line_where_it_stands() -> None:
    lines = lines_of(SAMPLE)
    rows = SAMPLE.splitlines()

    def row(*place: str | int) -> str:
        return rows[lines[place] - 1]

    assert set(places(tomllib.loads(SAMPLE))) == set(lines)
    assert row("quoted.key") == '"quoted.key" = 1'
    assert row('literal "key"', "inner") == "'literal \"key\"'.inner = 2"
    assert row("escAped") == '"esc\\u0041ped" = 3'
    assert row("dotted", "key", "b c", 1, "d").startswith("dotted . key")
    assert row("long") == 'long = """'
    assert row("after_long") == "after_long = 1"
    assert row("list", 1, 1) == "    3 ],"
    assert row("list", 2, "four") == "  { four = 4 },"
    assert row("table") == "[table]"
    assert [lines["fruit", n] for n in (0, 1)] == [
        n + 1 for n, text in enumerate(rows) if text == "[[fruit]]"
    ]
    assert row("fruit", 0, "variety", 1, "name") == 'name = "smith"'
    assert row("fruit", 1, "variety", 0, "name") == 'name = "plantain"'
    assert row("fruit", 0, "physical", "color") == 'color = "red"'
    assert row("deep") == "[deep]"
    assert row("deep", "er") == "[deep.er.still]"


def test_windows_line_ends_count_like_others() -> None:
    assert lines_of(SAMPLE.replace("\n", "\r\n")) == lines_of(SAMPLE)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = st.one_of(st.booleans(), st.integers(-9, 9), texts, st.dates(), st.datetimes())
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)
documents = st.dictionaries(texts, values, max_size=5)


@given(documents, st.booleans())
def test_every_key_path_that_tomllib_sees_has_a_line(tables: dict[str, Any], wide: bool) -> None:
    text = to_toml(tables)
    if wide:
        text = text.replace("\n", " # [[x]] = 'y'\n\n")
    assert set(places(tomllib.loads(text))) == set(lines_of(text))


@st.composite
def strings(draw: st.DrawFn) -> str:
    """TOML strings of all four forms, as tricky as they may be."""
    body = draw(st.text("ab'\"\\#=[]{},. \n", max_size=12))
    quote = draw(st.sampled_from(['"', "'", '"""', "'''"]))
    return quote + body + quote


@given(st.lists(strings(), min_size=1, max_size=4))
def test_no_string_hides_the_keys_behind_it(written: list[str]) -> None:
    kept = [text for text in written if _valid(text)]
    document = "".join(f"k{n} = {text}\n" for n, text in enumerate(kept)) + "last = 1\n"
    lines = lines_of(document)
    assert set(lines) == set(places(tomllib.loads(document)))
    assert lines["last",] == document.count("\n")


def _valid(text: str) -> bool:
    try:
        tomllib.loads(f"k = {text}\n")
    except tomllib.TOMLDecodeError:
        return False
    return True
