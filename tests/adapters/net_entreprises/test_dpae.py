"""Urssaf's service for hirings: the same protocol, other addresses, XML."""

from __future__ import annotations

from pathlib import Path

import pytest
from adapters.net_entreprises.scripted import SECRET, Platform, aee, answer, order

from vaguemestre.api import Credential, Declaration, Profile, Receipt
from vaguemestre_net_entreprises.dpae import Settings, UrssafDpae


def profile(**settings: object) -> Profile:
    return Profile(
        name="p",
        platform="urssaf-dpae",
        mode="real",
        credential=Credential(name="c", fields=SECRET),
        settings=Settings(**settings),  # type: ignore[arg-type]
        base=Path("/"),
    )


async def test_a_hiring_is_deposited_as_xml(platform: Platform, ca_file: Path) -> None:
    platform.on("POST /deposer-dsn", answer(200, aee("DPAE-1")))
    chosen = profile(
        authentication_url=f"{platform.base}/auth",
        deposit_url=f"{platform.base}/deposer-dsn/1.0/",
        consultation_url=f"{platform.base}/",
        service="31",
        ca_file=str(ca_file),
    )
    declaration = Declaration(kind="dpae", module="dpae")
    async with UrssafDpae(chosen) as adapter:
        receipt = await adapter.deposit(order(payload=b"<DPAE/>", declaration=declaration))
    assert isinstance(receipt, Receipt)
    assert receipt.reference == "DPAE-1"
    (call,) = platform.of("deposer-dsn")
    assert call.headers["content-type"] == "application/xml"
    assert b"<service>31</service>" in platform.of("/auth")[0].body


def test_the_preset_knows_the_addresses_but_not_the_service_code() -> None:
    assert [name for name, _text in UrssafDpae.check_settings(Settings())] == [
        *("authentication_url", "deposit_url", "consultation_url", "service"),
    ]
    chosen = Settings(preset="dpae-production")
    assert [name for name, _text in UrssafDpae.check_settings(chosen)] == ["service"]
    assert UrssafDpae.endpoint(chosen) == "consultation.dpae-edi.urssaf.fr"
    own = Settings(preset="dpae-production", service="31", consultation_url="https://mine/")
    assert UrssafDpae.check_settings(own) == []
    assert UrssafDpae.endpoint(own) == "mine"


@pytest.mark.parametrize(("kind", "carried"), [("dpae", True), ("dsn", False)])
def test_only_hirings_in_xml_are_carried(kind: str, carried: bool) -> None:
    adapter = UrssafDpae(profile(preset="dpae-production", service="31"))
    reason = adapter.carries(Declaration(kind=kind, module="dpae", deposit_point="02"))
    assert (reason is None) is carried
