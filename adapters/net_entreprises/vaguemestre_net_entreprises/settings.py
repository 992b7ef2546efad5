"""`[profile.settings]` of this adapter: what can be configured, its defaults and its mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from vaguemestre_net_entreprises.presets import DEPOSIT_POINTS, PRESETS
from vaguemestre_net_entreprises.protocol import consultation, download
from vaguemestre_net_entreprises.texts import _

_LOOPBACK = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|::1)\Z", re.IGNORECASE)
_URLS = ("authentication_url", "deposit_url", "consultation_url")

#: Seconds. A search ends up to two seconds before now, in whole seconds of a clock that is known to
#: the second only: what it does not show proves nothing about the last moments.
SEARCH_LAG = 4.0

Seconds = Annotated[float, msgspec.Meta(gt=0)]
#: What can be collected: returns, the deposits that the platform lists, slips of daily allowances,
#: and the sheets by which complementary organisms want payroll to be set up.
Collected = Literal["returns", "deposits", "bpij", "fpoc"]
Body = Literal["declarant", "msa", "courriel"]
Code = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{0,2}$")]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Addresses and habits of one profile. An empty text means: as the preset says.

    `authentication_url` (`https://…/authentifier/1.0/`), `deposit_url` (`https://…/deposer-dsn/`
    and `1.0/` or `2.0/`), `consultation_url`: the base under which `lister-…/` stands.
    `download_hosts`: `host` or `host:port`; only these are sent the token for a download.
    `download_url`: the base under which `telecharger-retour/` stands, default the first download
    host. `authentication_body`: the MSA's own service wants an identifier instead of the declarant.
    `content_type`: of a deposit. `paths`: other words for services in addresses, by the platform's
    own (`lister-depots`…).
    `collect`: what is brought back. `caller`: a hub signs for its declarants. `time_zone`: of the
    platform's dates, which name none.
    `ca_file` counts from the configuration's folder and replaces the system's certificates.
    """

    preset: Literal["", "rg-production", "rg-test", "ra-production", "ra-test"] = ""
    authentication_url: str = ""
    deposit_url: str = ""
    consultation_url: str = ""
    consultation_version: Literal["1.0", "2.0"] = "2.0"
    download_hosts: tuple[str, ...] = ()
    download_url: str = ""
    service: Code = ""
    content_type: str = "text/plain"
    paths: dict[str, str] = msgspec.field(default_factory=dict)
    authentication_body: Body = "declarant"
    caller: Literal["logiciel", "concentrateur"] = "logiciel"
    ca_file: str = ""
    proxy: str = ""
    user_agent: str = ""
    timeout_seconds: Seconds = 60.0
    poll_seconds: Seconds = 300.0
    collect: tuple[Collected, ...] = ("returns", "deposits")
    lookback_days: Annotated[float, msgspec.Meta(ge=0, le=90)] = 1.0
    settling_seconds: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    time_zone: str = "Europe/Paris"


def completed(settings: Settings) -> Settings:
    """The settings with everything filled in that was left to the preset or to a default."""
    preset = PRESETS.get(settings.preset)
    urls = {name: getattr(settings, name) or getattr(preset, name, "") for name in _URLS}
    hosts = settings.download_hosts
    if not hosts and preset is not None:
        hosts = preset.download_hosts
    consultation = urlsplit(urls["consultation_url"])
    hosts = hosts or (consultation.netloc,)
    hub = settings.caller == "concentrateur"
    service = settings.service or ("98" if hub else preset.service if preset else "25")
    download = settings.download_url or f"{consultation.scheme or 'https'}://{hosts[0]}/"
    return msgspec.structs.replace(
        settings,
        authentication_url=_slashed(urls["authentication_url"]),
        deposit_url=_slashed(urls["deposit_url"]),
        consultation_url=urls["consultation_url"],
        download_hosts=hosts,
        download_url=download,
        service=service,
    )


def word(settings: Settings, service: str) -> str:
    """What a service is called in addresses."""
    return settings.paths.get(service, service)


def settling_seconds(settings: Settings) -> float:
    """Seconds after an attempt from which a search counts as complete: the platform's own time to
    list what it recorded, and the last seconds, which a search leaves out."""
    return settings.settling_seconds + SEARCH_LAG


def deposit_point(settings: Settings) -> str:
    """The deposit point (S10.G00.00.007) that the profile deposits at, or "" if nobody can tell."""
    if settings.preset:
        return PRESETS[settings.preset].deposit_point
    return DEPOSIT_POINTS.get(settings.service, "")


def consultation_host(settings: Settings) -> str:
    """The host that lists the deposits of the profile: another one knows other deposits."""
    return urlsplit(completed(settings).consultation_url).netloc


def mistakes(settings: Settings, missing: str = "") -> list[tuple[str, str]]:
    """What types cannot catch: pairs of setting name and message. `missing`: what is said of an
    address that is not there, where no preset can help."""
    missing = missing or _("missing: set it, or a preset that knows it")
    found = []
    full = completed(settings)
    for name in _URLS:
        url = getattr(full, name)
        message = _address(url) if url else missing
        if message:
            found.append((name, message))
    if settings.download_url and (message := _address(settings.download_url)):
        found.append(("download_url", message))
    found += [
        ("download_hosts", _("{host} is not a host, nor host:port").format(host=repr(host)))
        for host in settings.download_hosts
        if not _is_host(host)
    ]
    found += list(_words(settings.paths))
    if settings.proxy and urlsplit(settings.proxy).scheme not in ("http", "https"):
        found.append(("proxy", _("must be an address that begins with http:// or https://")))
    if not _is_zone(settings.time_zone):
        found.append(("time_zone", _("is not the name of a time zone (Europe/Paris)")))
    return found


def _words(paths: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    known = (*consultation.SERVICES, download.SERVICE)
    for service, said in paths.items():
        if service not in known:
            text = _("is not a service; those that have addresses: {known}")
            yield f"paths.{service}", text.format(known=", ".join(known))
        elif not re.fullmatch(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*", said):
            yield f"paths.{service}", _("must be words of an address, separated by /")


def _address(url: str) -> str:
    """What is wrong with an address, or ""."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return _("is not an address")
    if parts.scheme not in ("http", "https") or not host:
        return _("must be an address that begins with https://")
    if parts.scheme == "http" and not _LOOPBACK.match(host):
        return _("must begin with https://: passwords and declarations travel on it")
    if parts.username is not None or parts.query or parts.fragment:
        return _("must not hold a user, a query or a fragment")
    return ""


def _is_host(entry: str) -> bool:
    try:
        parts = urlsplit(f"//{entry}")
        return bool(parts.hostname) and parts.netloc == entry and parts.port != 0
    except ValueError:
        return False


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _slashed(url: str) -> str:
    """With the slash that the platform's own paths end in (`/1.0/`); others stay as they are."""
    return url + "/" if re.search(r"/\d+\.\d+\Z", url) else url
