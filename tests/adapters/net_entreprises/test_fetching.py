"""Documents come from permitted hosts only, whole, and within bounds."""

from __future__ import annotations

import gzip
import json

import pytest
from adapters.net_entreprises.conftest import Connect
from adapters.net_entreprises.scripted import Platform, Step, answer, raw

from vaguemestre.api import Announcement, CredentialRefused, NoEffect, PlatformRefusal
from vaguemestre_net_entreprises.protocol import download
from vaguemestre_net_entreprises.protocol.messages import Answer


def told(url: str = "", document: str = "") -> Announcement:
    locator = json.dumps({"url": url, "id": document})
    return Announcement(reference="FL UX", nature="11", locator=locator)


async def test_a_return_is_fetched_from_its_address_with_the_token(
    platform: Platform, connect: Connect
) -> None:
    content = "<a>é</a>".encode("latin-1")
    platform.on("GET /dl", answer(200, content, Content_Type="application/xml; charset=x"))
    async with connect() as adapter:
        document = await adapter.fetch(told(f"{platform.base}/dl/7?x=1"))
    assert document is not None
    assert (document.content, document.media_type) == (content, "application/xml")
    assert platform.calls[-1].path == "/dl/7?x=1"
    assert platform.calls[-1].authorization == "DSNLogin jeton=VG9rZW4="


async def test_a_return_with_only_an_id_is_fetched_by_it(
    platform: Platform, connect: Connect
) -> None:
    platform.on("GET /telecharger-retour/1.0/FL%20UX/7", answer(200, b"%PDF-1.7"))
    async with connect() as adapter:
        document = await adapter.fetch(told(document="7"))
        assert document is not None
        assert document.content == b"%PDF-1.7"
        relative = await adapter.fetch(told(url="telecharger-retour/1.0/FL%20UX/7"))
        assert relative == document


async def test_services_are_asked_for_under_the_words_that_are_configured(
    platform: Platform, connect: Connect
) -> None:
    platform.on("GET /returns/of/flow/2.0/F1", answer(200, b"{}"))
    platform.on("GET /papers/1.0/F1/7", answer(200, b"%PDF-1.7"))
    platform.on("GET /news/2.0/", answer(200, b"{}"))
    paths = {
        "lister-retours-flux": "returns/of/flow",
        "lister-retours-declarant": "news",
        "telecharger-retour": "papers",
    }
    async with connect(paths=paths) as adapter:
        assert await adapter.announced("F1") == ()
        assert (await adapter.collect(None)).announcements == ()
        by_id = Announcement(reference="F1", nature="11", locator='{"id": "7"}')
        assert await adapter.fetch(by_id) is not None


async def test_what_has_no_address_or_is_purged_is_gone(
    platform: Platform, connect: Connect
) -> None:
    platform.on("GET /dl", answer(404))
    async with connect() as adapter:
        assert await adapter.fetch(told()) is None
        assert await adapter.fetch(Announcement(reference="F", nature="11")) is None
        assert await adapter.fetch(Announcement(reference="F", nature="11", locator="x")) is None
        assert await adapter.fetch(told(f"{platform.base}/dl/7")) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/7",
        "https://localhost.example.org/7",
        "https://localhost/7",
        "https://localhost:1/7",
        "http://example.org/7",
        "//example.org/7",
        "https://localhost:{port}@example.org/7",
        "https://user@localhost:{port}/7",
        "https://example.org\\@localhost:{port}/7",
        "https://localhost:{port}x/7",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
async def test_the_token_goes_to_no_other_host(
    url: str, platform: Platform, connect: Connect
) -> None:
    async with connect() as adapter:
        with pytest.raises(PlatformRefusal):
            await adapter.fetch(told(url.format(port=platform.port)))
    assert not platform.calls


async def test_a_redirection_is_not_followed(platform: Platform, connect: Connect) -> None:
    platform.on("GET /dl", answer(302, Location="https://example.org/7"))
    async with connect() as adapter:
        with pytest.raises(NoEffect):
            await adapter.fetch(told(f"{platform.base}/dl/7"))
    assert len(platform.calls) == 2


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (answer(401), CredentialRefused),
        (answer(403), CredentialRefused),
        (answer(406), NoEffect),
        (answer(407), NoEffect),
        (answer(422), NoEffect),
        (answer(429), NoEffect),
        (answer(500), NoEffect),
        (answer(503), NoEffect),
        (answer(200), NoEffect),
        (answer(200, b"<!doctype html><html>Maintenance</html>"), NoEffect),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n%PDF"), NoEffect),
    ],
)
async def test_what_cannot_be_fetched_now_is_left_for_later(
    script: Step, kind: type[NoEffect], platform: Platform, connect: Connect
) -> None:
    platform.on("GET /dl", script)
    async with connect() as adapter:
        with pytest.raises(NoEffect) as caught:
            await adapter.fetch(told(f"{platform.base}/dl/7"))
    assert type(caught.value) is kind


async def test_a_document_that_unpacks_to_too_much_is_refused(
    platform: Platform, connect: Connect
) -> None:
    bomb = gzip.compress(bytes(130 * 1024 * 1024), 1)
    platform.on("GET /dl", answer(200, bomb, Content_Encoding="gzip"))
    async with connect(timeout_seconds=20) as adapter:
        with pytest.raises(PlatformRefusal):
            await adapter.fetch(told(f"{platform.base}/dl/7"))


@pytest.mark.parametrize(
    ("url", "permitted", "ok"),
    [
        ("https://T.example.org/7", ["t.example.org"], True),
        ("https://t.example.org:443/7", ["t.example.org"], True),
        ("https://t.example.org:8443/7", ["t.example.org"], False),
        ("https://t.example.org:8443/7", ["t.example.org:8443"], True),
        ("https://t.example.org/7", ["t.example.org:8443"], False),
        ("https://t.example.org./7", ["t.example.org"], True),
        ("http://127.0.0.1:80/7", ["127.0.0.1"], True),
        ("http://[::1]:8080/7", ["[::1]:8080"], True),
        ("https://a.example.org/7", ["b.example.org", "a.example.org"], True),
        ("https://example.org/7", [], False),
        ("https:///7", [""], False),
        ("https://a.example.org/\n7", ["a.example.org"], False),
    ],
)
def test_permitted_hosts_count_with_their_port(url: str, permitted: list[str], ok: bool) -> None:
    if ok:
        download.check(url, permitted)
    else:
        with pytest.raises(PlatformRefusal):
            download.check(url, permitted)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("", ""),
        ('attachment; filename="CRM 94.xml"', "CRM 94.xml"),
        ("attachment; filename=../../etc/passwd", "passwd"),
        ("attachment; filename*=UTF-8''retour%20%C3%A9.pdf", "retour é.pdf"),
        ('attachment; filename="a\\\\b.txt"', "b.txt"),
        ('attachment; filename=".."', ""),
        ('attachment; filename="a:b|c"', "a_b_c"),
    ],
)
def test_the_name_that_the_platform_gives_is_made_harmless(header: str, name: str) -> None:
    answered = Answer(status=200, headers={"content-disposition": header})
    assert download.file_name(answered) == name
