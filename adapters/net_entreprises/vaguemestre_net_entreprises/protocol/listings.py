"""What the consultation lists: deposits and returns, whatever shape the listing has.

XML 1.0 and JSON 2.0 alike; an outer key may be absent, a key may have capitals, a list of one may
be a bare object, fields may be missing or new. Only what is recognisably something else (a
maintenance page, an error object) is unreadable, because an empty listing is a statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from vaguemestre_net_entreprises.protocol import dates, trees
from vaguemestre_net_entreprises.protocol.messages import Answer, Unreadable

_DEPOSIT_WORDS = frozenset({"depots", "declarant", "depot", "declarants"})
_COMPLAINTS = frozenset({"error", "erreur", "errors", "erreurs", "message", "exception", "fault"})
_RETURN_WORDS = frozenset({"retours", "flux", "retour"})


class ListedDeposit(msgspec.Struct, frozen=True, kw_only=True):
    """A deposit that the platform lists. `dates`: what its date can mean (UTC), empty if unknown.
    `reference` is "" if the entry has none: somebody's deposit, but nobody can say whose."""

    reference: str
    dates: tuple[datetime, ...] = ()
    date_text: str = ""
    status: str = ""


class ListedReturn(msgspec.Struct, frozen=True, kw_only=True):
    """A return that the platform lists. Texts as listed; `ops` and `delegate` name the organism."""

    reference: str
    nature: str = ""
    status: str = ""
    id: str = ""
    url: str = ""
    ops: str = ""
    delegate: str = ""
    publication: str = ""
    production: str = ""


def deposits(answer: Answer, zone: ZoneInfo) -> tuple[ListedDeposit, ...]:
    """The deposits of a 200 answer of `lister-depots`. Raises Unreadable."""
    tree = _tree(answer, _DEPOSIT_WORDS)
    return tuple(_deposit(entry, zone) for entry in _deposit_entries(tree))


def _deposit_entries(tree: trees.Tree) -> Iterator[dict[str, Any]]:
    """Every entry of a `depot` list, and every mapping with an idflux wherever it stands."""
    for found in trees.dicts(tree):
        if "idflux" in found:
            yield found
        for name in ("depot", "depots"):
            for entry in trees.many(found.get(name)):
                if isinstance(entry, dict) and "idflux" not in entry and _is_deposit(entry):
                    yield entry


def _is_deposit(entry: dict[str, Any]) -> bool:
    return bool({"date", "statut"} & entry.keys()) and not _DEPOSIT_WORDS & entry.keys()


def _deposit(entry: dict[str, Any], zone: ZoneInfo) -> ListedDeposit:
    text = trees.text_of(entry.get("date"))
    return ListedDeposit(
        reference=trees.text_of(entry.get("idflux")),
        dates=dates.readings(text, zone),
        date_text=text,
        status=trees.text_of(entry.get("statut")),
    )


def returns(answer: Answer, reference: str = "") -> tuple[ListedReturn, ...]:
    """The returns of a 200 answer. `reference`: the flow that was asked for, for entries that do
    not repeat it. Raises Unreadable."""
    tree = _tree(answer, _RETURN_WORDS)
    return tuple(dict.fromkeys(_flows(tree, reference)))


def _flows(tree: trees.Tree, reference: str) -> Iterator[ListedReturn]:
    if isinstance(tree, list):
        for value in tree:
            yield from _flows(value, reference)
    if not isinstance(tree, dict):
        return
    if "retour" in tree:
        flow = trees.text_of(tree.get("id") or tree.get("idflux")) or reference
        for entry in trees.many(tree["retour"]):
            if isinstance(entry, dict) and (listed := _return(entry, flow)):
                yield listed
    elif "nature" in tree and (listed := _return(tree, reference)):
        yield listed
    else:
        for value in tree.values():
            yield from _flows(value, reference)


def _return(entry: dict[str, Any], flow: str) -> ListedReturn | None:
    """None for an entry that names neither a flow nor a document: nobody could fetch it."""
    flow = flow or trees.text_of(entry.get("idflux"))
    field = {name: trees.text_of(entry.get(name)) for name in entry}
    if not flow or not (field.get("nature") or field.get("id") or field.get("url")):
        return None
    return ListedReturn(
        reference=flow,
        nature=field.get("nature", ""),
        status=field.get("statut", ""),
        id=field.get("id", ""),
        url=field.get("url", ""),
        ops=field.get("ops", ""),
        delegate=field.get("delegataire", ""),
        publication=field.get("publication", ""),
        production=field.get("production", ""),
    )


class ListedObject(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is listed beside the returns: its address or id, and what else is said."""

    id: str = ""
    url: str = ""
    date: str = ""


def objects(answer: Answer) -> tuple[tuple[ListedObject, ...], int]:
    """The entries of a listing of slips or sheets, and how many pages there are. The layout is not
    published: whatever has an address or an id is an entry. Raises Unreadable."""
    tree = trees.read(answer.body)
    if isinstance(tree, str | int | float | bool) or (tree is None and not answer.delimited):
        raise Unreadable
    found = list(trees.dicts(tree)) if tree is not None else []
    if any(_COMPLAINTS & entry.keys() for entry in found):
        raise Unreadable
    pages = max([1, *(_number(entry.get("pagetotal")) for entry in found)])
    return tuple(dict.fromkeys(_object(entry) for entry in found if _is_object(entry))), pages


def _is_object(entry: dict[str, Any]) -> bool:
    return any(isinstance(entry.get(name), str | int) and entry[name] for name in ("url", "id"))


def _object(entry: dict[str, Any]) -> ListedObject:
    words = ("publication", "production", "date")
    said = next((text for w in words if (text := trees.text_of(entry.get(w)))), "")
    return ListedObject(
        id=trees.text_of(entry.get("id")), url=trees.text_of(entry.get("url")), date=said
    )


def _number(value: object) -> int:
    text = trees.text_of(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _tree(answer: Answer, words: frozenset[str]) -> trees.Tree:
    """The tree of a listing. Raises Unreadable if it is not one.

    An empty body is an empty listing, but only if its end was announced: else it may be cut off.
    """
    tree = trees.read(answer.body)
    if tree is None:
        if not answer.delimited:
            raise Unreadable
        return {}
    if isinstance(tree, str | int | float | bool) or (isinstance(tree, dict) and "rapport" in tree):
        raise Unreadable
    if not tree:
        return tree
    if any("idflux" in found for found in trees.dicts(tree)):
        return tree
    if any(_is_complaint(found, words) for found in trees.dicts(tree)):
        raise Unreadable
    if any(words & found.keys() for found in trees.dicts(tree)):
        return tree
    if isinstance(tree, list) and all(_is_bare(entry) for entry in tree):
        return tree
    raise Unreadable


def _is_complaint(found: dict[str, Any], words: frozenset[str]) -> bool:
    """A mapping that says why there is no list, where a list should be."""
    said = any(isinstance(found.get(word), str | int) and found[word] != "" for word in words)
    return said or bool(_COMPLAINTS & found.keys())


def _is_bare(entry: object) -> bool:
    """An entry of a list without outer keys."""
    return isinstance(entry, dict) and bool({"nature", "statut"} & entry.keys())
