"""The twin service of Urssaf for hirings (DPAE): the same protocol at other addresses, for files in
XML. What the API DSN knows of régimes and deposit points does not apply to it.

Source: addresses and content type as independent clients use them; the service code is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import msgspec

from vaguemestre.api import Declaration, Profile
from vaguemestre_net_entreprises import settings as api_dsn
from vaguemestre_net_entreprises.adapter import NetEntreprises
from vaguemestre_net_entreprises.texts import _

_ADDRESSES = {
    "authentication_url": "https://mon.urssaf.fr/authentifier_dpae",
    "deposit_url": "https://depot.dpae-edi.urssaf.fr/deposer-dsn/1.0/",
    "consultation_url": "https://consultation.dpae-edi.urssaf.fr/",
}


class Settings(api_dsn.Settings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything of the API DSN client, but another preset; `service` must be configured."""

    preset: Literal["", "dpae-production"] = ""  # type: ignore[assignment]
    content_type: str = "application/xml"


def filled(settings: Settings) -> Settings:
    """The settings with the addresses of the preset; without it, as they are."""
    if settings.preset != "dpae-production":
        return settings
    known = {name: getattr(settings, name) or url for name, url in _ADDRESSES.items()}
    return msgspec.structs.replace(settings, preset="", **known)


class UrssafDpae(NetEntreprises):
    """Deposits DPAE at Urssaf, and brings their reports back."""

    platform = "urssaf-dpae"
    settings: ClassVar[type[msgspec.Struct]] = Settings  # type: ignore[assignment]
    modules = frozenset({"dpae"})

    def __init__(self, profile: Profile) -> None:
        super().__init__(msgspec.structs.replace(profile, settings=filled(profile.settings)))

    @classmethod
    def check_settings(cls, settings: Any) -> Sequence[tuple[str, str]]:
        found = api_dsn.mistakes(filled(settings))
        if not settings.service:
            found.append(
                ("service", _("missing: Urssaf gives the service code with the enrolment for DPAE"))
            )
        return found

    @classmethod
    def endpoint(cls, settings: Any) -> str:
        return api_dsn.consultation_host(filled(settings))

    def carries(self, declaration: Declaration) -> str | None:
        if declaration.kind == "dpae":
            return None
        return _(
            "The file is a DSN; Urssaf's service for hirings takes DPAE in XML. It waits for a "
            "profile that can carry it."
        )
