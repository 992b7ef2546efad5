"""Every example that the platform publishes is read right.

What is expected was written down by reading the XML; the reader was not asked.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from vaguemestre.api import Document, Effect, ReturnSummary
from vaguemestre_dsn.returns import GipMdsReader

EXAMPLES = Path(__file__).resolve().parents[5] / "shared/reference/gipmds/exemples"

NONE, REFUSED, CHECK, CERTIFICATE = (
    Effect.NONE,
    Effect.REFUSED,
    Effect.TO_CHECK,
    Effect.CERTIFICATE,
)
#: File, nature by its own words, status, effect, organism, codes of its findings in their order.
EXPECTED = [
    ("CRM-DSN-OC-P3-V1.1.4-Exemple-AR", "", "OK", NONE, "Raison sociale Organisme", []),
    (
        "CRM-DSN-OC-P3-V1.1.4-Exemple-CRC",
        "",
        "ANO",
        CHECK,
        "Raison sociale organisme",
        ["EADH02", "EVER17", "ECIN05"],
    ),
    ("Exemple-93-DGFIP-crm-financier", "93", "KO", CHECK, "", ["CBS03"]),
    ("Exemple-94-DGFIP-crm-nominatif", "94", "OK", NONE, "", ["ADR05"]),
    ("exemple_retour_10_AEE", "10", "OK", NONE, "", []),
    ("exemple_retour_10_ARE", "10", "KO", REFUSED, "", ["B1-105-15"]),
    ("exemple_retour_114_CRM_SADV", "114", "OK", NONE, "", []),
    (
        "exemple_retour_116_CRM_CIBTP",
        "21",  # it says so itself; the listing says 116
        "ANO",
        CHECK,
        "",
        ["S10.G00.00.005-C01", "S21.G00.40.005-C01", "S21.G00.40.041-C01"],
    ),
    ("exemple_retour_117_CRM_BMCC_Circuit_10_RG", "117", "OK", NONE, "", []),
    ("exemple_retour_118_CRM_Effectifs_ACOSS", "", "OK", NONE, "ACOSS", []),
    (
        "exemple_retour_119_CRM_ACOSS_ANO",
        "119",
        "ANO",
        CHECK,
        "URSSAF Caisse Nationale",
        ["UR_ANO_ASS_DIPA01a", "UR_ANO_ASS_CAM_DIDAPA15a"],
    ),
    ("exemple_retour_11_BAN", "11", "KO", REFUSED, "", ["CSL-01"]),
    ("exemple_retour_11_CCO", "11", "OK", CERTIFICATE, "", []),
    (
        "exemple_retour_120_CRM_ACOSS_ANO",
        "120",
        "ANO",
        CHECK,
        "URSSAF Caisse Nationale",
        ["UR_ANO_CTP_DACFP05"],
    ),
    ("exemple_retour_121_CRM_ID_KO", "121", "KO", CHECK, "Bloc 3 CNAV", ["CNVANOIDE9A"]),
    (
        "exemple_retour_124_CRM_ACOSS_ANO",
        "124",
        "ANO",
        CHECK,
        "URSSAF Caisse Nationale",
        [
            "UR_ANO_ASS_PLF_DIPA01I",
            "UR_ANO_RDG_DIDAEXO01",
            "UR_ANO_RDG_DIEXO05a",
            "UR_ANO_CTR_DI53c",
        ],
    ),
    ("exemple_retour_130_CRM_MSA_OK", "130", "OK", NONE, "MSA DU NORD PAS DE CALAIS", []),
    (
        "exemple_retour_132_CRM_URSSAF_ANO",
        "132",
        "ANO",
        CHECK,
        "URSSAF PACA",
        ["UR_ANO_ASS_PLF_DIPA01I", "UR_ANO_ASS_PLF_DIPA01J"],
    ),
    (
        "exemple_retour_135_CRM_FCTU_FRANCE_TRAVAIL_ANO",
        "135",
        "ANO",
        CHECK,
        "France Travail",
        ["FT0013"],
    ),
    (
        "exemple_retour_20_BIS_mensuelle",
        "20",
        "OK",
        NONE,
        "",
        ["I0310", "I0310", "I0310", "I0310", "I0320"],
    ),
    ("exemple_retour_21_CID", "21", "OK", NONE, "", ["C0202", "C0202", "C0201"]),
    ("exemple_retour_31_CRM_CNAM_1", "31", "KO", CHECK, "", ["PMNR"]),
    ("exemple_retour_34_CRM_CNAM", "34", "OK", NONE, "", []),
    (
        "exemple_retour_61_CRM_URSSAF",
        "61",
        "OK",
        NONE,
        "",
        ["BA-209-09", "BA-210-01", "BA-210-01"],
    ),
]
#: File, table, number of rows, what stands in the first one.
TABLES = [
    (
        "Exemple-94-DGFIP-crm-nominatif",
        "pas_rates",
        1,
        {
            "establishment": "45678912354321",
            "nir": "9999999999999",
            "matricule": "MAT00009825",
            "rate": "14.00",
            "rate_identifier": "123456789123456789",
        },
    ),
    (
        "Exemple-94-DGFIP-crm-nominatif",
        "anomalies",
        1,
        {"matricule": "MAT00029643", "value": "Bordeau"},
    ),
    (
        "exemple_retour_34_CRM_CNAM",
        "at_rates",
        2,
        {"section": "01", "valid_from": "2019-07-10", "rate_patronale": "3.41", "risk": "123AB"},
    ),
    (
        "exemple_retour_117_CRM_BMCC_Circuit_10_RG",
        "bonus_malus",
        1,
        {"valid_from": "2023-09-01", "valid_to": "2024-08-31", "rate_patronale": "3.66"},
    ),
    (
        "exemple_retour_118_CRM_Effectifs_ACOSS",
        "effectifs",
        1,
        {"value": "4.70", "valid_from": "2021-01-01", "valid_to": "2021-01-31"},
    ),
    (
        "exemple_retour_20_BIS_mensuelle",
        "identification",
        5,
        {"nir": "1200125463001", "known_nir": "1200125463006", "matricule": "15373"},
    ),
    (
        "exemple_retour_121_CRM_ID_KO",
        "identification",
        2,
        {"nir": "1232067090123", "birth_date": "1969-11-22", "matricule": "mat123"},
    ),
    ("exemple_retour_114_CRM_SADV", "contracts", 1, {"contract": "Contrat1a", "job": "720a"}),
    (
        "exemple_retour_116_CRM_CIBTP",
        "anomalies",
        3,
        {"line": "12", "value": "01"},
    ),
    (
        "exemple_retour_119_CRM_ACOSS_ANO",
        "anomalies",
        10,
        {"matricule": "80000053", "contract": "00001", "rubrique": "S21.G00.40.020"},
    ),
    (
        "exemple_retour_135_CRM_FCTU_FRANCE_TRAVAIL_ANO",
        "anomalies",
        1,
        {"rubrique": "S21.G00.63.002", "value": "2026-02-27", "expected": "2026-03-01"},
    ),
    (
        "CRM-DSN-OC-P3-V1.1.4-Exemple-CRC",
        "anomalies",
        5,
        {"rubrique": "S21.G00.15.001", "value": "C123", "expected": "C321"},
    ),
]


def read(name: str) -> ReturnSummary:
    file = EXAMPLES / f"{name}.xml"
    if not file.exists():
        pytest.skip("the platform's examples are not here")
    summary = GipMdsReader().read(Document(content=file.read_bytes()), None)
    assert summary is not None
    return summary


def test_every_example_is_expected() -> None:
    if not EXAMPLES.exists():
        pytest.skip("the platform's examples are not here")
    assert sorted(file.stem for file in EXAMPLES.glob("*.xml")) == sorted(e[0] for e in EXPECTED)


@pytest.mark.parametrize(("name", "nature", "status", "changes", "organism", "codes"), EXPECTED)
def test_status_organism_and_findings_are_right(
    name: str, nature: str, status: str, changes: Effect, organism: str, codes: list[str]
) -> None:
    summary = read(name)
    assert (summary.nature, summary.status, summary.effect) == (nature, status, changes)
    assert summary.organism == organism
    assert [finding.code for finding in summary.findings] == codes
    assert summary.reference
    assert summary.label


@pytest.mark.parametrize(("name", "table", "count", "first"), TABLES)
def test_what_clerks_need_stands_in_the_tables(
    name: str, table: str, count: int, first: dict[str, str]
) -> None:
    rows = read(name).tables[table]
    assert len(rows) == count
    assert {key: rows[0].get(key) for key in first} == first


def test_labels_and_findings_name_nobody() -> None:
    for name, *_rest in EXPECTED:
        summary = read(name)
        said = [
            summary.label,
            summary.advice,
            *(f"{f.message} {f.value}" for f in summary.findings),
        ]
        for row in (row for rows in summary.tables.values() for row in rows):
            for column in ("nir", "ntt", "known_nir"):
                assert all(row.get(column, "none") not in text for text in said), name
