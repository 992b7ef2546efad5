"""What the person with the password can rely on: an exact reason, and no needless try."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from adapters.net_entreprises.conftest import Connect
from adapters.net_entreprises.scripted import (
    SECRET,
    Platform,
    Step,
    aee,
    answer,
    numbered,
    order,
    raw,
    silence,
    until_close,
)

from vaguemestre.api import CredentialRefused, NoEffect, Receipt
from vaguemestre_net_entreprises.protocol import authentication
from vaguemestre_net_entreprises.protocol.messages import Answer


async def test_the_connection_test_only_authenticates(platform: Platform, connect: Connect) -> None:
    async with connect() as adapter:
        report = await adapter.check()
    assert report.ok
    (call,) = platform.calls
    assert call.body.decode() == (
        "<identifiants><siret>99999999800019</siret><nom>LÉVÊQUE &amp; FILS</nom>"
        "<prenom>ANNE-MARIE</prenom><motdepasse>Sec&lt;r&gt;et-123</motdepasse>"
        "<service>25</service></identifiants>"
    )
    assert call.headers["content-type"] == "application/xml"
    assert "content-encoding" not in call.headers


REASONS = [
    (401, 'Basic realm="net-entreprises.fr"', "mot de passe est erroné"),
    (401, 'Basic realm="msa.fr"', "mot de passe est erroné"),
    (401, 'Basic realm="Expiration du mot de passe"', "a expiré"),
    (401, 'BASIC  realm = "EXPIRATION  DU MOT DE PASSÉ"', "a expiré"),
    (401, 'DSNLogin realm="Utilisateur non-inscrit au service"', "lendemain"),
    (401, "", "mot de passe est erroné"),
    (403, "", "bloqué"),
    (422, "", "identification"),
]


@pytest.mark.parametrize(("status", "header", "words"), REASONS)
async def test_a_refused_credential_says_exactly_why(
    status: int, header: str, words: str, platform: Platform, connect: Connect
) -> None:
    head = {"WWW_Authenticate": header} if header else {}
    platform.on("POST /auth", answer(status, **head))
    async with connect() as adapter:
        report = await adapter.check()
        assert not report.ok
        assert words in report.message
        with pytest.raises(CredentialRefused, match=words):
            await adapter.deposit(order())
    assert platform.count("auth") == 1  # the refusal is shared by what was already on its way
    assert platform.count("deposer") == 0


def test_a_realm_is_known_also_when_its_accents_were_garbled() -> None:
    header = 'DSNLogin realm="Expiré à l’été"'.encode().decode("latin-1")
    assert authentication.realm(Answer(status=401, headers={"www-authenticate": header})) == (
        "expire a l’ete"
    )


@pytest.mark.parametrize(
    "script",
    [
        answer(404),
        answer(406),
        answer(407),
        answer(429),
        answer(500),
        answer(503),
        answer(302),
        answer(200),
        answer(200, b"<html>maintenance</html>"),
        answer(200, b"token\nwith lines"),
        answer(200, b"x" * 20_000),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nVG9"),
        silence,
    ],
)
async def test_when_no_token_can_be_had_nothing_is_deposited_and_nobody_is_blamed(
    script: Step, platform: Platform, connect: Connect
) -> None:
    platform.on("POST /auth", script)
    async with connect(timeout_seconds=0.3) as adapter:
        with pytest.raises(NoEffect) as caught:
            await adapter.deposit(order())
        assert not isinstance(caught.value, CredentialRefused)
        assert not (await adapter.check()).ok
    assert platform.count("deposer") == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("siret", "9999999980001"),
        ("siret", "9999999980001A"),
        ("nom", ""),
        ("nom", "N" * 65),
        ("prenom", "P" * 40),
        ("motdepasse", "m" * 31),
        ("motdepasse", ""),
        ("nom", "A\x00B"),
    ],
)
async def test_a_field_that_cannot_be_right_is_told_before_anything_is_sent(
    field: str, value: str, platform: Platform, connect: Connect
) -> None:
    async with connect({**SECRET, field: value}) as adapter:
        with pytest.raises(CredentialRefused) as caught:
            await adapter.deposit(order())
    assert not platform.calls
    assert not value or value not in str(caught.value)


async def test_the_longest_fields_and_a_siret_with_blanks_are_sent(
    platform: Platform, connect: Connect
) -> None:
    secret = {
        "siret": "999 999 998 00019",
        "nom": "É" * 64,
        "prenom": "P" * 39,
        "motdepasse": " " + "m" * 29,
    }
    async with connect(secret) as adapter:
        assert (await adapter.check()).ok
    body = platform.calls[0].body.decode()
    assert "<siret>99999999800019</siret>" in body
    assert f"<motdepasse> {'m' * 29}</motdepasse>" in body


async def test_the_other_body_shape_is_a_setting(platform: Platform, connect: Connect) -> None:
    secret = {**SECRET, "identifiant": "id-1"}
    async with connect(secret, authentication_body="msa") as adapter:
        assert (await adapter.check()).ok
    assert platform.calls[0].body == (
        b"<identifiants><identifiant>id-1</identifiant>"
        b"<motdepasse>Sec&lt;r&gt;et-123</motdepasse></identifiants>"
    )


async def test_a_hub_signs_for_its_declarant(platform: Platform, connect: Connect) -> None:
    platform.on("POST /deposer", answer(200, aee()))
    secret = {"siret": "99999999800019", "nom": "A", "prenom": "B", "motdepasse": "c"}
    async with connect(secret, caller="concentrateur") as adapter:
        await adapter.deposit(order())
    assert b"<service>98</service>" in platform.calls[0].body
    assert platform.calls[1].authorization == (
        "DSNLogin concentrateur=VG9rZW4=,declarant=OTk5OTk5OTk4MDAwMTk7QTtC"
    )


async def test_one_token_serves_all_calls_until_its_end(
    platform: Platform, connect: Connect
) -> None:
    platform.on("POST /deposer", numbered())
    async with connect() as adapter:
        async with trio.open_nursery() as nursery:
            for number in range(10):
                nursery.start_soon(adapter.deposit, order(number))
        await adapter.deposit(order(11))
    assert platform.count("auth") == 1


async def test_a_token_is_not_used_after_its_end(platform: Platform, connect: Connect) -> None:
    platform.on("POST /auth", answer(200, b"a", expires=0), answer(200, b"b", expires=3600))
    platform.on("POST /deposer", numbered())
    async with connect() as adapter:
        for number in range(3):
            assert isinstance(await adapter.deposit(order(number)), Receipt)
    assert [c.authorization[-1] for c in platform.of("deposer")] == ["a", "b", "b"]


@pytest.mark.parametrize(
    ("headers", "lifetime"),
    [
        ({}, 1140),
        ({"expires": "Thu, 01 Jan 2026 12:30:00 GMT"}, 1140),
        ({"expires": "0", "date": "Thu, 01 Jan 2026 12:00:00 GMT"}, 1140),
        (
            {
                "expires": "Thu, 01 Jan 2026 12:30:00 GMT",
                "date": "Thu, 01 Jan 2026 12:00:00 GMT",
            },
            1740,
        ),
        (
            {
                "expires": "Thu, 01 Jan 2026 12:00:10 GMT",
                "date": "Thu, 01 Jan 2026 12:00:00 GMT",
            },
            9,
        ),
    ],
)
def test_the_life_of_a_token_is_read_from_the_platforms_own_clock(
    headers: dict[str, Any], lifetime: float
) -> None:
    token = authentication.token(Answer(status=200, headers=headers, body=b" tok==\r\n"))
    assert (token.value, token.lifetime) == ("tok==", lifetime)
    assert "tok" not in repr(token)


async def test_callers_that_wait_for_one_refused_identification_share_its_refusal(
    platform: Platform, connect: Connect
) -> None:
    platform.on("POST /auth", answer(401))
    refused = []
    async with connect() as adapter:

        async def deposit(number: int) -> None:
            with pytest.raises(CredentialRefused):
                await adapter.deposit(order(number))
            refused.append(number)

        async with trio.open_nursery() as nursery:
            for number in range(12):
                nursery.start_soon(deposit, number)
    assert len(refused) == 12
    assert platform.count("auth") == 1


async def test_a_token_may_come_without_length_at_the_end_of_the_connection(
    platform: Platform, connect: Connect
) -> None:
    platform.on("POST /auth", raw(until_close(b"VG9rZW4=\n")))
    async with connect() as adapter:
        assert (await adapter.check()).ok
