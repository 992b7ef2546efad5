"""What the platform says later of what it receipted: certificate, anomalies, reports, when."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from adapters.net_entreprises.simulator.calling import Client, Clock, Start, deposited, returns

from vaguemestre_dsn import samples


async def natures(client: Client, idflux: str) -> list[tuple[str, str]]:
    return [(row["nature"], row["statut"]) for row in await returns(client, idflux)]


async def report(client: Client, idflux: str, nature: str) -> ElementTree.Element:
    (row,) = [row for row in await returns(client, idflux) if row["nature"] == nature]
    reply = await client.get(row["url"].removeprefix(client.simulator.base))
    return ElementTree.fromstring(reply.body)


@pytest.fixture
async def client(start: Start) -> Client:
    """A client of a platform that takes ten seconds to the certificate."""
    found = await start(return_delay=10.0)
    await found.sign_in()
    return found


async def test_the_certificate_comes_after_the_delay_and_then_the_reports(
    client: Client, clock: Clock
) -> None:
    idflux = await deposited(client, samples.mensuelle())
    assert await natures(client, idflux) == [("10", "OK")]
    clock.advance(seconds=9)
    assert await natures(client, idflux) == [("10", "OK")]
    clock.advance(seconds=1)
    assert await natures(client, idflux) == [("10", "OK"), ("11", "OK")]
    clock.advance(seconds=10)
    assert await natures(client, idflux) == [("10", "OK"), ("11", "OK"), ("62", "OK")]
    clock.advance(seconds=10)
    assert (await natures(client, idflux))[3:] == [("94", "OK")]
    assert (await report(client, idflux, "11")).get("type") == "CCO"


async def test_a_return_says_when_it_was_made_and_published(client: Client, clock: Clock) -> None:
    idflux = await deposited(client, samples.mensuelle())
    clock.advance(seconds=10)
    receipt, certificate = await returns(client, idflux)
    assert receipt["publication"] == receipt["production"] == "20261103100000"
    assert certificate["publication"] == "20261103100010"


async def test_a_signalement_has_its_certificate_and_no_reports(
    client: Client, clock: Clock
) -> None:
    idflux = await deposited(client, samples.arret())
    clock.advance(minutes=2)
    assert await natures(client, idflux) == [("10", "OK"), ("11", "OK")]


def two_declarations() -> bytes:
    """Two in one file, its counters right."""
    lines = samples.arret(order=1).splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if line.startswith(b"S20.G00.05"))
    last = next(i for i, line in enumerate(lines) if line.startswith(b"S90"))
    more = samples.arret(order=2).splitlines(keepends=True)[first:last]
    count = len(lines) + len(more)
    ending = f"S90.G00.90.001,'{count}'\r\nS90.G00.90.002,'2'\r\n".encode()
    return b"".join([*lines[:last], *more, ending])


def miscounted() -> bytes:
    content = samples.arret()
    start = content.index(b"S90.G00.90.001,'") + len(b"S90.G00.90.001,'")
    return content[:start] + b"9" + content[start:]


def miscounted_declarations() -> bytes:
    return samples.arret().replace(b"S90.G00.90.002,'1'", b"S90.G00.90.002,'2'")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (two_declarations(), "CST-01"),
        (miscounted(), "S90.G00.90.001/CCH-11"),
        (miscounted_declarations(), "S90.G00.90.001/CCH-11"),
    ],
)
async def test_what_is_wrong_inside_is_receipted_and_found_later(
    client: Client, clock: Clock, content: bytes, code: str
) -> None:
    idflux = await deposited(client, content)
    assert await natures(client, idflux) == [("10", "OK")]
    clock.advance(minutes=2)
    assert await natures(client, idflux) == [("10", "OK"), ("11", "KO")]
    found = await report(client, idflux, "11")
    assert found.get("type") == "BAN"
    assert [one.text for one in found.iter("code")] == [code]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (samples.mensuelle(), samples.mensuelle(order=2, employees=3)),
        (samples.arret(order=4), samples.arret(order=4, days=9)),
    ],
)
async def test_a_second_normal_declaration_of_the_same_is_found_to_be_one(
    client: Client, clock: Clock, first: bytes, second: bytes
) -> None:
    await deposited(client, first)
    idflux = await deposited(client, second)
    clock.advance(minutes=2)
    assert await natures(client, idflux) == [("10", "OK"), ("11", "KO")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (samples.mensuelle(month="2026-09"), samples.mensuelle(month="2026-10")),
        (samples.mensuelle(), samples.mensuelle(siret=samples.siret(3))),
        (samples.mensuelle(fraction="12"), samples.mensuelle(fraction="22")),
        (samples.mensuelle(), samples.mensuelle(order=2, kind="03")),
        (samples.arret(order=1), samples.arret(order=2)),
        (samples.mensuelle(test=True), samples.mensuelle()),
        (samples.mensuelle(), samples.mensuelle(test=True)),
    ],
)
async def test_what_differs_or_replaces_or_is_an_essai_is_certified(
    client: Client, clock: Clock, first: bytes, second: bytes
) -> None:
    await deposited(client, first)
    idflux = await deposited(client, second)
    clock.advance(minutes=2)
    assert (await natures(client, idflux))[:2] == [("10", "OK"), ("11", "OK")]


async def test_a_declaration_with_anomalies_declares_nothing(client: Client, clock: Clock) -> None:
    await deposited(client, miscounted())
    idflux = await deposited(client, samples.arret())
    clock.advance(minutes=2)
    assert await natures(client, idflux) == [("10", "OK"), ("11", "OK")]


async def test_employees_are_counted(client: Client, clock: Clock) -> None:
    idflux = await deposited(client, samples.mensuelle(employees=3))
    clock.advance(minutes=2)
    found = await report(client, idflux, "11")
    assert found.findtext(".//declaration_contenu/salaries") == "3"
