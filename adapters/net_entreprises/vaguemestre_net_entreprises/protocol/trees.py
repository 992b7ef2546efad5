"""Reads bodies of unknown shape, XML or JSON, into one form: nested mappings with lower-case keys.

The platform answers XML under a JSON content type, changes the case of keys, and writes a list of
one as a bare object: whoever looks for a key in this form need not know. Entities, DTDs and the
network are off.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from lxml import etree

from vaguemestre_net_entreprises.protocol.messages import Unreadable, is_page

#: A body of text nested deeper than this is an attack, not a report.
_DEEPEST = 64

Tree = dict[str, Any] | list[Any] | str | int | float | bool | None


def read(body: bytes) -> Tree:
    """The tree of an XML or JSON body; None for an empty one. Raises Unreadable."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        return None
    if text.startswith(b"<"):
        return _xml(text)
    return _inner(_json(text))


def _xml(text: bytes) -> Tree:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError:
        raise Unreadable from None
    name = _local(root)
    if name == "html" or (name != "rapport" and is_page(text)):
        raise Unreadable
    return {name: _element(root, 0)}


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _element(element: etree._Element, depth: int) -> Tree:
    """An element without children and attributes is its text; a repeated child is a list."""
    if depth > _DEEPEST:
        raise Unreadable
    found: dict[str, Any] = {etree.QName(k).localname.lower(): v for k, v in element.attrib.items()}
    for child in element:
        name = _local(child)
        if not name:
            continue
        value = _element(child, depth + 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    text = (element.text or "").strip()
    if not found:
        return text
    if text:
        found.setdefault("#text", text)
    return found


def _json(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    try:
        return msgspec.json.decode(text.decode("latin-1"))
    except (msgspec.DecodeError, RecursionError):
        raise Unreadable from None


def _inner(value: Any, depth: int = 0) -> Tree:
    """Keys in lower case; a string that holds an XML document is that document."""
    if depth > _DEEPEST:
        raise Unreadable
    if isinstance(value, dict):
        return {str(k).lower(): _inner(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_inner(v, depth + 1) for v in value]
    if isinstance(value, str) and value.lstrip().startswith(("<?xml", "<gipmds")):
        try:
            return _xml(value.strip().encode())
        except (Unreadable, UnicodeEncodeError):
            return value
    leaf: Tree = value
    return leaf


def dicts(tree: Tree) -> Iterator[dict[str, Any]]:
    """Every mapping of the tree, outer ones first."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from dicts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from dicts(value)


def many(value: Any) -> list[Any]:
    """A list, whether written as one, as a bare item, or not at all."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str:
    """A leaf as text; "" for anything else."""
    if isinstance(value, dict):
        value = value.get("#text", "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def first(tree: Tree, name: str) -> str:
    """The first non-empty leaf named `name`, anywhere, or ""."""
    for found in dicts(tree):
        text = text_of(found.get(name))
        if text:
            return text
    return ""
