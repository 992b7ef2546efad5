"""Each family of reports is read as its schema says, whatever its version."""

from __future__ import annotations

import pytest
from plugins.dsn.reading.documents import (
    IDFLUX,
    NIR,
    action,
    archive,
    bpij,
    neores,
    oc,
    oc_return,
    pas_rates,
)

from vaguemestre.api import Announcement, Document, Effect, ReturnSummary, Severity
from vaguemestre_dsn.returns import AnnouncedReader, GipMdsReader


def read(content: bytes, announcement: Announcement | None = None) -> ReturnSummary:
    summary = GipMdsReader().read(Document(content=content), announcement)
    assert summary is not None
    return summary


def announced(nature: str, status: str = "OK") -> Announcement:
    return Announcement(reference="ref", nature=nature, status=status, organism="Urssaf")


# -- the rates of the withholding tax


def test_the_rates_of_employees_are_a_table_with_the_identifier_to_declare() -> None:
    summary = read(pas_rates(2))
    assert (summary.nature, summary.status, summary.effect) == ("94", "OK", Effect.NONE)
    assert summary.tables["pas_rates"][1] == {
        "establishment": "99999999800019",
        "rate_identifier": "77",
        "nir": NIR,
        "matricule": "M00001",
        "rate": "1.50",
    }
    assert "logiciel de paie" in summary.advice


def test_corrections_are_never_taken_for_rates() -> None:
    tables = read(pas_rates(1, kind="95")).tables
    assert list(tables) == ["pas_corrections"]
    assert list(read(pas_rates(1), announced("95")).tables) == ["pas_corrections"]


def test_every_rate_of_a_large_employer_is_read() -> None:
    assert len(read(pas_rates(30_000)).tables["pas_rates"]) == 30_000


# -- NEOReS


@pytest.mark.parametrize("prefix", ["", "g:"])
def test_a_neores_report_names_what_to_correct_and_whom_it_is_about(prefix: str) -> None:
    summary = read(neores(action(people=2, rubriques=2), action("B2"), prefix=prefix))
    assert (summary.family, summary.nature, summary.status) == ("neores", "119", "ANO")
    assert (summary.organism, summary.reference) == ("Caisse A", IDFLUX)
    assert summary.effect is Effect.TO_CHECK
    first = summary.findings[0]
    assert (first.code, first.message, first.count) == ("A1", "Écart. À corriger.", 2)
    assert first.rubrique == "S21.G00.78.000"
    rows = summary.tables["anomalies"]
    assert [(r["matricule"], r["rubrique"][-3:], r["accepted"]) for r in rows[:4]] == [
        ("M0", "000", "2, 3"),
        ("M0", "001", "2, 3"),
        ("M1", "000", "2, 3"),
        ("M1", "001", "2, 3"),
    ]
    assert summary.identity["month"] == "01102026"


@pytest.mark.parametrize(
    ("kind", "state", "status"),
    [
        ("01", "", "ANO"),
        ("02", "", "ANO"),
        ("04", "", "OK"),
        ("04", "KO", "KO"),
        ("01", "OK", "OK"),
    ],
)
def test_without_a_verdict_the_actions_decide(kind: str, state: str, status: str) -> None:
    assert read(neores(action(kind=kind), state=state)).status == status


def test_the_size_of_the_workforce_is_a_table() -> None:
    size = (
        "<RO_B004><RO_B004_R002>Calcul de l'effectif</RO_B004_R002><RO_B004_R003>04"
        "</RO_B004_R003><RO_B008><RO_B008_R001>M01</RO_B008_R001><RO_B008_R002>4.70"
        "</RO_B008_R002></RO_B008></RO_B004>"
    )
    summary = read(neores(size, nature="22", state=""))
    assert (summary.nature, summary.status, summary.findings) == ("", "OK", ())
    assert summary.tables["effectifs"][0]["value"] == "4.70"


def test_a_report_about_twenty_thousand_employees_is_read_to_its_end() -> None:
    one = "<RO_B009><RO_B009_R001>1</RO_B009_R001><RO_B009_R010>M</RO_B009_R010></RO_B009>"
    many = f"<RO_B004><RO_B004_R001>I</RO_B004_R001><RO_B004_R003>02</RO_B004_R003>{one * 20_000}"
    summary = read(neores(f"{many}</RO_B004>", nature="121", state="KO"))
    assert summary.status == "KO"
    assert summary.findings[0].severity is Severity.BLOCKING
    assert len(summary.tables["identification"]) == 20_000


# -- complementary organisms


@pytest.mark.parametrize(
    ("code", "status", "changes"),
    [
        ("0", "OK", Effect.NONE),
        ("1", "ANO", Effect.TO_CHECK),
        ("2", "ANO", Effect.TO_CHECK),
        ("3", "KO", Effect.TO_CHECK),
        ("7", "unknown", Effect.NONE),
    ],
)
def test_an_organism_says_how_much_it_took_over(code: str, status: str, changes: Effect) -> None:
    summary = read(oc(code))
    assert (summary.family, summary.status, summary.effect) == ("oc", status, changes)
    assert summary.organism == "Mutuelle générale"
    assert "Mutuelle générale" in summary.label


def test_errors_are_findings_and_informations_are_only_rows() -> None:
    returns = oc_return("EAFF01", "C") + oc_return("EAFF02") + oc_return("IAFF03")
    summary = read(oc("2", returns=returns))
    assert [(f.code, f.severity) for f in summary.findings] == [
        ("EAFF01", Severity.BLOCKING),
        ("EAFF02", Severity.WARNING),
    ]
    rows = summary.tables["anomalies"]
    assert [row["category"] for row in rows] == ["error", "error", "information"]
    assert rows[0]["nir"] == NIR


def test_a_plain_acknowledgement_is_ok() -> None:
    assert read(oc("", kind="1")).status == "OK"


# -- daily allowances


def test_each_payment_of_a_slip_names_establishment_and_person() -> None:
    summary = read(bpij())
    assert (summary.family, summary.status, summary.reference) == ("bpij", "OK", "42")
    rows = summary.tables["bpij"]
    assert [(row["nir"], row["family_name"], row["amount"]) for row in rows] == [
        (NIR, "MARTIN", "207.35"),
        (NIR, "MARTIN", "207.35"),
        ("2850575001002", "DUBOIS", "207.35"),
        ("2850575001002", "DUBOIS", "207.35"),
        ("2850575001002", "DUBOIS", "10.00"),
    ]
    assert {row["establishment"] for row in rows} == {"99999999800027"}
    assert rows[-1]["kind"] == "paid later"


# -- what is no report


def test_a_zip_is_listed_and_its_reports_are_read() -> None:
    packed = archive(aer__pdf=b"%PDF-1.7", crm__xml=neores(action()), note__txt=b"bonjour")
    summary = read(packed, announced("44"))
    assert (summary.family, summary.nature, summary.status) == ("zip", "44", "OK")
    assert [(r["name"], r["family"], r.get("status")) for r in summary.tables["documents"]] == [
        ("aer.pdf", "pdf", ""),
        ("crm.xml", "neores", "ANO"),
        ("note.txt", "text", ""),
    ]
    assert [finding.code for finding in summary.findings] == ["A1"]
    assert summary.effect is Effect.NONE


def test_a_loose_zip_without_reports_is_left_to_other_readers() -> None:
    reader = GipMdsReader()
    assert reader.read(Document(content=archive(a__txt=b"x")), None) is None
    assert reader.read(Document(content=archive(a__xml=bpij())), None) is not None


@pytest.mark.parametrize("nature", ["44", "11", "94"])
def test_a_web_page_says_nothing_of_the_declaration(nature: str) -> None:
    page = b"\n<!DOCTYPE html><html><body>Maintenance</body></html>"
    summary = AnnouncedReader().read(Document(content=page), announced(nature, "KO"))
    assert summary is not None
    assert (summary.family, summary.status, summary.effect) == ("html", "unknown", Effect.NONE)
    assert "page web" in summary.label


def test_a_plain_text_is_shown_in_its_own_letters() -> None:
    text = "Déclaration reçue\r\nMerci\r\n".encode("latin-1")
    summary = AnnouncedReader().read(Document(content=text), announced("60"))
    assert summary is not None
    assert summary.tables["text"] == [{"line": "Déclaration reçue"}, {"line": "Merci"}]
