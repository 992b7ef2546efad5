"""Walks through an XML document that comes from outside, in which nothing is trusted.

No entities, no network, no document type; bounded size, depth and number of elements. What was
read is thrown away on the way, and a document that breaks off gives what stood before.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Protocol

from lxml import etree

from vaguemestre_dsn.reading.report import Report

#: The largest document that is read. Larger ones are kept as they are, with status unknown.
LARGEST = 64 << 20
#: Elements read of one document, and of one unit; more is not a report but an attack. The reports
#: on the employees of the largest companies have about a million.
_MOST_ELEMENTS, _MOST_IN_UNIT = 3_000_000, 10_000
#: A root and what stands before it fit in here.
BEGINNING = 65_536


class Reading(Protocol):
    """How a family is read. `units`: the names of elements that are taken as a whole, with all
    below them; every other element is taken when it ends, without anything below it."""

    report: Report
    units: frozenset[str]

    def begin(self, root: etree._Element) -> None:
        """Look at the root, of which only the attributes are there."""

    def take(self, name: str, parent: str, element: etree._Element) -> None:
        """Keep what a finished element says; it is freed afterwards."""


def root_of(content: bytes) -> tuple[str, str] | None:
    """Namespace and name of the root, None if this is no XML. Never raises."""
    try:
        for _event, element in _events(content[:BEGINNING], ("start",)):
            name = etree.QName(element)
            return name.namespace or "", name.localname
    except (etree.LxmlError, ValueError, SyntaxError):
        return None
    return None


def walk(content: bytes, reading: Reading) -> Report:
    """Read the document to its end, as far as it can be read. Never raises."""
    report = reading.report
    if len(content) > LARGEST:
        return report
    walker = _Walker(reading)
    try:
        events = _events(content, ("start", "end"))
        whole = all(walker.goes_on(event, element) for event, element in events)
    except (etree.LxmlError, ValueError, SyntaxError):
        whole = False
    report.whole = whole and not report.is_full
    return report


def _events(content: bytes, events: tuple[str, ...]) -> Iterator[tuple[Any, etree._Element]]:
    yield from etree.iterparse(
        io.BytesIO(content),
        events=events,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


class _Walker:
    """Counts what comes, and hands over what ends."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._root: etree._Element | None = None
        self._unit: etree._Element | None = None
        self._elements = self._in_unit = 0

    def goes_on(self, event: str, element: etree._Element) -> bool:
        """Take one event; False to stop reading."""
        if self._root is None:
            self._root = element
            self._reading.begin(element)
            return element.getroottree().docinfo.internalDTD is None
        if event == "start":
            return self._start(element)
        if self._unit is None or self._unit is element:
            self._unit = None
            self._end(element)
        return True

    def _start(self, element: etree._Element) -> bool:
        self._elements += 1
        self._in_unit += 1
        if self._unit is None and etree.QName(element).localname in self._reading.units:
            self._unit, self._in_unit = element, 0
        return self._elements < _MOST_ELEMENTS and (
            self._unit is None or self._in_unit < _MOST_IN_UNIT
        )

    def _end(self, element: etree._Element) -> None:
        parent = element.getparent()
        above = etree.QName(parent).localname if parent is not None else ""
        self._reading.take(etree.QName(element).localname, above, element)
        element.clear()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


def text_of(element: etree._Element, path: str) -> str:
    """The text of an element below, "" if it is not there. `path` without namespaces."""
    found = element
    for name in path.split("/"):
        below = next((e for e in found if etree.QName(e).localname == name), None)
        if below is None:
            return ""
        found = below
    return clean(found.text)


def children(element: etree._Element, name: str) -> list[etree._Element]:
    """The elements of a name right below one."""
    return [below for below in element if etree.QName(below).localname == name]


def leaves(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Name and text of each element right below one that holds no others."""
    for below in element:
        if not len(below):
            yield etree.QName(below).localname, clean(below.text)


def clean(text: str | None) -> str:
    """The text without blanks at its edges, and with single ones inside."""
    return " ".join((text or "").split())
