"""No secret and no NIR reaches a log line; what support needs stays readable."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaguemestre import redaction
from vaguemestre.api import Credential
from vaguemestre.redaction import redact, register_credential, register_secret


@pytest.fixture(autouse=True)
def _own_secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(redaction, "_known", set())
    monkeypatch.setattr(redaction, "_known_pattern", None)
    yield


# Fictitious numbers: departments and orders that fit, of nobody.
NIRS = [
    "1850578006084",
    "185057800608436",
    "2991299999999",
    "285202A00608436",
    "2 85 05 78 006 084",
    "1 85 05 78 006 084 36",
    "1.85.05.2B.006.084",
    "1504278006084",
]


@pytest.mark.parametrize("nir", NIRS)
def test_a_nir_is_masked_wherever_it_stands(nir: str) -> None:
    for text in ("{}", "S21.G00.30.001,'{}'", "DSN_{}_x.txt", "nir={}.", "a {}\nb", "({})"):
        assert nir not in redact(text.format(nir))
        assert "***" in redact(text.format(nir))


@given(
    st.from_regex(
        r"\A[12][0-9]{2}(0[1-9]|1[0-2])([0-9]{2}|2[AB])[0-9]{6}([0-9]{2})?\Z",
    )
)
def test_every_nir_is_masked(nir: str) -> None:
    assert redact(f"value {nir} refused") == "value *** refused"


@pytest.mark.parametrize(
    "text",
    [
        "SIRET 73282932000074, SIREN 732829320",
        "SIRET 18505780060843 of fourteen digits",
        "SIRET 732 829 320 00074",
        "idflux F1RwdjpMGt6s6mIteMc1IeG",
        "idflux 41358177C5AD6C0000000000",
        "2026-01-05T08:30:00.123456Z",
        "20260105083000 20260105",
        "05012026",
        "sha256 1850578006084a5ed9970915327d0590983e08937c88bdbdab901e5f6a7b8c9d",
        "1.5 s, 1234567890 bytes, FR7630006000011234567890189",
        'DSNLogin realm="Jeton manquant ou invalide"',
        "deposit 185 of profile acme",
    ],
)
def test_what_support_needs_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "motdepasse=SeCr3t!x",
        "mot_de_passe = 'SeCr3t!x'",
        '{"motdepasse": "SeCr3t!x", "a": 1}',
        "password: SeCr3t!x",
        "<motdepasse>SeCr3t!x</motdepasse>",
        "<motdepasse>SeCr3t!x",
        "Authorization: DSNLogin jeton=SeCr3t!x",
        "{'Authorization': 'DSNLogin SeCr3t!x'}",
        "(b'Authorization', b'DSNLogin SeCr3t!x')",
        "DSNLogin jeton=SeCr3t!x",
        "DSNLogin concentrateur=SeCr3t!x,declarant=SeCr3t!x",
        "Bearer SeCr3t0x",
        "http://user:SeCr3t!x@proxy:3128/",
        "?token=SeCr3t!x&b=1",
    ],
)
def test_passwords_and_tokens_are_masked_behind_their_names(text: str) -> None:
    assert "SeCr3t" not in redact(text)


def test_what_stands_beside_a_secret_stays() -> None:
    assert redact("<a><motdepasse>x</motdepasse></a>") == "<a><motdepasse>***</motdepasse></a>"
    assert redact('{"motdepasse": "x y", "a": 1}') == '{"motdepasse": "***", "a": 1}'
    assert redact("?jeton=abc&b=1") == "?jeton=***&b=1"


SECRET = 'pâté "&" <croûte>'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        "pâté &quot;&amp;&quot; &lt;croûte&gt;",
        json.dumps(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_an_opened_secret_is_masked_in_every_form(form: str) -> None:
    register_secret("other")
    register_secret(SECRET)
    assert redact(f"sent {form} away").replace('"', "") == "sent *** away"


def test_of_a_credential_the_siret_stays_and_names_are_masked_as_words() -> None:
    fields = {"siret": "99999999800019", "nom": "MARC", "prenom": "LE", "motdepasse": "pw-12345"}
    register_credential(Credential(name="acme", fields=fields))
    assert redact("MARC pw-12345 99999999800019 MARCHE LE") == "*** *** 99999999800019 MARCHE LE"


@given(st.text(max_size=200))
def test_redaction_takes_any_text_and_is_stable(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
