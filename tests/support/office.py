"""A deployment on disk with plugins of our own, and the command line run on it in-process."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from click.testing import CliRunner, Result

from support.platform import Letters, Platform, announcement
from vaguemestre.api import (
    Adapter,
    Autocontrol,
    ConnectionReport,
    Declaration,
    DeclarationError,
    Document,
    Examined,
    Finding,
    Format,
    LazyCommand,
    Part,
    ReturnReader,
    ReturnSummary,
    Severity,
    Status,
    hookimpl,
)
from vaguemestre.cli import root
from vaguemestre.cli.site import Site
from vaguemestre.lifecycle import Event
from vaguemestre.plugins import Registry
from vaguemestre.store import deposits, documents, journal, returns
from vaguemestre.store.engine import Session, Store

CONFIG = """
locale = "fr"
[store]
path = "store.db"
[vault]
key_file = "vault.key"
[[outbox]]
name = "paie"
path = "out"
[[outbox]]
name = "rh"
path = "out-rh"
[inbox]
path = "in"
[[profile]]
name = "acme"
platform = "mail"
credential = "acme"
[[profile]]
name = "works"
platform = "mail"
credential = "acme"
scope = { company = "732829320" }
"""

SECRET = {"account": "12345", "motdepasse": "Secret-123"}


class Mail(Platform):
    """A platform that lets in who knows the password."""

    platform = "mail"
    credential_fields = ("account", "motdepasse")

    async def check(self) -> ConnectionReport:
        word = self.profile.credential.fields["motdepasse"]
        if word == "crash":
            raise RuntimeError(word)
        return ConnectionReport(
            ok=word == SECRET["motdepasse"], message="Bonjour.", examined=await self.examine()
        )

    async def examine(self) -> tuple[Examined, ...]:
        if self.profile.credential.fields["motdepasse"] == "crash":
            raise RuntimeError("crash")
        return (Examined("boîte", Status.OK, "vide"),)


class Letterheads(Format):
    """`LETTERS` holds several letters, cut at each `|`; `TORN` cannot be cut."""

    name = "letters"

    def recognise(self, name: str, payload: bytes) -> Declaration | None:
        if payload.startswith((b"LETTERS", b"TORN")):
            return Declaration(kind=self.name, module="letter", declarations=2)
        return None

    def split(self, name: str, payload: bytes) -> Sequence[Part]:
        if payload.startswith(b"TORN"):
            raise DeclarationError("cannot be cut")
        return [Part(f"{name}.{n}", p) for n, p in enumerate(payload.split(b"|")[1:])]


class Spelling(Autocontrol):
    """Objects to `mistake`, mentions `hint`, and fails at `crash`."""

    name = "spelling"

    def applies(self, declaration: Declaration) -> bool:
        return declaration.kind == "letter"

    async def check(self, declaration: Declaration, payload: bytes) -> Sequence[Finding]:
        if b"crash" in payload:
            raise RuntimeError("a NIR perhaps")
        severities = {b"mistake": Severity.BLOCKING, b"hint": Severity.WARNING}
        return [
            Finding(
                severity=severity,
                code=f"S21.G00.30.001/{word.decode()}",
                message="Corrigez.",
                rubrique="S21.G00.30.001",
                line=1,
                value="2***",
            )
            for word, severity in severities.items()
            if word in payload
        ]


class Tables(ReturnReader):
    """Documents that begin with `RATE`: one table."""

    name = "tables"

    def read(self, document: Document, announcement: object) -> ReturnSummary | None:
        if not document.content.startswith(b"RATE"):
            return None
        finding = Finding(severity=Severity.WARNING, code="PAS", message="Taux absent.")
        return ReturnSummary(
            family="rates",
            nature="93",
            status="ANO",
            organism="DGFiP",
            reference="F1",
            label="CRM nominatif",
            findings=(finding,),
            tables={"pas": [{"taux": "3.5", "mois": "2026-10"}]},
        )


class Plugin:
    """What the tests install."""

    __name__ = "tests"

    @hookimpl
    def register_formats(self, register: Callable[[Format], None]) -> None:
        register(Letterheads())
        register(Letters())

    @hookimpl
    def register_autocontrols(self, register: Callable[[Autocontrol], None]) -> None:
        register(Spelling())

    @hookimpl
    def register_adapters(self, register: Callable[[type[Adapter]], None]) -> None:
        register(Mail)

    @hookimpl
    def register_return_readers(self, register: Callable[[ReturnReader], None]) -> None:
        register(Tables())

    @hookimpl
    def register_commands(self, register: Callable[[LazyCommand], None]) -> None:
        help_line = "Imiter le courrier."
        register(LazyCommand(path=("simulate", "mail"), target="json:dumps", help=help_line))
        register(LazyCommand(path=("broken",), target="no.such:thing", help="Rien."))


class Office:
    """A deployment in `folder`, and the command line on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "site.toml"
        self.config.write_text(CONFIG, "utf-8")
        (folder / "out").mkdir()
        self.registry = Registry()
        self.registry.register(Plugin())

    def run(self, *words: str, code: int = 0, stdin: str | bytes = "") -> Result:
        """Run a command on the deployment; it must end with `code`."""
        return self.bare("-c", str(self.config), *words, code=code, stdin=stdin)

    def bare(self, *words: str, code: int = 0, stdin: str | bytes = "") -> Result:
        """Run a command without naming a configuration."""
        result = CliRunner().invoke(root, words, input=stdin, obj=Site(self.registry))
        assert result.exit_code == code, (words, result.output, result.exception)
        return result

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", code=code).stdout)

    def store(self) -> Store:
        return Store.open(self.folder / "store.db")

    def deposit(
        self, *events: Event, name: str = "a.txt", outbox: str = "paie", **more: Any
    ) -> int:
        """A deposit that went through `events`; what an attempt needs is done with it."""
        payload = f"LETTER {name}".encode()

        def put(session: Session) -> int:
            packed = documents.pack(payload)
            documents.put(session, packed)
            file_id = session.sql.file_add(
                session.connection,
                outbox=outbox,
                source=f"/out/{name}",
                name=name,
                sha256=packed.sha256,
                size=packed.size,
                source_path=name.encode(),
                target_path=name.encode(),
                now=session.now,
                duplicate_of=None,
            )
            number = deposits.add(
                session,
                file_id=file_id,
                name=name,
                sha256=packed.sha256,
                outbox=outbox,
                source=f"/out/{name}",
            )
            facts = {"kind": "letter", "module": "letter", **more}
            deposits.declare(session, number, Declaration(**facts))
            deposits.route(session, number, platform="mail", profile="acme", account="mail:acme")
            for event in events:
                if event is Event.ATTEMPT:
                    deposits.claim(session, "acme", 1)
                elif event is Event.LOSE_TRACK:
                    deposits.interrupt(session, "La réponse s'est perdue", "acme")
                else:
                    if event is not Event.PASS:
                        deposits.end_attempt(session, number, event.value, {})
                    journal.move(session, number, event)
            return number

        with self.store() as store:
            return store.write_now(put)

    def refer(self, deposit: int, reference: str) -> None:
        """Give the deposit its reference at the platform."""
        with self.store() as store:
            store.write_now(
                lambda s: s.sql.deposit_refer(
                    s.connection, id=deposit, reference=reference, deposited_at=s.now
                )
            )

    def returned(self, reference: str, content: bytes, **more: Any) -> int:
        """A return for `reference` that was announced and fetched."""

        def put(session: Session) -> int:
            found = announcement(reference, f"at {content!r}")
            returns.announce(session, [found], account="mail:acme", profile="acme", platform="mail")
            number = int(
                session.connection.execute("SELECT max(id) FROM platform_return").fetchone()[0]
            )
            if content:
                finding = Finding(severity=Severity.WARNING, code="X", message="Voyez.")
                summary = ReturnSummary(
                    family="verdict", status="ANO", label="CCO", findings=(finding,)
                )
                returns.complete(
                    session,
                    number,
                    documents.pack(content),
                    "text/plain",
                    "",
                    msgspec.structs.replace(summary, **more),
                )
            return number

        with self.store() as store:
            return store.write_now(put)

    def state(self, deposit: int) -> str:
        with self.store() as store:
            row = store.read_now(lambda s: deposits.get(s, deposit))
        assert row is not None
        return str(row["state"])

    def set_secret(self, **fields: str) -> None:
        self.run("secrets", "set", "acme", stdin=json.dumps({**SECRET, **fields}))


def words(text: str) -> str:
    """Text as it reads, however it was folded."""
    return re.sub(r"\s+", " ", text)
