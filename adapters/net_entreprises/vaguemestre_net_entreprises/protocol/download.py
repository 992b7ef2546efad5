"""Downloads: which address a listed return has, and whether the token may be sent there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import Message
from urllib.parse import quote, unquote, urljoin, urlsplit

from vaguemestre.api import PlatformRefusal
from vaguemestre_net_entreprises.protocol.messages import Answer
from vaguemestre_net_entreprises.texts import _

SERVICE = "telecharger-retour"
_DEFAULT_PORTS = {"https": 443, "http": 80}
_LOOPBACK = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|::1)\Z", re.IGNORECASE)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself, by its name or address."""
    return _LOOPBACK.match(host) is not None


def address(
    base: str,
    *,
    reference: str,
    id: str,  # noqa: A002
    url: str,
    service: str = SERVICE,
) -> str | None:
    """The address of a return: the listed one, else by its id; None if there is nothing to fetch.

    `base`: the root of the download service.
    """
    if url:
        return urljoin(base, url)
    if id:
        path = f"{service}/1.0/{quote(reference, safe='')}/{quote(id, safe='')}"
        return urljoin(base.rstrip("/") + "/", path)
    return None


def check(url: str, permitted: Iterable[str]) -> None:
    """Raise PlatformRefusal unless `url` is on a permitted host, and encrypted.

    `permitted`: `host` (the scheme's own port) or `host:port`. Plain http only to this machine.
    """
    host, port = _host(url)
    allowed = {_named(entry) for entry in permitted}
    default = _DEFAULT_PORTS[urlsplit(url).scheme]
    if (host, port) in allowed or (port == default and (host, None) in allowed):
        return
    raise PlatformRefusal(
        _(
            "The platform names a return on {host}, which is not among the permitted download "
            "hosts (download_hosts). The token was not sent there."
        ).format(host=f"{host}:{port}")
    )


def _host(url: str) -> tuple[str, int]:
    """Host and port of a safe address; raises PlatformRefusal for any other."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    plain = parts.scheme == "http" and is_loopback(host)
    odd = parts.username is not None or "\\" in url or re.search(r"[\x00-\x20]", url)
    if not host or odd or not (parts.scheme == "https" or plain):
        raise PlatformRefusal(
            _("The platform names a return at an address that is not safe to be fetched from.")
        )
    return host, port if port is not None else _DEFAULT_PORTS[parts.scheme]


def _named(entry: str) -> tuple[str, int | None]:
    parts = urlsplit(f"//{entry.strip()}")
    return (parts.hostname or "").rstrip("."), parts.port


def file_name(answer: Answer) -> str:
    """The name that the platform gives the file, made harmless, or ""."""
    message = Message()
    message["content-disposition"] = answer.headers.get("content-disposition", "")
    try:
        name = message.get_filename() or ""
    except (LookupError, UnicodeError):
        return ""
    name = re.split(r"[/\\]", unquote(name))[-1]
    name = re.sub(r"[^\w.,()+ -]", "_", name).strip(" .")
    return name[:120]
