"""Who a request says that it comes from: the body of an authentication, and the header that bears a
token. Only the form is judged here; whether anybody is known is for the platform.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from dataclasses import dataclass

#: Codes of the services: régime général and agricole, production and test, concentrateur.
SERVICES = frozenset({"25", "97", "26", "94", "98"})
HUB = "98"
_RA = "26"
_FIELDS = ("siret", "nom", "prenom", "motdepasse", "service")
_LONGEST = {"siret": 14, "nom": 64, "prenom": 39, "motdepasse": 30, "service": 2}
_MSA_FIELDS = ("identifiant", "motdepasse")
_MSA_LONGEST = {"identifiant": 30, "motdepasse": 30}
#: Text of an element: an ampersand that begins no reference is not XML.
_TEXT = r"((?:[^<&]|&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)*)"
_BEARER = re.compile(r"DSNLogin (?:jeton=([^,\s]+)|concentrateur=([^,\s]+),\s*declarant=(\S+))")


@dataclass(frozen=True)
class Credentials:
    """`siret` is the identifier and `names` None where the MSA's own service is asked."""

    siret: str
    names: tuple[str, str] | None
    password: str
    service: str
    realm: str


@dataclass(frozen=True)
class Bearer:
    """A token, and (SIRET, nom, prénom) of the declarant whom a concentrateur acts for."""

    token: str
    declarant: tuple[str, str, str] | None = None


def credentials(body: bytes, version: str) -> Credentials | None:
    """What the body of an authentication says; None if it is not in the form: other tags or
    another order, a field that is missing or too long."""
    if version == "2.0":
        found = _fields(body, _MSA_FIELDS, _MSA_LONGEST)
        if found is None:
            return None
        return Credentials(found["identifiant"], None, found["motdepasse"], _RA, "msa.fr")
    found = _fields(body, _FIELDS, _LONGEST)
    if found is None or len(found["siret"]) != _LONGEST["siret"]:
        return None
    if found["service"] not in SERVICES:
        return None
    names = found["nom"], found["prenom"]
    return Credentials(
        found["siret"], names, found["motdepasse"], found["service"], "net-entreprises.fr"
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
    if len(parts) != 3 or not all(parts) or len(parts[0]) != _LONGEST["siret"]:
        return None
    siret, nom, prenom = parts
    return Bearer(match[2], (siret, nom, prenom))


def _fields(body: bytes, names: tuple[str, ...], longest: dict[str, int]) -> dict[str, str] | None:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    pattern = r"\s*".join(rf"<{name}>{_TEXT}</{name}>" for name in names)
    match = re.fullmatch(
        rf"(?:<\?xml[^>]*\?>)?\s*<identifiants>\s*{pattern}\s*</identifiants>\s*", text
    )
    if match is None:
        return None
    found = dict(zip(names, map(html.unescape, match.groups()), strict=True))
    if any(not value or len(value) > longest[name] for name, value in found.items()):
        return None
    return found
