"""The listings: their windows, their statuses and headers, and every shape that they come in."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import pytest
from adapters.net_entreprises.simulator.calling import (
    ACCOUNT,
    OTHER,
    Client,
    Clock,
    Reply,
    Start,
    deposited,
    hub,
    identity,
    in_xml,
)

from vaguemestre_dsn import samples
from vaguemestre_net_entreprises.simulator.platform import Account

WINDOW = "20261103093000/20261103103000"  # the clock says 10:00
DECLARANT = "lister-retours-declarant"
HUB = "lister-retours-concentrateur"
WINDOWED = ["lister-depots", DECLARANT, "lister-objets-declarant"]


async def arret(client: Client, order: int = 1) -> str:
    return await deposited(client, samples.arret(order=order))


def flows(reply: Reply) -> list[str]:
    """The flows or deposits of an XML listing."""
    assert reply.status == 200
    root = ElementTree.fromstring(reply.body)
    return [one.text or "" for one in [*root.findall(".//flux/id"), *root.findall(".//idflux")]]


# -- windows


@pytest.mark.parametrize("name", WINDOWED)
async def test_a_listing_says_its_width_and_when_to_ask_again(
    client: Client, clock: Clock, name: str
) -> None:
    reply = await client.consult(f"{name}/1.0/{WINDOW}")
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/xml"
    assert reply.headers["accept-ranges"] == "minutes=0-60"
    assert parsedate_to_datetime(reply.headers["expires"]) == clock.now + timedelta(minutes=2)


@pytest.mark.parametrize("name", ["lister-depots", DECLARANT])
async def test_version_2_is_json(client: Client, name: str) -> None:
    reply = await client.consult(f"{name}/2.0/{WINDOW}")
    assert reply.headers["content-type"] == "application/json"
    assert json.loads(reply.body)


@pytest.mark.parametrize("name", WINDOWED)
@pytest.mark.parametrize(
    ("window", "status"),
    [
        ("20261103093000/20261103103000", 200),
        ("20261103093000/20261103103001", 429),
        ("20261103090000", 200),
        ("20261103085959", 429),
        ("20251103090000", 429),
        ("20261103100000/20261103100000", 200),
    ],
)
async def test_a_window_is_as_wide_as_permitted_and_no_wider(
    client: Client, name: str, window: str, status: int
) -> None:
    assert (await client.consult(f"{name}/1.0/{window}")).status == status


async def test_the_widths_are_settings(start: Start) -> None:
    client = await start(returns_minutes=7, deposits_minutes=1440)
    await client.sign_in()
    for name, start_, width in [
        ("lister-depots", "20261102100000", 1440),
        (DECLARANT, "20261103095300", 7),
    ]:
        reply = await client.consult(f"{name}/1.0/{start_}")
        assert reply.headers["accept-ranges"] == f"minutes=0-{width}"
        assert (await client.consult(f"{name}/1.0/{int(start_) - 1000000}")).status == 429


@pytest.mark.parametrize("name", WINDOWED)
@pytest.mark.parametrize(
    "window",
    [
        "20261103",
        "2026110309300",
        "202611030930000",
        "2026-11-03T09:30",
        "20261303093000",
        "20261131093000",
        "20261103240000",
        "20261103096000",
        "00010101000000",
        "00000000000000",
        "2026110309300²",
        "٢٠٢٦١١٠٣٠٩٣٠٠٠",
        "20261103100001",
        "20261103093000/20261103092959",
        "20261103093000/later",
        "20261103093000/20261103094000/20261103095000",
    ],
)
async def test_bad_dates_are_form_errors(client: Client, name: str, window: str) -> None:
    quoted = "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in window)
    assert (await client.consult(f"{name}/1.0/{quoted}")).status == 422
    assert (await client.consult(f"{name}/1.0/{WINDOW}")).status == 200


async def test_both_bounds_belong_to_the_window(start: Start, clock: Clock) -> None:
    client = await start(return_delay=3600)
    await client.sign_in()
    clock.advance(milliseconds=999)
    idflux = await arret(client)
    clock.advance(minutes=5)
    held = ["20261103095000/20261103100000", "20261103100000/20261103100100"]
    missed = ["20261103095000/20261103095959", "20261103100001/20261103100100"]
    for name in ("lister-depots", DECLARANT):
        for window in held:
            assert idflux in flows(await client.consult(f"{name}/1.0/{window}"))
        for window in missed:
            assert flows(await client.consult(f"{name}/1.0/{window}")) == []


async def test_returns_are_listed_by_their_publication(start: Start, clock: Clock) -> None:
    client = await start(return_delay=600)
    await client.sign_in()
    idflux = await arret(client)
    clock.advance(minutes=9, seconds=59)
    later = f"{DECLARANT}/1.0/20261103100100/20261103110000"
    assert flows(await client.consult(later)) == []
    clock.advance(seconds=1)
    assert flows(await client.consult(later)) == [idflux]


async def test_nobody_sees_the_deposits_of_another(start: Start) -> None:
    client = await start(accounts=[Account(*ACCOUNT), Account(*OTHER)])
    await client.sign_in()
    idflux = await arret(client)
    await client.sign_in(identity(*OTHER))
    assert flows(await client.consult(f"lister-depots/1.0/{WINDOW}")) == []
    assert flows(await client.consult(f"{DECLARANT}/1.0/{WINDOW}")) == []
    assert (await client.consult(f"lister-retours-flux/1.0/{idflux}")).status == 404


async def test_colleagues_of_one_company_have_deposits_of_their_own(start: Start) -> None:
    colleague = (ACCOUNT[0], *OTHER[1:])
    client = await start(accounts=[Account(*ACCOUNT), Account(*colleague)])
    await client.sign_in()
    await arret(client)
    await client.sign_in(identity(*colleague))
    assert flows(await client.consult(f"lister-depots/1.0/{WINDOW}")) == []


async def test_a_deposit_goes_from_being_distributed_to_its_verdict(
    start: Start, clock: Clock
) -> None:
    client = await start(return_delay=10)
    await client.sign_in()
    good, again = await arret(client), await arret(client)
    for expected in ({good: "EN COURS", again: "EN COURS"}, {good: "OK", again: "KO"}):
        reply = await client.consult(f"lister-depots/1.0/{WINDOW}")
        rows = ElementTree.fromstring(reply.body).iter("depot")
        assert {r.findtext("idflux"): r.findtext("statut") for r in rows} == expected
        clock.advance(seconds=10)


# -- one flow


@pytest.mark.parametrize(
    ("idflux", "status"),
    [("unknown", 404), ("x" * 50, 404), ("x" * 51, 422), ("a/b", 422), ("a%2Fb", 404)],
)
async def test_a_flow_that_is_unknown_or_no_flow(client: Client, idflux: str, status: int) -> None:
    assert (await client.consult(f"lister-retours-flux/1.0/{idflux}")).status == status


@pytest.mark.parametrize("version", ["1.0", "2.0"])
async def test_a_known_flow_without_returns_is_empty(
    start: Start, clock: Clock, version: str
) -> None:
    client = await start("list-late:seconds=30")
    await client.sign_in()
    idflux = await arret(client)
    reply = await client.consult(f"lister-retours-flux/{version}/{idflux}")
    assert (reply.status, reply.body) == (200, b"")
    clock.advance(seconds=30)
    assert (await client.consult(f"lister-retours-flux/{version}/{idflux}")).body


# -- concentrateur


async def test_a_concentrateur_lists_what_it_deposited_for_all(start: Start) -> None:
    client = await start(accounts=[Account(*ACCOUNT), Account(*OTHER)], return_delay=0)
    token = await client.sign_in(identity(service="98"))
    mine, yours = (hub(token, ";".join(who[:3])) for who in (ACCOUNT, OTHER))
    found = set()
    for order, header in ((1, mine), (2, yours)):
        reply = await client.deposit(samples.arret(order=order), authorization=header)
        found.add(in_xml(reply.body, "idflux"))
    window = "20261103095500/20261103100500"
    reply = await client.consult(f"{HUB}/1.0/{window}", authorization=mine)
    assert reply.headers["accept-ranges"] == "minutes=0-10"
    assert set(flows(reply)) == found
    own = await client.consult(f"{DECLARANT}/1.0/{window}", authorization=yours)
    assert len(flows(own)) == 1
    wide = await client.consult(f"{HUB}/1.0/20261103095500/20261103100501", authorization=mine)
    assert wide.status == 429


async def test_only_a_concentrateur_lists_as_one(client: Client) -> None:
    assert (await client.consult(f"{HUB}/1.0/20261103095500")).status == 401


# -- objects


@pytest.mark.parametrize(
    "target",
    ["lister-objets-declarant/1.0/20261103093000", "lister-bpij-declarant/1.0/20261001/20261103"],
)
async def test_there_are_no_fpoc_and_no_bpij(client: Client, target: str) -> None:
    reply = await client.consult(f"{target}?siret=99999999800019&page=1")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/xml")
    root = ElementTree.fromstring(reply.body)
    assert (root.findtext("pageencours"), root.findtext("pagetotal")) == ("1", "1")


@pytest.mark.parametrize("dates", ["20261001000000", "20261301", "20261103/20261001", "later"])
async def test_bpij_have_days_only(client: Client, dates: str) -> None:
    assert (await client.consult(f"lister-bpij-declarant/1.0/{dates}")).status == 422


# -- what is not there, and for whom


@pytest.mark.parametrize(
    "target",
    [
        f"lister-depots/3.0/{WINDOW}",
        "lister-depots/1.0/",
        f"lister-retours/1.0/{WINDOW}",
        f"lister-objets-declarant/2.0/{WINDOW}",
        "lister-bpij-declarant/2.0/20261001",
        "",
    ],
)
async def test_other_listings_and_versions_are_not_there(client: Client, target: str) -> None:
    assert (await client.consult(target)).status == 404


@pytest.mark.parametrize("name", [*WINDOWED, HUB, "lister-retours-flux", "lister-bpij-declarant"])
async def test_without_a_token_nothing_is_listed(client: Client, name: str) -> None:
    reply = await client.consult(f"{name}/1.0/{WINDOW}", authorization="DSNLogin jeton=unknown")
    assert (reply.status, reply.realm) == (401, 'DSNLogin realm="Jeton manquant ou invalide"')


async def test_listings_are_asked_with_get_and_take_gzip(client: Client) -> None:
    target = f"/consultation/lister-depots/1.0/{WINDOW}"
    assert (await client.ask("POST", target, b"")).status == 405
    assert (await client.get(target, accept_encoding="br")).status == 406
