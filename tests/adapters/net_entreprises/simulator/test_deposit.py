"""What a deposit is answered, and what the ledger says arrived."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from adapters.net_entreprises.simulator.calling import (
    ACCOUNT,
    ENDED,
    MISSING,
    OTHER,
    Client,
    Clock,
    Start,
    hub,
    identity,
    in_xml,
)

from vaguemestre_dsn import samples
from vaguemestre_net_entreprises.simulator.platform import Account

# -- receipts


@pytest.mark.parametrize(
    ("version", "kind"), [("1.0", "application/xml"), ("2.0", "application/json")]
)
async def test_a_declaration_is_receipted_in_xml_whatever_the_type_says(
    client: Client, version: str, kind: str
) -> None:
    reply = await client.deposit(samples.mensuelle(), version)
    assert (reply.status, reply.headers["content-type"]) == (200, kind)
    report = ElementTree.fromstring(reply.body)
    assert report.tag == "{http://www.gip-mds.fr/}rapport"
    assert (report.get("type"), report.get("profil")) == ("AEE", "DSN")
    assert in_xml(reply.body, "envoi_etat") == "OK"
    assert in_xml(reply.body, "declarant/siret") == ACCOUNT[0]
    assert in_xml(reply.body, "essai_reel") == "02"


async def test_each_receipt_has_an_idflux_of_its_own(client: Client) -> None:
    found = set()
    for order in range(1, 6):
        reply = await client.deposit(samples.arret(order=order))
        found.add(in_xml(reply.body, "idflux"))
    assert len(found) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{23}", one) for one in found)


async def test_a_receipt_tells_the_time_of_paris(client: Client) -> None:
    reply = await client.deposit(samples.arret())
    assert in_xml(reply.body, "date_reception") == "2026-11-03"
    assert in_xml(reply.body, "heure_reception") == "10:00:00"


async def test_a_long_receipt_is_compressed_for_who_accepts_it_only(client: Client) -> None:
    packed = await client.deposit(samples.arret(order=1))
    assert packed.headers["content-encoding"] == "gzip"
    body = gzip.compress(samples.arret(order=2))
    plain = await client.ask(
        "POST",
        "/depot/deposer-dsn/1.0",
        body,
        {
            "Authorization": f"DSNLogin jeton={client.token}",
            "Content-Type": "text/plain",
            "Content-Encoding": "gzip",
        },
    )
    assert plain.status == 200
    assert "content-encoding" not in plain.headers
    assert plain.body.startswith(b"<?xml")


@pytest.mark.parametrize(
    "content",
    [
        b"nothing of the norm",
        b"\x00\x01",
        samples.arret() + b"more\r\n",
        b"S20.G00.05.001,'01'\r\n",
    ],
)
@pytest.mark.parametrize("version", ["1.0", "2.0"])
async def test_what_is_no_declaration_is_rejected_and_not_recorded(
    client: Client, content: bytes, version: str
) -> None:
    reply = await client.deposit(content, version)
    assert reply.status == 422
    assert ElementTree.fromstring(reply.body).get("type") == "ARE"
    assert in_xml(reply.body, "envoi_etat") == "KO"
    (record,) = client.simulator.ledger
    assert record["event"] == "refused"
    assert record["sha256"] == hashlib.sha256(content).hexdigest()
    listed = await client.consult("lister-depots/1.0/20261103095900")
    assert b"<idflux>" not in listed.body


@pytest.mark.parametrize("packed", [True, False])
async def test_an_empty_deposit_is_refused_without_a_body(client: Client, packed: bool) -> None:
    reply = await client.deposit(b"", packed=packed)
    assert (reply.status, reply.body) == (422, b"")
    assert client.simulator.ledger == []


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "application/xml"},
        {"content_type": "application/octet-stream"},
        {"content_encoding": "deflate"},
        {"content_encoding": ""},
    ],
)
async def test_another_type_or_encoding_is_not_supported(
    client: Client, headers: dict[str, Any]
) -> None:
    assert (await client.deposit(samples.arret(), **headers)).status == 415
    assert client.simulator.ledger == []


async def test_what_is_said_to_be_gzip_and_is_not_is_not_supported(client: Client) -> None:
    assert (await client.deposit(samples.arret(), packed=False)).status == 415
    cut = gzip.compress(samples.arret())[:-20]
    assert (await client.deposit(cut, packed=False)).status == 415
    assert client.simulator.ledger == []


async def test_who_accepts_no_gzip_deposits_nothing(client: Client) -> None:
    assert (await client.deposit(samples.arret(), accept_encoding="identity")).status == 406
    assert client.simulator.ledger == []


@pytest.mark.parametrize("version", ["1.1", "3.0", ""])
async def test_other_versions_are_not_there(client: Client, version: str) -> None:
    assert (await client.deposit(samples.arret(), version)).status == 404


async def test_a_deposit_is_posted(client: Client) -> None:
    assert (await client.get("/depot/deposer-dsn/1.0/")).status == 405


# -- tokens


@pytest.mark.parametrize(
    "authorization",
    ["", "DSNLogin jeton=", "DSNLogin jeton=unknown", "Bearer {}", "DSNLogin {}", "jeton={}"],
)
async def test_without_a_token_in_its_form_nothing_is_deposited(
    client: Client, authorization: str
) -> None:
    given = authorization.format(client.token)
    reply = await client.deposit(samples.arret(), authorization=given)
    assert (reply.status, reply.realm) == (401, MISSING)
    assert client.simulator.ledger == []


async def test_a_token_ends_when_it_was_said_to(start: Start, clock: Clock) -> None:
    client = await start(token_seconds=60)
    await client.sign_in()
    clock.advance(seconds=59)
    assert (await client.deposit(samples.arret(order=1))).status == 200
    clock.advance(seconds=1)
    reply = await client.deposit(samples.arret(order=2))
    assert (reply.status, reply.realm) == (401, ENDED)
    await client.sign_in()
    assert (await client.deposit(samples.arret(order=2))).status == 200
    assert len(client.simulator.ledger) == 2


# -- concentrateur


async def test_a_concentrateur_deposits_for_a_declarant(start: Start) -> None:
    client = await start(accounts=[Account(*ACCOUNT), Account(*OTHER)])
    token = await client.sign_in(identity(service="98"))
    header = hub(token, ";".join(OTHER[:3]))
    reply = await client.deposit(samples.arret(), authorization=header)
    assert reply.status == 200
    assert in_xml(reply.body, "declarant/siret") == OTHER[0]
    assert client.simulator.ledger[0]["account"] == OTHER[0]
    client.token = await client.sign_in(identity(*OTHER))
    own = await client.consult("lister-depots/1.0/20261103095900")
    assert in_xml(own.body, "depot/idflux") == in_xml(reply.body, "idflux")


async def test_a_declarant_of_a_concentrateur_needs_no_account(start: Start) -> None:
    client = await start()
    token = await client.sign_in(identity(service="98"))
    reply = await client.deposit(
        samples.arret(), authorization=hub(token, "99999999700011;DURAND;ALIX")
    )
    assert in_xml(reply.body, "declarant/nom") == "DURAND"


@pytest.mark.parametrize(
    "declarant", ["", "99999999700011", "99999999700011;DURAND", "9;DURAND;ALIX", "a;b;c;d"]
)
async def test_a_concentrateur_says_in_full_whom_it_acts_for(start: Start, declarant: str) -> None:
    client = await start()
    token = await client.sign_in(identity(service="98"))
    reply = await client.deposit(samples.arret(), authorization=hub(token, declarant))
    assert (reply.status, reply.realm) == (401, MISSING)


async def test_the_two_modes_do_not_mix(start: Start) -> None:
    client = await start()
    await client.sign_in(identity(service="98"))
    assert (await client.deposit(samples.arret())).realm == MISSING
    token = await client.sign_in()
    header = hub(token, ";".join(ACCOUNT[:3]))
    assert (await client.deposit(samples.arret(), authorization=header)).realm == MISSING
    unpacked = f"DSNLogin concentrateur={token},declarant={';'.join(ACCOUNT[:3])}"
    assert (await client.deposit(samples.arret(), authorization=unpacked)).realm == MISSING


# -- the ledger


async def test_the_ledger_has_the_facts_of_what_arrived(client: Client, clock: Clock) -> None:
    content = samples.mensuelle(month="2026-09", order=7)
    reply = await client.deposit(content)
    assert client.simulator.ledger == [
        {
            "event": "deposit",
            "at": clock.now.isoformat(),
            "idflux": in_xml(reply.body, "idflux"),
            "account": ACCOUNT[0],
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "emitter": samples.SIRET,
            "siret": samples.SIRET,
            "nature": "01",
            "type": "01",
            "period": client.simulator.ledger[0]["period"],
            "order": "7",
            "declarations": 1,
            "essai": False,
        }
    ]
    assert client.simulator.ledger[0]["period"].endswith("092026")


async def test_the_ledger_knows_an_essai(client: Client) -> None:
    await client.deposit(samples.arret(test=True))
    assert client.simulator.ledger[0]["essai"] is True


async def test_the_same_bytes_twice_are_two_deposits(client: Client) -> None:
    for _ in range(2):
        assert (await client.deposit(samples.arret())).status == 200
    first, second = client.simulator.ledger
    assert first["sha256"] == second["sha256"]
    assert first["idflux"] != second["idflux"]


async def test_the_ledger_is_on_the_disk_when_the_answer_arrives(
    start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "ledger.jsonl"
    file.write_text('{"event": "deposit", "idflux": "of an earlier run"}\n')
    client = await start(ledger=file)
    await client.sign_in()
    for order in (1, 2):
        reply = await client.deposit(samples.arret(order=order))
        records = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        assert len(records) == 1 + order
        assert records[-1]["idflux"] == in_xml(reply.body, "idflux")
        assert records[1:] == client.simulator.ledger


async def test_a_user_agent_out_of_form_is_remarked_on_and_served(client: Client) -> None:
    reply = await client.deposit(samples.arret(), user_agent="python")
    assert reply.status == 200
    assert [record["event"] for record in client.simulator.ledger] == ["remark", "deposit"]
