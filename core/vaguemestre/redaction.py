"""Takes secrets and personal numbers out of text before anybody reads or keeps it.

By their look (NIR, passwords and tokens behind their names) and by their value, for the secrets
that this process has opened. SIRET, idflux and dates stay: support needs them.
"""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote

from vaguemestre.model import Credential

MASK = "***"

#: Fields of a credential that identify and are no secret.
_IDENTIFIERS = frozenset({"siret", "siren", "employer", "matricule"})
#: Shorter values would mask parts of ordinary words.
_SHORTEST = 4

_NAMES = (
    r"mot_?de_?passe|mdp|password|passwd|pwd|passphrase|jeton|concentrateur|declarant|token|"
    r"api_?key"
)
SECRET_NAME = re.compile(rf"(?:{_NAMES}|authorization|secret)", re.IGNORECASE)

# A NIR: sex, year, month (01-12, or 20 and above where it is unknown), department (2A and 2B are
# Corsica), commune, number, and perhaps the key. 13 or 15 digits, with or without blanks between
# the groups; a SIRET has 14.
_NIR = re.compile(
    r"(?<![A-Za-z0-9])[12][ .]?\d{2}[ .]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .]?(?:\d{2}|2[ABab])[ .]?\d{3}"
    r"[ .]?\d{3}(?:[ .]?\d{2})?(?![A-Za-z0-9])"
)
_ELEMENT = re.compile(rf"<({_NAMES})>[^<]*", re.IGNORECASE)
_HEADER = re.compile(
    r"((?:proxy-)?authorization\b[b\"']{0,2}\s*[:=,]\s*)(b?\"[^\"\n]*\"|b?'[^'\n]*'|[^\n]*)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"((?:{_NAMES})[b\"']{{0,2}}\s*[:=]\s*)(\"[^\"\n]*\"?|'[^'\n]*'?|[^\s,;&<>\"')}}\]]+)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(://)[^\s/@]+@")

_known: set[str] = set()
_known_pattern: re.Pattern[str] | None = None


def register_secret(value: str) -> None:
    """Mask `value` from now on, also as it looks in URLs, XML, JSON and base64."""
    global _known_pattern
    if len(value.strip()) < _SHORTEST:
        return
    raw = value.encode()
    _known.update({value, quote(value, safe=""), html.escape(value), json.dumps(value)[1:-1]})
    _known.add(base64.b64encode(raw).decode())
    longest_first = sorted(_known, key=lambda v: (-len(v), v))
    _known_pattern = re.compile("|".join(_whole(v) for v in longest_first))


def register_credential(credential: Credential) -> None:
    """Mask the fields of an opened vault entry, except those that only identify."""
    for name, value in credential.fields.items():
        if name.lower() not in _IDENTIFIERS:
            register_secret(value)


def _whole(value: str) -> str:
    """A name such as MARC is masked as a word, not inside MARCHE."""
    pattern = re.escape(value)
    return rf"(?<![^\W_]){pattern}(?![^\W_])" if value.isalpha() else pattern


def redact(text: str) -> str:
    """`text` with every secret and NIR that can be recognised replaced by `***`."""
    if _known_pattern is not None:
        text = _known_pattern.sub(MASK, text)
    text = _HEADER.sub(rf"\1{MASK}", text)
    text = _ELEMENT.sub(rf"<\1>{MASK}", text)
    text = _NAMED.sub(_masked, text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    return _NIR.sub(MASK, redact_addresses(text))


def redact_addresses(text: str) -> str:
    """`text` without the user and password of URLs."""
    return _IN_ADDRESS.sub(rf"\1{MASK}@", text)


def _masked(match: re.Match[str]) -> str:
    """The name, and the mask in the quotes that the value had."""
    quoted = match[2][0] if match[2][0] in "\"'" else ""
    return f"{match[1]}{quoted}{MASK}{quoted}"
