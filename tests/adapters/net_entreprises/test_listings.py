"""Listings are understood in every shape they come in, and nothing else is taken for one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre_net_entreprises.protocol import listings
from vaguemestre_net_entreprises.protocol.listings import ListedReturn
from vaguemestre_net_entreprises.protocol.messages import Answer, Unreadable

PARIS = ZoneInfo("Europe/Paris")
ROW = {"idflux": "A._-1", "date": "20260109110259", "statut": "OK"}
RETURN = {
    "publication": "20260109110259",
    "production": "20260109110200",
    "nature": "11",
    "statut": "OK",
    "id": "7",
    "url": "https://t/7",
    "ops": "o",
    "delegataire": "d",
}


def body(value: Any) -> Answer:
    return Answer(status=200, body=json.dumps(value).encode())


def depots(row: Any) -> list[Any]:
    declarant = {"siret": "1", "nom": "N", "prenom": "P", "depot": row}
    return [
        {"depots": {"declarant": declarant}},
        {"depots": {"declarant": [declarant]}},
        {"depots": [{"declarant": declarant}]},
        {"Depots": {"Declarant": declarant}, "page": 1, "neuf": {"x": [None]}},
        {"declarant": declarant},
        {"depot": row},
        {"depots": row},
    ]


@pytest.mark.parametrize("shape", depots([ROW]) + depots(ROW) + [[ROW], ROW])
def test_a_deposit_is_listed_whatever_the_shape(shape: Any) -> None:
    (found,) = listings.deposits(body(shape), PARIS)
    assert (found.reference, found.status) == ("A._-1", "OK")
    assert found.dates == (datetime(2026, 1, 9, 10, 2, 59, tzinfo=UTC),)


@pytest.mark.parametrize(
    "shape",
    [
        *depots([]),
        *depots(None),
        *depots(""),
        {"depots": None},
        {"depots": {}},
        {},
        [],
        {"declarant": {"siret": "1"}},
    ],
)
def test_an_empty_listing_lists_nothing(shape: Any) -> None:
    assert listings.deposits(body(shape), PARIS) == ()


@pytest.mark.parametrize(
    "text",
    [
        b"<html>maintenance</html>",
        b"<!DOCTYPE html><body><depots/></body>",
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
        b'{"error": "maintenance"}',
        b'{"depots":',
        b"<depots>",
        b'"depots"',
        b"null!",
        b"42",
        b"OK",
        b'[{"message": "maintenance"}]',
        b"\xff\xfe",
        b"<depots>Service indisponible</depots>",
        b'{"depots": "indisponible"}',
        b'{"depots": {"erreur": "maintenance"}}',
        b"<depots><message>maintenance</message></depots>",
    ],
)
def test_what_is_no_listing_is_never_read_as_an_empty_one(text: bytes) -> None:
    with pytest.raises(Unreadable):
        listings.deposits(Answer(status=200, body=text), PARIS)


def test_an_empty_body_is_an_empty_listing_only_if_its_end_was_announced() -> None:
    assert listings.deposits(Answer(status=200), PARIS) == ()
    with pytest.raises(Unreadable):
        listings.deposits(Answer(status=200, delimited=False), PARIS)


@pytest.mark.parametrize(
    "row", [{"date": "20260109110259"}, {"statut": "OK"}, {"idflux": "", "date": "x"}]
)
def test_an_entry_without_reference_is_not_overlooked(row: Any) -> None:
    for shape in depots([row]) + depots(row):
        (found,) = listings.deposits(body(shape), PARIS)
        assert found.reference == ""


def test_a_deposit_without_date_or_status_is_listed() -> None:
    for shape in depots({"idflux": "A"}):
        (found,) = listings.deposits(body(shape), PARIS)
        assert (found.reference, found.dates, found.status) == ("A", (), "")


def retours(flow: Any) -> list[Any]:
    return [
        {"retours": {"flux": flow}},
        {"Retours": {"Flux": flow}},
        {"flux": flow},
        {"retours": flow},
        flow,
    ]


@pytest.mark.parametrize("key", ["retour", "Retour", "RETOUR"])
@pytest.mark.parametrize("one", [RETURN, [RETURN]])
def test_a_return_is_listed_whatever_the_shape(key: str, one: Any) -> None:
    flow = {"id": "A", key: one}
    for shape in retours(flow) + retours([flow]):
        (found,) = listings.returns(body(shape))
        assert found == ListedReturn(
            reference="A",
            nature="11",
            status="OK",
            id="7",
            url="https://t/7",
            ops="o",
            delegate="d",
            publication="20260109110259",
            production="20260109110200",
        )


def test_returns_of_one_flow_may_leave_the_flow_out() -> None:
    for shape in ({"retour": [RETURN]}, [RETURN], {"retours": {"retour": RETURN}}):
        (found,) = listings.returns(body(shape), "ASKED")
        assert found.reference == "ASKED"


def test_an_entry_without_a_document_to_name_is_left_out() -> None:
    assert listings.returns(body({"flux": [{"id": "A", "retour": [{"statut": "OK"}]}]})) == ()
    assert listings.returns(body({"flux": [{"id": "A"}]})) == ()


def test_identical_entries_are_listed_once() -> None:
    assert len(listings.returns(body({"flux": {"id": "A", "retour": [RETURN, RETURN]}}))) == 1


rows = st.lists(
    st.fixed_dictionaries(
        {"idflux": st.text("ABCdef019._-", min_size=1, max_size=23)},
        optional={
            "date": st.sampled_from(["20260109110259", "2026-01-09T10:02:59Z", "?"]),
            "statut": st.sampled_from(["OK", "KO", "ANO", "EN COURS"]),
            "neuf": st.integers(),
        },
    ),
    max_size=5,
    unique_by=lambda row: row["idflux"],
)


@given(rows, st.permutations(["idflux", "date", "statut", "neuf"]))
def test_xml_and_json_list_the_same_in_any_order_of_fields(
    listed: list[dict[str, Any]], order: list[str]
) -> None:
    tags = "".join(
        "<depot>"
        + "".join(f"<{k}>{escape(str(row[k]))}</{k}>" for k in order if k in row)
        + "</depot>"
        for row in listed
    )
    text = f"<depots><declarant><siret>1</siret>{tags}</declarant></depots>"
    from_xml = listings.deposits(Answer(status=200, body=text.encode()), PARIS)
    bare = listed[0] if len(listed) == 1 else listed
    from_json = listings.deposits(body({"depots": {"declarant": {"depot": bare}}}), PARIS)
    assert from_xml == from_json
    assert [d.reference for d in from_xml] == [row["idflux"] for row in listed]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["depots", "declarant", "depot", "idflux", "flux", "retour", "id", "x"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_either_a_listing_or_unreadable(value: Any) -> None:
    for read in (lambda a: listings.deposits(a, PARIS), listings.returns):
        try:
            found = read(body(value))
        except Unreadable:
            continue
        assert all(hasattr(entry, "reference") for entry in found)


def test_a_document_that_declares_entities_reads_no_file() -> None:
    text = (
        b'<!DOCTYPE depots [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        b"<depots><declarant><depot><idflux>A&x;</idflux></depot></declarant></depots>"
    )
    try:
        (found,) = listings.deposits(Answer(status=200, body=text), PARIS)
    except Unreadable:
        return
    assert found.reference in ("", "A")
