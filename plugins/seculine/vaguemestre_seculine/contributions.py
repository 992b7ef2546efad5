"""Reads CALCUL, the monthly calculation of contributions: XML whose layout is not published.

So it is read by its shape: every element whose children hold nothing but text is a row, named by
its tag, with a column for each child and each attribute.
"""

from __future__ import annotations

import io
from typing import Any

#: Rows at most, and letters of a value.
MOST_ROWS, LONGEST = 20_000, 200


def contributions(content: bytes) -> list[dict[str, str]] | None:
    """The rows, in the order of the document; None if it is no well-formed XML."""
    from lxml import etree  # takes a while to load

    rows: list[dict[str, str]] = []
    try:
        for _event, element in etree.iterparse(
            io.BytesIO(content),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        ):
            if len(rows) < MOST_ROWS and (row := _row(element)):
                rows.append(row)
    except etree.XMLSyntaxError:
        return None
    return rows


def _row(element: Any) -> dict[str, str]:
    """The row of an element, empty if it is none."""
    children = list(element)
    if not children or any(len(child) for child in children):
        return {}
    found = {"element": _local(element.tag)}
    found |= {_local(key): value[:LONGEST] for key, value in element.attrib.items()}
    for child in children:
        found[_local(child.tag)] = (child.text or "").strip()[:LONGEST]
    return found


def _local(tag: str) -> str:
    return str(tag).rpartition("}")[2]
