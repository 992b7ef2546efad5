"""The documents behind the listings: who may have them, and until when."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from adapters.net_entreprises.simulator.calling import (
    ACCOUNT,
    ENDED,
    MISSING,
    OTHER,
    Client,
    Clock,
    Row,
    Start,
    deposited,
    identity,
    in_xml,
    returns,
)

from vaguemestre_dsn import samples
from vaguemestre_net_entreprises.simulator.platform import Account


async def only_return(client: Client) -> tuple[Row, str]:
    """The return of a fresh deposit, and the target of its document."""
    idflux = await deposited(client, samples.arret())
    (row,) = await returns(client, idflux)
    return row, row["url"].removeprefix(client.simulator.base)


async def test_a_document_is_where_the_listing_says(client: Client) -> None:
    row, target = await only_return(client)
    assert row["url"].startswith(client.simulator.base)
    reply = await client.get(target)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/xml")
    assert ElementTree.fromstring(reply.body).get("type") == "AEE"


async def test_a_document_is_the_receipt_to_the_byte(client: Client) -> None:
    receipt = await client.deposit(samples.arret())
    (row,) = await returns(client, in_xml(receipt.body, "idflux"))
    reply = await client.get(row["url"].removeprefix(client.simulator.base))
    assert reply.body == receipt.body


@pytest.mark.parametrize("end", ["0", "999", "one", "²", "-1", "1/2", ""])
async def test_what_was_never_there_is_not_found(client: Client, end: str) -> None:
    _, target = await only_return(client)
    quoted = end.replace("²", "%C2%B2")
    assert (await client.get(f"{target.rpartition('/')[0]}/{quoted}")).status == 404
    assert (await client.get(target)).status == 200


async def test_a_return_belongs_to_its_flow(client: Client) -> None:
    _, first = await only_return(client)
    idflux = await deposited(client, samples.arret(order=2))
    number = first.rpartition("/")[2]
    wrong = f"/telechargement/telecharger-retour/1.0/{idflux}/{number}"
    assert (await client.get(wrong)).status == 404


async def test_a_document_wants_a_token_that_lives(start: Start, clock: Clock) -> None:
    client = await start(token_seconds=60)
    await client.sign_in()
    _, target = await only_return(client)
    missing = await client.get(target, authorization="")
    assert (missing.status, missing.realm) == (401, MISSING)
    clock.advance(seconds=60)
    ended = await client.get(target)
    assert (ended.status, ended.realm) == (401, ENDED)


async def test_nobody_has_the_document_of_another(start: Start) -> None:
    client = await start(accounts=[Account(*ACCOUNT), Account(*OTHER)])
    await client.sign_in()
    _, target = await only_return(client)
    await client.sign_in(identity(*OTHER))
    assert (await client.get(target)).status == 404


async def test_a_document_is_asked_with_get_and_takes_gzip(client: Client) -> None:
    _, target = await only_return(client)
    assert (await client.ask("POST", target, b"")).status == 405
    assert (await client.get(target, accept_encoding="identity")).status == 406
    assert (await client.get(target.replace("1.0", "2.0"))).status == 404


async def test_an_overwritten_return_can_no_longer_be_had(start: Start, clock: Clock) -> None:
    client = await start("overwrite:seconds=60", return_delay=10)
    await client.sign_in()
    idflux = await deposited(client, samples.mensuelle())
    clock.advance(seconds=20)
    (first,) = [row for row in await returns(client, idflux) if row["nature"] == "62"]
    target = first["url"].removeprefix(client.simulator.base)
    before = await client.get(target)
    assert before.status == 200
    clock.advance(seconds=60)
    (later,) = [row for row in await returns(client, idflux) if row["nature"] == "62"]
    assert (first["statut"], later["statut"]) == ("OK", "ANO")
    assert later["publication"] > first["publication"]
    assert later["url"] != first["url"]
    assert (first["nature"], first["ops"]) == (later["nature"], later["ops"])
    assert (await client.get(target)).status == 404
    after = await client.get(later["url"].removeprefix(client.simulator.base))
    assert after.status == 200
    assert after.body != before.body
