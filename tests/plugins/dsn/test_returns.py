"""What a report means for its deposit, and that no document can do harm."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre.api import Announcement, Document, Effect, ReturnSummary, Severity
from vaguemestre_dsn.reading import xml
from vaguemestre_dsn.returns import AnnouncedReader, GipMdsReader, effect

EXAMPLES = Path(__file__).resolve().parents[4] / "shared/reference/gipmds/exemples"

IDENTIFICATION = (
    "<declaration_identification><rang>1</rang><nature>1</nature><type>01</type>"
    "<fraction>11</fraction><ordre>0</ordre><mois>01102026</mois>"
    "<identifiant_metier>VGM</identifiant_metier><SIREN>999999998</SIREN>"
    "<nic_affectation>19</nic_affectation></declaration_identification>"
)
ENVELOPE = (
    "<envoi_identification><idflux>WSaah7AQlUpYL5RsQssseG.</idflux>"
    "<version_norme>P26V01</version_norme><essai_reel>02</essai_reel>"
    "<emetteur_siret>99999999800019</emetteur_siret></envoi_identification>"
)


def anomaly(
    code: str = "CSL-01",
    category: str = "bloquant",
    message: str = "Trop long.",
    rubrique: str = "S10.G00.00.002",
    value: str = "x",
    holder: str = "envoi_anomalie",
) -> str:
    kind = f"<categorie>{category}</categorie>" if category else ""
    return (
        f"<{holder}><description><code>{code}</code>{kind}<message>{escape(message)}</message>"
        "<numero_ligne>2</numero_ligne></description><valeurs><rubrique_declenchante>"
        f"<identifiant>{rubrique}</identifiant><valeur>{value}</valeur></rubrique_declenchante>"
        f"</valeurs></{holder}>"
    )


def report(
    kind: str,
    state: str = "OK",
    *,
    own: str = "",
    anomalies: str = "",
    declarations: int = 1,
    version: str = "v01r06",
) -> bytes:
    declaration = (
        f"<declaration>{IDENTIFICATION}<declaration_bilan><etat>{own or state}</etat>"
        "</declaration_bilan></declaration>"
    )
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<g:rapport profil="DSN" '
        f'type="{kind}" version="{version}" xmlns:g="http://www.gip-mds.fr/"><envoi>{ENVELOPE}'
        f"<envoi_bilan><envoi_etat>{state}</envoi_etat></envoi_bilan>{anomalies}</envoi>"
        f"{declaration * declarations}</g:rapport>"
    ).encode("latin-1")


def announced(nature: str, status: str) -> Announcement:
    return Announcement(reference="ref", nature=nature, status=status, organism="Urssaf")


def read(content: bytes, announcement: Announcement | None = None) -> ReturnSummary:
    summary = GipMdsReader().read(Document(content=content), announcement)
    assert summary is not None
    return summary


# -- what is understood


@pytest.mark.parametrize(
    ("content", "nature", "status", "changes"),
    [
        (report("AEE"), "10", "OK", Effect.NONE),
        (report("ARE", "KO", declarations=0), "10", "KO", Effect.REFUSED),
        (report("CCO"), "11", "OK", Effect.CERTIFICATE),
        (report("CCO", "ANO"), "11", "ANO", Effect.CERTIFICATE),
        (report("BAN", "KO"), "11", "KO", Effect.REFUSED),
        (report("20"), "20", "OK", Effect.NONE),
        (report("31", "KO"), "31", "KO", Effect.TO_CHECK),
        (report("114", "ANO"), "114", "ANO", Effect.TO_CHECK),
        (report("CRACOSS"), "61", "OK", Effect.NONE),
        (report("CRM nominatif"), "94", "OK", Effect.NONE),
        (report("34", "OK", own="KO"), "34", "KO", Effect.TO_CHECK),
    ],
)
def test_type_and_state_decide(content: bytes, nature: str, status: str, changes: Effect) -> None:
    summary = read(content)
    assert (summary.family, summary.nature, summary.status, summary.effect) == (
        "gipmds:rapport",
        nature,
        status,
        changes,
    )
    assert summary.reference == "WSaah7AQlUpYL5RsQssseG."


def test_the_announced_nature_and_organism_win() -> None:
    summary = read(report("21", "ANO"), announced("116", "ANO"))
    assert (summary.nature, summary.organism, summary.effect) == ("116", "Urssaf", Effect.TO_CHECK)


def test_every_version_is_read() -> None:
    for version in ("v01r08", "v02r03", "v9"):
        assert read(report("CCO", version=version)).effect is Effect.CERTIFICATE


def test_the_identity_has_the_keys_and_the_forms_of_the_declaration() -> None:
    assert read(report("CCO")).identity == {
        "sender": "99999999800019",
        "norm": "P26V01",
        "nature": "01",
        "type": "01",
        "fraction": "11",
        "order": "0",
        "month": "01102026",
        "business_id": "VGM",
        "siren": "999999998",
        "nic": "00019",
    }


def test_a_report_about_several_declarations_identifies_none() -> None:
    assert read(report("CCO", declarations=2)).identity == {}


def test_findings_have_severity_place_and_message() -> None:
    summary = read(
        report("BAN", "KO", anomalies=anomaly(category="non-bloquant", code="SIG-1") + anomaly())
    )
    first, second = summary.findings
    assert (first.code, first.severity, first.rubrique) == (
        "CSL-01",
        Severity.BLOCKING,
        "S10.G00.00.002",
    )
    assert (first.line, first.value, first.message) == (2, "x", "Trop long.")
    assert (second.code, second.severity) == ("SIG-1", Severity.WARNING)


def test_findings_without_a_category_block_only_in_a_refusal() -> None:
    refused = read(report("ARE", "KO", anomalies=anomaly(category="")))
    told = read(report("20", "OK", anomalies=anomaly(category="", holder="declaration_anomalie")))
    assert refused.findings[0].severity is Severity.BLOCKING
    assert told.findings[0].severity is Severity.WARNING


def test_personal_values_are_left_out_of_findings() -> None:
    text = "Le NIR 1850175123456 de DUPONT est inconnu (185017512345678)."
    found = anomaly(rubrique="S21.G00.30.002", value="DUPONT", message=text)
    (finding,) = read(report("21", "KO", anomalies=found)).findings
    assert finding.value == ""
    assert "DUPONT" not in finding.message
    assert "1850175123456" not in finding.message
    assert "185017512345678" not in finding.message
    assert "inconnu" in finding.message


def test_a_certificate_of_a_test_says_that_nothing_is_declared() -> None:
    content = report("CCO").replace(b"<essai_reel>02", b"<essai_reel>01")
    assert "rien n'est déclaré" in read(content).label


def test_parts_that_an_organism_rebuilt_do_not_count_as_the_declaration() -> None:
    rebuilt = (
        b"<declaration_reconstituee><type>AED</type><etat>KO</etat></declaration_reconstituee>"
    )
    content = report("21").replace(b"</declaration_bilan>", rebuilt + b"</declaration_bilan>")
    assert read(content).status == "OK"


# -- who decides when document and listing are not the same


@pytest.mark.parametrize(
    ("kind", "status", "listed", "changes"),
    [
        ("CCO", "OK", "OK", Effect.CERTIFICATE),
        ("CCO", "OK", "EN COURS", Effect.CERTIFICATE),
        ("CCO", "OK", "KO", Effect.TO_CHECK),
        ("CCO", "KO", "OK", Effect.TO_CHECK),
        ("CCO", "unknown", "OK", Effect.NONE),
        ("BAN", "KO", "KO", Effect.REFUSED),
        ("BAN", "KO", "OK", Effect.TO_CHECK),
        ("BAN", "unknown", "KO", Effect.REFUSED),
        ("", "unknown", "OK", Effect.NONE),
        ("", "unknown", "KO", Effect.REFUSED),
        ("", "unknown", "ANO", Effect.TO_CHECK),
        ("", "unknown", "EN COURS", Effect.NONE),
    ],
)
def test_controls_count_only_when_document_and_listing_agree(
    kind: str, status: str, listed: str, changes: Effect
) -> None:
    assert effect("11", kind, status, listed) is changes


def test_a_later_report_is_to_be_checked_if_either_says_so() -> None:
    assert effect("61", "61", "OK", "ANO") is Effect.TO_CHECK
    assert effect("61", "61", "KO", "OK") is Effect.TO_CHECK
    assert effect("61", "61", "OK", "EN COURS") is Effect.NONE


# -- documents that nobody reads


@pytest.mark.parametrize(
    ("content", "family"),
    [(b"", "unread"), (b"%PDF-1.7", "pdf"), (b"<Fichier/>", "text"), (b"texte", "text")],
)
def test_other_documents_are_left_to_other_readers(content: bytes, family: str) -> None:
    document = Document(content=content)
    assert GipMdsReader().read(document, announced("11", "OK")) is None
    summary = AnnouncedReader().read(document, announced("50", "KO"))
    assert summary is not None
    assert (summary.family, summary.nature, summary.status) == (family, "50", "KO")
    assert (summary.reference, summary.organism) == ("ref", "Urssaf")
    assert summary.effect is Effect.TO_CHECK


def test_an_unread_certificate_certifies_nothing() -> None:
    summary = AnnouncedReader().read(Document(content=b"%PDF"), announced("11", "OK"))
    assert summary is not None
    assert summary.effect is Effect.NONE
    assert "non lu" in summary.label


def test_documents_of_other_platforms_are_not_claimed() -> None:
    document = Document(content=b"?")
    assert AnnouncedReader().read(document, None) is None
    assert AnnouncedReader().read(document, announced("SECU-AR", "OK")) is None


# -- damage and attacks


@pytest.mark.parametrize("kind", ["CCO", "BAN", "AEE", "20"])
def test_a_damaged_report_is_unknown_and_certifies_nothing(kind: str) -> None:
    whole = report(kind)
    for cut in (len(whole) - 1, len(whole) // 2):
        summary = read(whole[:cut])
        assert (summary.family, summary.status) == ("gipmds:rapport", "unknown")
        assert summary.effect is Effect.NONE


def test_what_stood_before_the_damage_is_kept() -> None:
    assert read(report("CCO")[:-5]).reference == "WSaah7AQlUpYL5RsQssseG."


def test_a_document_type_is_refused_and_no_entity_is_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    head = f'<!DOCTYPE r [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
    content = report("CCO").replace(b"<g:rapport", head + b"<g:rapport", 1)
    content = content.replace(b"WSaah7AQlUpYL5RsQssseG.", b"&e;")
    summary = read(content)
    assert (summary.status, summary.effect, summary.reference) == ("unknown", Effect.NONE, "")


def test_a_bomb_of_entities_is_refused() -> None:
    entities = b"".join(
        b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n else b"ha") * 10) for n in range(12)
    )
    content = report("CCO").replace(b"<g:rapport", b"<!DOCTYPE r [" + entities + b"]><g:rapport", 1)
    summary = GipMdsReader().read(
        Document(content=content.replace(b"P26V01", b"&a11;")), announced("11", "OK")
    )
    assert summary is None or summary.effect is Effect.NONE


def test_a_giant_or_deep_document_is_unknown() -> None:
    start = b'<g:rapport type="CCO" xmlns:g="http://www.gip-mds.fr/">'
    for content in (
        start + b" " * xml.LARGEST + b"</g:rapport>",
        start + b"<a>" * 100_000,
        start + b"<a>" + b"x" * 11_000_000 + b"</a></g:rapport>",
        start + b"<envoi_anomalie>" + b"<a/>" * 20_000 + b"</envoi_anomalie></g:rapport>",
    ):
        summary = read(content, announced("11", "OK"))
        assert (summary.status, summary.effect) == ("unknown", Effect.NONE)


def test_findings_are_bounded() -> None:
    assert len(read(report("BAN", "KO", anomalies=anomaly() * 1000)).findings) <= 200


@given(st.data())
def test_random_edits_never_raise(data: st.DataObject) -> None:
    content = bytearray(report("BAN", "KO", anomalies=anomaly()))
    for _number in range(data.draw(st.integers(1, 10))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=4))
    summary = GipMdsReader().read(Document(content=bytes(content)), None)
    assert summary is None or summary.family == "gipmds:rapport"


# -- the platform's own examples


@pytest.mark.parametrize(
    ("name", "nature", "status", "changes"),
    [
        ("exemple_retour_10_AEE", "10", "OK", Effect.NONE),
        ("exemple_retour_10_ARE", "10", "KO", Effect.REFUSED),
        ("exemple_retour_11_BAN", "11", "KO", Effect.REFUSED),
        ("exemple_retour_11_CCO", "11", "OK", Effect.CERTIFICATE),
        ("exemple_retour_20_BIS_mensuelle", "20", "OK", Effect.NONE),
        ("exemple_retour_21_CID", "21", "OK", Effect.NONE),
        ("exemple_retour_31_CRM_CNAM_1", "31", "KO", Effect.TO_CHECK),
        ("exemple_retour_34_CRM_CNAM", "34", "OK", Effect.NONE),
        ("exemple_retour_61_CRM_URSSAF", "61", "OK", Effect.NONE),
        ("Exemple-93-DGFIP-crm-financier", "93", "KO", Effect.TO_CHECK),
        ("Exemple-94-DGFIP-crm-nominatif", "94", "OK", Effect.NONE),
        ("exemple_retour_114_CRM_SADV", "114", "OK", Effect.NONE),
        ("exemple_retour_117_CRM_BMCC_Circuit_10_RG", "117", "OK", Effect.NONE),
    ],
)
def test_the_examples_of_the_platform_are_understood(
    name: str, nature: str, status: str, changes: Effect
) -> None:
    file = EXAMPLES / f"{name}.xml"
    if not file.exists():
        pytest.skip("the platform's examples are not here")
    content = file.read_bytes()
    summary = read(content)
    assert (summary.nature, summary.status, summary.effect) == (nature, status, changes)
    assert summary.reference
    assert len(summary.findings) == content.count(b"<description>")
