"""Authentication: the request for a token, the token with its end, and why one was refused.

The order of the tags and the lengths of the fields are the platform's (development kit); a field
that cannot be right is told before anything is sent, because each refusal brings the account nearer
to being blocked.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from xml.sax.saxutils import escape

import msgspec

from vaguemestre.api import CredentialRefused
from vaguemestre_net_entreprises.protocol.messages import Answer, Request, Unreadable, is_page
from vaguemestre_net_entreprises.texts import _

#: Tags in the order that the schema prescribes, with their greatest length.
DECLARANT = (("siret", 14), ("nom", 64), ("prenom", 39), ("motdepasse", 30), ("service", 2))
#: The other body shape (`/authentifier/2.0`, realm `msa.fr`).
IDENTIFIER = (("identifiant", 30), ("motdepasse", 30))
#: The declarant with an e-mail address, which portals that stand in for the platform ask for. Its
#: length is that of an address at most (RFC 5321).
COURRIEL = (*DECLARANT[:-1], ("courriel", 254), DECLARANT[-1])
SHAPES = {"declarant": DECLARANT, "msa": IDENTIFIER, "courriel": COURRIEL}

#: A token without `Expires` is taken to live this long (seconds): shorter than any seen (30 min).
LIFETIME = 20 * 60.0
#: It is renewed this long before its end, at most a tenth of its life (seconds).
EARLY = 60.0

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Token(msgspec.Struct, frozen=True):
    """An opaque token, and for how many seconds from its receipt it is used. Its repr hides it."""

    value: str
    lifetime: float

    def __repr__(self) -> str:
        return f"Token({self.lifetime:.0f} s)"


def request(
    url: str, credential: Mapping[str, str], *, service: str, shape: str = "declarant"
) -> Request:
    """The request for a token. `shape`: a key of SHAPES.

    Raises CredentialRefused, with nothing sent, if a field is missing or cannot be right.
    """
    values = {k: v.strip() if k != "motdepasse" else v for k, v in credential.items()}
    values["siret"] = re.sub(r"[\s.]", "", values.get("siret", ""))
    values["service"] = service
    values.setdefault("identifiant", values["siret"])
    tags = []
    for name, longest in SHAPES[shape]:
        value = values.get(name, "")
        _check(name, value, longest)
        tags.append(f"<{name}>{escape(value)}</{name}>")
    body = f"<identifiants>{''.join(tags)}</identifiants>"
    headers = {"Content-Type": "application/xml"}
    return Request(method="POST", url=url, headers=headers, body=body.encode())


def _check(name: str, value: str, longest: int) -> None:
    if not value:
        raise CredentialRefused(
            _("The field {field} of the credential is empty: set the secret again.").format(
                field=name
            )
        )
    if name == "siret" and not re.fullmatch(r"[0-9]{14}", value):
        raise CredentialRefused(
            _("The SIRET of the credential must have 14 digits: set the secret again.")
        )
    if len(value) > longest:
        raise CredentialRefused(
            _(
                "The field {field} of the credential has more than {count} characters, which the "
                "platform refuses: set the secret again."
            ).format(field=name, count=longest)
        )
    if _NOT_XML.search(value):
        raise CredentialRefused(
            _(
                "The field {field} of the credential has a character that cannot be sent: set the "
                "secret again."
            ).format(field=name)
        )


def token(answer: Answer) -> Token:
    """The token of a 200 answer. Raises Unreadable if the body cannot be one."""
    text = answer.body.strip()
    if not text or is_page(text) or len(text) > 16_384 or re.search(rb"[^\x21-\x7e]", text):
        raise Unreadable
    lifetime = answer.lifetime
    if lifetime is None:
        lifetime = LIFETIME
    return Token(text.decode("ascii"), max(lifetime - min(EARLY, lifetime / 10), 0.0))


def bearer(value: str) -> str:
    """`Authorization` of payroll software."""
    return f"DSNLogin jeton={value}"


def hub_bearer(value: str, siret: str, nom: str, prenom: str) -> str:
    """`Authorization` of a hub that acts for a declarant."""
    declarant = base64.b64encode(f"{siret};{nom};{prenom}".encode()).decode("ascii")
    return f"DSNLogin concentrateur={value},declarant={declarant}"


def realm(answer: Answer) -> str:
    """The realm of a 401, without accents and in lower case, or ""."""
    header = answer.headers.get("www-authenticate", "")
    match = re.search(r'realm\s*=\s*(?:"([^"]*)"|([^\s,]+))', header, re.IGNORECASE)
    return plain(match[1] or match[2] or "") if match else ""


def plain(text: str) -> str:
    """`text` without accents, in lower case, blanks made single; also if its UTF-8 was read as
    Latin-1 on the way, as happens to headers."""
    with suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    letters = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(letters).casefold().split())


def reason(answer: Answer) -> str:
    """Why a 401, 403 or 422 refused the credential, and what to do, for people."""
    if answer.status == 403:
        return _(
            "The account is blocked after several wrong passwords, or the platform does not accept "
            "calls from here. Unblock it on the platform's site, then test the profile."
        )
    if answer.status == 422:
        return _(
            "The platform could not read the identification: compare SIRET, name, first name, "
            "password and service with the account on the platform's site."
        )
    found = realm(answer)
    if "expiration du mot de passe" in found or "mot de passe expire" in found:
        return _(
            "The password has expired: renew it on the platform's site, then set the secret again."
        )
    if "non-inscrit" in found or "non inscrit" in found or "abonne" in found:
        return _(
            "The account is not enrolled in this service: enrol it on the platform's site. The "
            "enrolment counts from the next day."
        )
    if "jeton" in found:
        return _(
            "The platform does not accept the token that it has just given: the profile's "
            "addresses may belong to different environments."
        )
    return _(
        "The account is unknown or the password is wrong: compare SIRET, name, first name and "
        "password with the account on the platform's site, then set the secret again."
    )
