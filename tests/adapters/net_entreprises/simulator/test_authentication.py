"""Who gets a token, and with which status and realm everybody else is refused."""

from __future__ import annotations

import base64
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from adapters.net_entreprises.simulator.calling import ACCOUNT, Client, Clock, Start, identity

from vaguemestre_net_entreprises.simulator.platform import BLOCK_AFTER, Account

WRONG = identity(motdepasse="Wrong-0")


async def test_a_good_password_gives_a_token_and_says_when_it_ends(
    start: Start, clock: Clock
) -> None:
    reply = await (await start(token_seconds=1800)).authenticate()
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/octet-stream"
    assert parsedate_to_datetime(reply.headers["expires"]) == clock.now + timedelta(minutes=30)
    assert base64.b64decode(reply.body, validate=True)


async def test_each_token_is_another(start: Start) -> None:
    client = await start()
    assert await client.sign_in() != await client.sign_in()


@pytest.mark.parametrize("service", ["25", "97", "26", "94", "98"])
async def test_each_service_that_there_is_gives_a_token(start: Start, service: str) -> None:
    assert (await (await start()).authenticate(identity(service=service))).status == 200


async def test_names_count_without_their_case(start: Start) -> None:
    body = identity(nom="Martin", prenom="claude")
    assert (await (await start()).authenticate(body)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        WRONG,
        identity(motdepasse="secret-123"),
        identity(siret="99999999800027"),
        identity(nom="DURAND"),
        identity(prenom="CLAUDINE"),
    ],
)
async def test_unknown_accounts_and_wrong_passwords_are_not_told_apart(
    start: Start, body: bytes
) -> None:
    reply = await (await start()).authenticate(body)
    assert (reply.status, reply.realm) == (401, 'Basic realm="net-entreprises.fr"')
    assert reply.body == b""


@pytest.mark.parametrize(
    ("state", "realm"),
    [
        ({"expired": True}, 'Basic realm="Expiration du mot de passe"'),
        ({"enrolled": False}, 'DSNLogin realm="Utilisateur non-inscrit au service"'),
    ],
)
async def test_a_good_password_is_refused_for_other_reasons_by_another_realm(
    start: Start, state: dict[str, Any], realm: str
) -> None:
    client = await start(accounts=[Account(*ACCOUNT, **state)])
    reply = await client.authenticate()
    assert (reply.status, reply.realm) == (401, realm)
    wrong = await client.authenticate(WRONG)
    assert wrong.realm == 'Basic realm="net-entreprises.fr"'


async def test_an_account_is_blocked_after_several_failures_in_a_row(start: Start) -> None:
    client = await start()
    for _ in range(BLOCK_AFTER):
        assert (await client.authenticate(WRONG)).status == 401
    assert (await client.authenticate(WRONG)).status == 403
    blocked = await client.authenticate()
    assert (blocked.status, blocked.realm) == (403, "")
    assert client.simulator.platform.calls["authentication_refused"] == BLOCK_AFTER + 2


async def test_a_success_forgives_the_failures_before_it(start: Start) -> None:
    client = await start()
    for _ in range(2):
        for _ in range(BLOCK_AFTER - 1):
            await client.authenticate(WRONG)
        assert (await client.authenticate()).status == 200


async def test_one_account_blocked_does_not_block_another_person_of_the_company(
    start: Start,
) -> None:
    other = (ACCOUNT[0], "DURAND", "ALIX", "Autre-456")
    client = await start(accounts=[Account(*ACCOUNT), Account(*other)])
    for _ in range(BLOCK_AFTER):
        await client.authenticate(WRONG)
    assert (await client.authenticate(identity())).status == 403
    assert (await client.authenticate(identity(*other))).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        identity().replace(b"siret>", b"SIRET>"),
        identity().replace(b"<service>25</service>", b""),
        identity().replace(b"<nom>MARTIN</nom><prenom>CLAUDE</prenom>", b"<prenom>CLAUDE</prenom>"),
        identity().replace(
            b"<nom>MARTIN</nom><prenom>CLAUDE</prenom>", b"<prenom>CLAUDE</prenom><nom>MARTIN</nom>"
        ),
        identity() + b"<more/>",
        identity(nom=""),
        identity(motdepasse=""),
        identity(siret="9999999980001"),
        identity(siret="999999998000190"),
        identity(nom="N" * 65),
        identity(prenom="P" * 40),
        identity(motdepasse="m" * 31),
        identity(service="125"),
        identity(service="11"),
        identity(motdepasse="a&b"),
        identity().replace(b"MARTIN", b"\xe9"),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + identity(),
    ],
)
async def test_a_form_that_is_not_exactly_right_is_a_form_error(start: Start, body: bytes) -> None:
    client = await start()
    assert (await client.authenticate(body)).status == 422
    assert (await client.authenticate()).status == 200


async def test_the_longest_values_are_taken(start: Start) -> None:
    longest = (ACCOUNT[0], "N" * 64, "P" * 39, "m" * 30)
    client = await start(accounts=[Account(*longest)])
    assert (await client.authenticate(identity(*longest))).status == 200


async def test_signs_of_xml_are_written_as_references_and_letters_in_utf_8(start: Start) -> None:
    client = await start(accounts=[Account(ACCOUNT[0], "LÉVÊQUE", "ZOÉ", "a&b<c>\"d'é")])
    written = "a&amp;b&lt;c&gt;&quot;d&apos;&#233;"
    body = identity(nom="LÉVÊQUE", prenom="ZOÉ", motdepasse=written)
    assert (await client.authenticate(body)).status == 200
    prolog = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    assert (await client.authenticate(prolog + body)).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/xml"},
        {"content_type": "application/json"},
        {"content_encoding": "gzip"},
    ],
)
async def test_another_type_or_a_compressed_body_is_not_supported(
    start: Start, headers: dict[str, Any]
) -> None:
    assert (await (await start()).authenticate(**headers)).status == 415


@pytest.mark.parametrize("accepted", ["identity", "deflate, br", "*", "gzip;q=0", "xgzip", ""])
async def test_who_accepts_no_gzip_is_not_acceptable(start: Start, accepted: str) -> None:
    assert (await (await start()).authenticate(accept_encoding=accepted)).status == 406


@pytest.mark.parametrize("accepted", ["gzip", "deflate, GZIP", "gzip;q=0.5, br"])
async def test_who_accepts_gzip_is_answered(start: Start, accepted: str) -> None:
    assert (await (await start()).authenticate(accept_encoding=accepted)).status == 200


@pytest.mark.parametrize("version", ["3.0", "1.0/more", ""])
async def test_other_versions_are_not_there(start: Start, version: str) -> None:
    assert (await (await start()).authenticate(version=version)).status == 404


async def test_a_token_is_not_had_by_asking_with_get(start: Start) -> None:
    assert (await (await start()).get("/services/authentifier/1.0/")).status == 405


# -- the MSA's own service


def msa(identifiant: str = ACCOUNT[0], motdepasse: str = ACCOUNT[3]) -> bytes:
    return (
        f"<identifiants><identifiant>{identifiant}</identifiant>"
        f"<motdepasse>{motdepasse}</motdepasse></identifiants>"
    ).encode()


async def signed_in_as(client: Client, body: bytes) -> int:
    return (await client.authenticate(body, version="2.0")).status


async def test_the_msa_wants_an_identifier_and_a_password(start: Start) -> None:
    other = ("99999999700011", "DURAND", "ALIX", "Autre-456")
    client = await start(accounts=[Account(*ACCOUNT), Account(*other)])
    assert await signed_in_as(client, msa()) == 200
    assert await signed_in_as(client, msa(other[0], other[3])) == 200


async def test_the_msa_refuses_in_its_own_realm(start: Start) -> None:
    reply = await (await start()).authenticate(msa(motdepasse="Wrong-0"), version="2.0")
    assert (reply.status, reply.realm) == (401, 'Basic realm="msa.fr"')


@pytest.mark.parametrize(
    "body", [identity(), msa(identifiant="i" * 31), msa(motdepasse="m" * 31), msa(identifiant="")]
)
async def test_the_msa_takes_no_other_form(start: Start, body: bytes) -> None:
    assert await signed_in_as(await start(), body) == 422


async def test_the_common_service_takes_no_form_of_the_msa(start: Start) -> None:
    assert (await (await start()).authenticate(msa())).status == 422


async def test_time_is_told_in_gmt(start: Start) -> None:
    reply = await (await start()).authenticate()
    assert reply.headers["expires"].endswith(" GMT")
    assert parsedate_to_datetime(reply.headers["date"]).tzinfo == UTC
