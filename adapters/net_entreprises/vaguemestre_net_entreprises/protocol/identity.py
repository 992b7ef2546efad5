"""Whether a report is about a given declaration: compares what it echoes with what we know.

Only facts that both sides have and that cannot be written in two ways count. A difference in one of
them rules the declaration out; a match needs enough of them to tell two declarations of one
employer apart. Anything else says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from vaguemestre_net_entreprises.protocol import trees
from vaguemestre_net_entreprises.protocol.messages import Unreadable

#: Element of the report for each of our keys.
_ECHOES = {
    "nature": "nature",
    "type": "type",
    "fraction": "fraction",
    "order": "ordre",
    "month": "mois",
    "siren": "siren",
    "business_id": "identifiant_metier",
}


class Verdict(Enum):
    SAME = auto()
    OTHER = auto()
    UNKNOWN = auto()


def echoed(document: bytes) -> dict[str, str] | None:
    """What a report says of the declaration it is about, or None if it does not say.

    A report about several declarations says nothing about one.
    """
    try:
        tree = trees.read(document)
    except Unreadable:
        return None
    found = [
        entry
        for holder in trees.dicts(tree)
        for entry in trees.many(holder.get("declaration_identification"))
        if isinstance(entry, dict)
    ]
    if len(found) != 1:
        return None
    facts = {key: trees.text_of(found[0].get(name)) for key, name in _ECHOES.items()}
    facts["nic"] = trees.text_of(found[0].get("nic_affectation"))
    facts["head_nic"] = trees.text_of(found[0].get("nic_siege"))
    facts |= _envelope(tree)
    return {key: value for key, value in facts.items() if value}


def _envelope(tree: trees.Tree) -> dict[str, str]:
    for holder in trees.dicts(tree):
        entry = holder.get("envoi_identification")
        if isinstance(entry, dict):
            names = {"sender": "emetteur_siret", "norm": "version_norme", "trial": "essai_reel"}
            return {key: trees.text_of(entry.get(name)) for key, name in names.items()}
    return {}


def compare(echo: Mapping[str, str], identity: Mapping[str, str]) -> Verdict:
    """Whether the echo is of the declaration with this identity (`Declaration.identity`)."""
    equal = set()
    for key in ("nature", "type", "fraction", "order", "month", "siren", "sender", "norm", "trial"):
        ours, theirs = _plain(key, identity.get(key, "")), _plain(key, echo.get(key, ""))
        if ours is None or theirs is None:
            continue
        if ours != theirs:
            return Verdict.OTHER
        equal.add(key)
    if (same_place := _same_place(echo, identity)) is False:
        return Verdict.OTHER
    if same_place:
        equal.add("nic")
    business = identity.get("business_id", "").strip()
    if business and business == echo.get("business_id", "").strip():
        equal.add("business_id")
    wanted = {"nature", "siren", "nic"} | _key(_plain("nature", identity.get("nature", "")))
    if wanted <= equal or (wanted - {"order"} | {"business_id"}) <= equal:
        return Verdict.SAME
    return Verdict.UNKNOWN


def _key(nature: int | None) -> set[str]:
    """By what the norm tells two declarations of one establishment and nature apart: a mensuelle by
    month and fraction, a signalement by its order number."""
    return {"month", "fraction"} if nature == 1 else {"order"}


def _same_place(echo: Mapping[str, str], identity: Mapping[str, str]) -> bool | None:
    """Whether the establishment is the same, None if that cannot be told.

    Our NIC may be the one of the establishment or of the head office, and the report has both.
    """
    ours = _plain("nic", identity.get("nic", ""))
    place, head = (_plain("nic", echo.get(key, "")) for key in ("nic", "head_nic"))
    if ours is None or place is None:
        return None
    if ours == place:
        return True
    return None if ours == head or head is None else False


def _plain(key: str, text: str) -> Any:
    """The value without its ways of being written, or None if it is not of the expected form."""
    text = text.strip()
    if key == "month":
        return _month(text)
    if key == "norm":
        return text.upper() if re.fullmatch(r"P\d\dV\d\d", text, re.IGNORECASE) else None
    digits = re.sub(r"\s", "", text)
    if key == "order":
        digits = digits.partition(".")[0]  # the schema says decimal
    if not re.fullmatch(r"[0-9]{1,20}", digits):
        return None
    if key in ("siren", "sender") and len(digits) != {"siren": 9, "sender": 14}[key]:
        return None
    return int(digits)


def _month(text: str) -> tuple[int, int] | None:
    """(year, month) of `01MMAAAA`, `MMAAAA`, `YYYY-MM` or `YYYY-MM-DD`."""
    if match := re.fullmatch(r"(?:\d\d)?(0[1-9]|1[0-2])(20\d\d)", text):
        return int(match[2]), int(match[1])
    if match := re.fullmatch(r"(20\d\d)-(\d\d)(?:-\d\d)?", text):
        return int(match[1]), int(match[2])
    return None
