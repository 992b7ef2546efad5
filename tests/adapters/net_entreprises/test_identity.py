"""A report is only held for ours, or not ours, by what cannot be mistaken."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaguemestre_net_entreprises.protocol import identity
from vaguemestre_net_entreprises.protocol.identity import Verdict

EXAMPLES = Path(__file__).parents[4] / "shared" / "reference" / "gipmds" / "exemples"
needs_examples = pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason="the official examples are not beside the repository"
)

STOPPAGE = {
    "nature": "04",
    "type": "01",
    "fraction": "11",
    "order": "12",
    "siren": "999999998",
    "nic": "00019",
    "sender": "99999999800019",
    "norm": "P26V01",
}
MONTHLY = {**STOPPAGE, "nature": "01", "month": "01102026"}


@pytest.mark.parametrize(
    ("ours", "echo", "verdict"),
    [
        (STOPPAGE, STOPPAGE, Verdict.SAME),
        (STOPPAGE, {**STOPPAGE, "order": "0012"}, Verdict.SAME),
        (STOPPAGE, {**STOPPAGE, "order": "12.0", "nature": "4"}, Verdict.SAME),
        (STOPPAGE, {**STOPPAGE, "order": "13"}, Verdict.OTHER),
        (STOPPAGE, {**STOPPAGE, "nature": "07"}, Verdict.OTHER),
        (STOPPAGE, {**STOPPAGE, "type": "03"}, Verdict.OTHER),
        (STOPPAGE, {**STOPPAGE, "siren": "732829320"}, Verdict.OTHER),
        (STOPPAGE, {**STOPPAGE, "sender": "73282932000074"}, Verdict.OTHER),
        (STOPPAGE, {**STOPPAGE, "norm": "P25V01"}, Verdict.OTHER),
        (STOPPAGE, {**STOPPAGE, "norm": "PHASE1V1"}, Verdict.SAME),
        (STOPPAGE, {**STOPPAGE, "nic": "00027", "head_nic": "00035"}, Verdict.OTHER),
        (STOPPAGE, {**STOPPAGE, "nic": "00027", "head_nic": "00019"}, Verdict.UNKNOWN),
        (STOPPAGE, {**STOPPAGE, "nic": "00027"}, Verdict.UNKNOWN),
        (STOPPAGE, {"siren": "999999998"}, Verdict.UNKNOWN),
        (STOPPAGE, {}, Verdict.UNKNOWN),
        ({}, STOPPAGE, Verdict.UNKNOWN),
        (STOPPAGE, {**STOPPAGE, "order": "douze"}, Verdict.UNKNOWN),
        ({**STOPPAGE, "business_id": "X"}, {**STOPPAGE, "business_id": "Y"}, Verdict.SAME),
        (
            {**STOPPAGE, "business_id": "X"},
            {k: v for k, v in STOPPAGE.items() if k != "order"} | {"business_id": "X"},
            Verdict.SAME,
        ),
        (MONTHLY, MONTHLY, Verdict.SAME),
        (MONTHLY, {**MONTHLY, "month": "2026-10"}, Verdict.SAME),
        (MONTHLY, {**MONTHLY, "month": "01112026"}, Verdict.OTHER),
        (MONTHLY, {**MONTHLY, "fraction": "12"}, Verdict.OTHER),
        # Without the month, a mensuelle cannot be told from that of another month.
        (MONTHLY, {k: v for k, v in MONTHLY.items() if k != "month"}, Verdict.UNKNOWN),
    ],
)
def test_what_a_report_echoes_is_compared(
    ours: dict[str, str], echo: dict[str, str], verdict: Verdict
) -> None:
    assert identity.compare(echo, ours) is verdict


@needs_examples
def test_the_official_certificate_and_report_echo_their_declaration() -> None:
    report = identity.echoed((EXAMPLES / "exemple_retour_11_BAN.xml").read_bytes())
    assert report == {
        "nature": "01",
        "type": "03",
        "fraction": "11",
        "order": "2",
        "month": "01012015",
        "siren": "300431533",
        "nic": "00037",
        "head_nic": "00037",
        "sender": "30043153300037",
        "norm": "P02V01",
        "trial": "02",
    }
    certificate = identity.echoed((EXAMPLES / "exemple_retour_11_CCO.xml").read_bytes())
    assert certificate is not None
    assert (certificate["siren"], certificate["order"]) == ("732829320", "1")
    assert "month" not in certificate


@needs_examples
@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.glob("*.xml")) if EXAMPLES.is_dir() else [], ids=lambda p: p.name
)
def test_every_official_example_can_be_looked_at(path: Path) -> None:
    echo = identity.echoed(path.read_bytes())
    assert echo is None or echo["siren"]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04", b"<a>", b"[1]", b"\xff"])
def test_a_document_that_is_no_report_echoes_nothing(content: bytes) -> None:
    assert identity.echoed(content) is None


def test_a_report_about_two_declarations_says_nothing_about_one() -> None:
    one = b"<declaration_identification><rang>1</rang></declaration_identification>"
    assert identity.echoed(b"<rapport>" + one + one + b"</rapport>") is None
