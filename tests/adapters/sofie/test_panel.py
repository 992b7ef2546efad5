"""The test panel of an installation: everything that SOFiE needs is shown with what to do, and what
ends soon is told in time."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import trio
from adapters.sofie.conftest import Connect, Installed
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from support.office import words

from vaguemestre.api import Adapter, Examined, Level, Status
from vaguemestre_sofie.certificates import UnreadableCertificate, end_of
from vaguemestre_sofie.passwords import changed_on, remember
from vaguemestre_sofie.reaching import proxy_in, reach


def make(folder: Path, days: float, form: str, password: bytes = b"geheim") -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Camille")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=700))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .sign(key, hashes.SHA256())
    )
    contents = {
        "pem": certificate.public_bytes(serialization.Encoding.PEM),
        "der": certificate.public_bytes(serialization.Encoding.DER),
        "p12": pkcs12.serialize_key_and_certificates(
            b"x", key, certificate, None, serialization.BestAvailableEncryption(password)
        ),
    }
    file = folder / f"user.{form}"
    file.write_bytes(contents[form])
    return file


async def shown(adapter: Adapter) -> dict[str, Examined]:
    return {e.subject: e for e in await adapter.examine()}


async def test_a_sound_installation_has_no_trouble(connect: Connect) -> None:
    async with connect() as adapter:
        report = await adapter.check()
    trouble = [e for e in report.examined if e.status is not Status.OK]
    assert report.ok
    assert [e.subject for e in trouble] == ["journal d'audit", "journal technique"]  # never ran
    assert all(e.advice for e in trouble)


async def test_each_trouble_is_shown_with_what_to_do(
    installed: Installed, connect: Connect
) -> None:
    installed.home.data("encrypted").rmdir()
    properties = installed.root / "properties" / "batch.properties"
    properties.write_text("run.forEver = Yes\n")
    async with connect(
        send_command=["no-such-program"], java="no-such-java", context="test", certificate=""
    ) as adapter:
        report = await adapter.check()
        found = {e.subject: e for e in report.examined}
    errors = {s for s, e in found.items() if e.status is Status.ERROR}
    assert errors == {"commande d'envoi", "dossier des fichiers chiffrés", "Java", "run.forEver"}
    assert {"contexte", "certificat"} <= {s for s, e in found.items() if e.status is Status.WARNING}
    assert all(e.advice for e in found.values() if e.status is not Status.OK)
    assert not report.ok


async def test_a_home_that_is_not_there_is_all_that_is_said(
    installed: Installed, connect: Connect
) -> None:
    async with connect(home="nowhere") as adapter:
        (only,) = await adapter.examine()
    assert only.status is Status.ERROR
    assert not (installed.root.parent / "nowhere").exists()


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
async def test_a_folder_without_rights_is_an_error(installed: Installed, connect: Connect) -> None:
    installed.home.data("send").chmod(0o500)
    async with connect() as adapter:
        assert (await shown(adapter))["dossier d'envoi"].status is Status.ERROR


# -- certificate


@pytest.mark.parametrize("form", ["pem", "der", "p12"])
def test_the_end_of_a_certificate_is_read_from_any_form(form: str, tmp_path: Path) -> None:
    end = end_of(make(tmp_path, 30, form), "geheim")
    assert (end - datetime.now(UTC)).days == 30


@pytest.mark.parametrize("content", [b"", b"\xfe\xed\xfe\xed rest", b"no certificate"])
def test_a_file_that_is_no_certificate_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(UnreadableCertificate):
        end_of(tmp_path / "x")


@pytest.mark.parametrize(
    ("days", "status", "level"),
    [(51, Status.OK, None), (49, Status.WARNING, Level.WARNING), (-1, Status.ERROR, Level.ERROR)],
)
async def test_people_are_told_50_days_before_the_certificate_ends(
    days: int, status: Status, level: Level | None, installed: Installed, connect: Connect
) -> None:
    make(installed.root / "keys", days, "p12")
    async with connect({"motdepasse": "geheim"}, certificate="keys/user.p12") as adapter:
        assert (await shown(adapter))["certificat"].status is status
        notices = {n.key: n for n in await adapter.upkeep()}
    assert [n.level for n in notices.values()] == ([level] if level else [])
    assert all("Save encrypted password" in n.text for n in notices.values())


async def test_the_password_of_a_key_store_is_never_shown(
    installed: Installed, connect: Connect
) -> None:
    make(installed.root / "keys", 10, "p12")
    async with connect({"motdepasse": "falsch-777"}, certificate="keys/user.p12") as adapter:
        report = await adapter.check()
    assert not report.ok
    assert "falsch-777" not in repr(report)


# -- password


def age(installed: Installed, days: float) -> None:
    then = datetime.now(UTC).timestamp() - days * 86_400
    os.utime(installed.home.passwords, (then, then))


@pytest.mark.parametrize(
    ("days", "status"),
    [(74, Status.OK), (75, Status.WARNING), (89, Status.WARNING), (90, Status.ERROR)],
)
async def test_people_are_reminded_of_the_password_from_day_75_on(
    days: int, status: Status, installed: Installed, connect: Connect
) -> None:
    age(installed, days)
    async with connect() as adapter:
        assert (await shown(adapter))["mot de passe"].status is status
        notices = await adapter.upkeep()
    assert len(notices) == (status is not Status.OK)
    assert all("Save encrypted password for batch processing" in n.text for n in notices)


async def test_a_persons_word_counts_where_no_file_tells(
    installed: Installed, connect: Connect
) -> None:
    state = installed.root / "vaguemestre"
    async with connect(password_file="") as adapter:
        assert (await shown(adapter))["mot de passe"].status is Status.WARNING
        remember(state, datetime.now().astimezone().date())
        assert (await shown(adapter))["mot de passe"].status is Status.OK


def test_of_file_and_word_the_later_counts(installed: Installed) -> None:
    age(installed, 80)
    remember(installed.root, date(2020, 1, 1))
    changed = changed_on(installed.root, installed.home.passwords)
    assert changed is not None
    assert changed.year > 2020


# -- connection


async def listening(nursery: trio.Nursery, answer: bytes) -> str:
    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            if answer:
                await stream.receive_some(4096)
                await stream.send_all(answer)

    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    nursery.start_soon(trio.serve_listeners, serve, [listener])
    return f"127.0.0.1:{listener.socket.getsockname()[1]}"


async def test_an_address_that_answers_is_reached(nursery: trio.Nursery) -> None:
    assert await reach(await listening(nursery, b""), "") == ""
    assert "injoignable" in await reach("127.0.0.1:1", "")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", ""),
        (b"HTTP/1.1 407 Who are you\r\n\r\n", "407"),
        (b"HTTP/1.0 403 No\r\n\r\n", "403"),
        (b"SSH-2.0\r\n", "HTTP"),
    ],
)
async def test_the_proxy_of_sofie_is_asked(
    answer: bytes, said: str, nursery: trio.Nursery, installed: Installed, connect: Connect
) -> None:
    proxy = await listening(nursery, answer)
    host, _colon, port = proxy.partition(":")
    file = installed.root / "properties/communication/communication_default_http.properties"
    file.write_text(f"# set by hand\nhttp.proxyHost={host}\nhttp.proxyPort : {port}\n")
    assert proxy_in(file) == proxy
    async with connect(address="sofie.cetrel.lu:443") as adapter:
        one = (await shown(adapter))["connexion"]
    assert (one.status is Status.OK) == (said == "")
    assert said in words(one.message)
