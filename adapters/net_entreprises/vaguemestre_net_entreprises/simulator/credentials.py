"""Who a request says that it comes from: the body of an authentication, and the header that bears a
token. Only the form is judged here; whether anybody is known is for the platform.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from vaguemestre_net_entreprises.simulator.dialect import NATIONAL, Dialect

HUB = "98"
_RA = "26"
_SIRET = 14
_MSA_FIELDS = {"identifiant": 30, "motdepasse": 30}
#: Text of an element: an ampersand that begins no reference is not XML.
_TEXT = r"((?:[^<&]|&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)*)"
_BEARER = re.compile(r"DSNLogin (?:jeton=([^,\s]+)|concentrateur=([^,\s]+),\s*declarant=(\S+))")


@dataclass(frozen=True)
class Credentials:
    """`siret` is the identifier and `names` None where the MSA's own service is asked. `courriel`:
    None where the platform does not ask for it."""

    siret: str
    names: tuple[str, str] | None
    password: str
    service: str
    realm: str
    courriel: str | None = None


@dataclass(frozen=True)
class Bearer:
    """A token, and (SIRET, nom, prénom) of the declarant whom a concentrateur acts for."""

    token: str
    declarant: tuple[str, str, str] | None = None


def credentials(body: bytes, version: str, dialect: Dialect = NATIONAL) -> Credentials | None:
    """What the body of an authentication says; None if it is not in the form: other tags or
    another order, a field that is missing or too long."""
    if version == "2.0":
        found = _fields(body, _MSA_FIELDS)
        if found is None:
            return None
        return Credentials(found["identifiant"], None, found["motdepasse"], _RA, "msa.fr")
    found = _fields(body, dialect.fields)
    if found is None or len(found["siret"]) != _SIRET:
        return None
    if found["service"] not in dialect.services:
        return None
    return Credentials(
        siret=found["siret"],
        names=(found["nom"], found["prenom"]),
        password=found["motdepasse"],
        service=found["service"],
        realm=dialect.realm,
        courriel=found.get("courriel"),
    )


def bearer(header: str) -> Bearer | None:
    """The token of an `Authorization` header; None if it is not in one of the two forms."""
    match = _BEARER.fullmatch(header)
    if match is None:
        return None
    if match[1]:
        return Bearer(match[1])
    try:
        parts = base64.b64decode(match[3], validate=True).decode("utf-8", "replace").split(";")
    except (binascii.Error, ValueError):
        return None
    if len(parts) != 3 or not all(parts) or len(parts[0]) != _SIRET:
        return None
    siret, nom, prenom = parts
    return Bearer(match[2], (siret, nom, prenom))


def _fields(body: bytes, longest: Mapping[str, int]) -> dict[str, str] | None:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    pattern = r"\s*".join(rf"<{name}>{_TEXT}</{name}>" for name in longest)
    match = re.fullmatch(
        rf"(?:<\?xml[^>]*\?>)?\s*<identifiants>\s*{pattern}\s*</identifiants>\s*", text
    )
    if match is None:
        return None
    found = dict(zip(longest, map(html.unescape, match.groups()), strict=True))
    if any(not value or len(value) > longest[name] for name, value in found.items()):
        return None
    return found
