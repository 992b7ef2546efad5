"""Listings in JSON: every irregular shape that the platform has, and what stands in them."""

from __future__ import annotations

import json
from typing import Any

from adapters.net_entreprises.simulator.calling import ACCOUNT, Client, Reply, deposited, in_xml

from vaguemestre_dsn import samples

WINDOW = "20261103093000/20261103103000"  # the clock says 10:00


def shape(reply: Reply, outer: str) -> tuple[set[str], Any]:
    """How a JSON listing with one row is built: its oddities, and that row."""
    found: set[str] = set()
    content = json.loads(reply.body)
    if outer not in content:
        found.add("no outer key")
    content = content.get(outer, content)
    row = content["flux" if outer == "retours" else "declarant"]
    if isinstance(row, dict) and outer == "retours":
        found.add("bare flux")
    row = row[0] if isinstance(row, list) else row
    if "Retour" in row:
        found.add("capital")
    row = row["depot"] if outer == "depots" else row.get("retour", row.get("Retour"))
    if isinstance(row, dict):
        found.add("bare row")
    return found, row[0] if isinstance(row, list) else row


async def test_returns_in_json_come_in_every_irregular_shape(client: Client) -> None:
    idflux = await deposited(client, samples.arret())
    shapes = []
    for _ in range(12):
        found, row = shape(await client.consult(f"lister-retours-flux/2.0/{idflux}"), "retours")
        shapes.append(found)
        assert (row["nature"], row["statut"]) == ("10", "OK")
        assert row["url"].endswith(f"/telecharger-retour/1.0/{idflux}/{row['id']}")
    assert set() in shapes
    assert set.union(*shapes) == {"no outer key", "bare flux", "bare row", "capital"}


async def test_deposits_in_json_come_in_every_irregular_shape(client: Client) -> None:
    idflux = await deposited(client, samples.arret())
    shapes = []
    for _ in range(4):
        found, row = shape(await client.consult(f"lister-depots/2.0/{WINDOW}"), "depots")
        shapes.append(found)
        assert row == {"idflux": idflux, "date": "20261103100000", "statut": "EN COURS"}
    assert set() in shapes
    assert set.union(*shapes) == {"no outer key", "bare row"}


async def test_several_rows_are_always_a_list(client: Client) -> None:
    wanted = {await deposited(client, samples.arret(order=order)) for order in (1, 2, 3)}
    for _ in range(4):
        content = json.loads((await client.consult(f"lister-depots/2.0/{WINDOW}")).body)
        rows = content.get("depots", content)["declarant"]["depot"]
        assert {row["idflux"] for row in rows} == wanted


async def test_the_declarant_is_named_in_deposits(client: Client) -> None:
    reply = await client.consult(f"lister-depots/1.0/{WINDOW}")
    who = [in_xml(reply.body, f"declarant/{name}") for name in ("siret", "nom", "prenom")]
    assert who == list(ACCOUNT[:3])
