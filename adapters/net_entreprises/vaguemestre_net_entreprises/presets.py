"""The public addresses of the API DSN: what a preset fills in.

Sources: the platform's implementation guide v6.9; other hosts met in the wild are wrong. The
agricole test environment's consultation is not published: it must be configured.
"""

from __future__ import annotations

import msgspec


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """One environment. `deposit_point`: what S10.G00.00.007 of its files says."""

    authentication_url: str
    deposit_url: str
    consultation_url: str
    download_hosts: tuple[str, ...]
    service: str
    deposit_point: str


_NATIONAL = "https://services.net-entreprises.fr/authentifier/1.0/"
_NATIONAL_TEST = "https://test-services.net-entreprises.fr/authentifier/1.0/"

PRESETS = {
    "rg-production": Preset(
        authentication_url=_NATIONAL,
        deposit_url="https://depot.dsnrg.net-entreprises.fr/deposer-dsn/2.0/",
        consultation_url="https://consultation.dsnrg.net-entreprises.fr/",
        download_hosts=("telechargement.dsnrg.net-entreprises.fr",),
        service="25",
        deposit_point="01",
    ),
    "rg-test": Preset(
        authentication_url=_NATIONAL_TEST,
        deposit_url="https://depot-edit.dsnrg.net-entreprises.fr/deposer-dsn/2.0/",
        consultation_url="https://consultation-edit.dsnrg.net-entreprises.fr/",
        download_hosts=("telechargement-edit.dsnrg.net-entreprises.fr",),
        service="97",
        deposit_point="01",
    ),
    "ra-production": Preset(
        authentication_url=_NATIONAL,
        deposit_url="https://depot.dsnra.net-entreprises.fr/deposer-dsn/2.0/",
        consultation_url="https://consultation.dsnra.net-entreprises.fr/",
        download_hosts=("telechargement.dsnra.net-entreprises.fr",),
        service="26",
        deposit_point="02",
    ),
    "ra-test": Preset(
        authentication_url=_NATIONAL_TEST,
        deposit_url="https://depot-formation.dsnra.net-entreprises.fr/deposer-dsn/2.0/",
        consultation_url="",
        download_hosts=("telechargement-formation.dsnra.net-entreprises.fr",),
        service="94",
        deposit_point="02",
    ),
}

#: Deposit point by service code. The hub's service (98) deposits at both.
DEPOSIT_POINTS = {p.service: p.deposit_point for p in PRESETS.values()}
