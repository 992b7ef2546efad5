"""Addresses of the consultation, and what its answers say about when and how wide to ask again."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import quote

from vaguemestre_net_entreprises.protocol.dates import Piece
from vaguemestre_net_entreprises.protocol.messages import Answer, Request

#: What is asked for before the platform has said what it permits: the development kit's width.
FIRST_WIDTH = timedelta(minutes=60)
#: Nothing narrower is asked for, whatever the platform answers.
NARROWEST = timedelta(minutes=1)
#: And nothing wider: a longer window brings listings that are too big to be answered well.
WIDEST = timedelta(days=1)

DEPOSITS = "lister-depots"
RETURNS = "lister-retours-declarant"
HUB_RETURNS = "lister-retours-concentrateur"
FLOW = "lister-retours-flux"
OBJECTS = "lister-objets-declarant"
SLIPS = "lister-bpij-declarant"
SERVICES = (DEPOSITS, RETURNS, HUB_RETURNS, FLOW, OBJECTS, SLIPS)
#: The version of the last two, of which there is no other.
OBJECTS_VERSION = "1.0"


def window(base: str, service: str, version: str, piece: Piece) -> str:
    """The address that lists a window. The end is always named, so that the answer is of it."""
    return f"{_base(base)}{service}/{version}/{piece.start_text}/{piece.end_text}"


def flow(base: str, version: str, reference: str, service: str = FLOW) -> str:
    """The address that lists the returns of one deposit."""
    return f"{_base(base)}{service}/{version}/{quote(reference, safe='')}"


def slips(base: str, service: str, first: date, last: date, page: int) -> str:
    """The address of a page of slips of daily allowances, by days; pages count from 1."""
    days = f"{first:%Y%m%d}/{last:%Y%m%d}"
    return f"{_base(base)}{service}/{OBJECTS_VERSION}/{days}?page={page}"


def request(url: str, authorization: str) -> Request:
    headers = {"Authorization": authorization, "Accept-Encoding": "gzip"}
    return Request(method="GET", url=url, headers=headers)


def permitted(answer: Answer) -> timedelta | None:
    """The widest window that the platform permits from now on (`Accept-Ranges: minutes=0-60`)."""
    header = answer.headers.get("accept-ranges", "")
    match = re.search(r"minutes\s*=\s*\d+\s*-\s*(\d{1,6})", header, re.IGNORECASE)
    if match is None or int(match[1]) == 0:
        return None
    return min(max(timedelta(minutes=int(match[1])), NARROWEST), WIDEST)


def narrower(width: timedelta) -> timedelta:
    """The width to try after one was too wide."""
    return max(width / 2, NARROWEST)


def _base(base: str) -> str:
    return base.rstrip("/") + "/"
