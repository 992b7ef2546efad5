"""The platform behind the wire: accounts, tokens, deposits, and the returns it publishes.

Pure bookkeeping over a clock; no sockets. Everything that a caller may see is decided here, and the
ledger is written here, before any answer exists.
"""

from __future__ import annotations

import base64
import bisect
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vaguemestre_net_entreprises.simulator import documents
from vaguemestre_net_entreprises.simulator.credentials import HUB, Bearer, Credentials
from vaguemestre_net_entreprises.simulator.declaration import Deposited, read
from vaguemestre_net_entreprises.simulator.ledger import Ledger

#: Characters of an idflux, which has 23.
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
#: Wrong passwords in a row after which an account is blocked.
BLOCK_AFTER = 5
#: A person of a company: SIRET, nom, prénom, the names in capitals.
Key = tuple[str, str, str]


def key(siret: str, nom: str, prenom: str) -> Key:
    return siret, nom.upper(), prenom.upper()


@dataclass
class Account:
    """`expired`, `enrolled`: the two other reasons for which a good password is refused.
    `courriel`: compared where the platform asks for it."""

    siret: str
    nom: str
    prenom: str
    password: str
    expired: bool = False
    enrolled: bool = True
    failures: int = 0
    courriel: str = ""

    @property
    def declarant(self) -> tuple[str, str, str]:
        return self.siret, self.nom, self.prenom

    @property
    def key(self) -> Key:
        return key(*self.declarant)


@dataclass(frozen=True)
class Caller:
    """A declarant, and the account of the concentrateur that acts for it, if one does."""

    account: Account
    hub: Account | None = None


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass
class Config:
    """`clock`: the platform's time, in UTC."""

    accounts: list[Account]
    ledger: Path | None = None
    token_seconds: float = 3600.0
    return_delay: float = 2.0
    returns_minutes: int = 60
    deposits_minutes: int = 60
    clock: Callable[[], datetime] = _utc


@dataclass
class Deposit:
    idflux: str
    caller: Caller
    at: datetime
    listed_at: datetime
    facts: Deposited


@dataclass(order=True)
class Return:
    """A published return. `gone`: overwritten, its document can no longer be had."""

    published: datetime
    number: int
    deposit: Deposit = field(compare=False)
    nature: str = field(compare=False)
    status: str = field(compare=False)
    content: bytes = field(compare=False)
    gone_at: datetime | None = field(default=None, compare=False)


class Platform:
    def __init__(self, config: Config) -> None:
        self.config = config
        self.ledger = Ledger(config.ledger)
        self.calls: dict[str, int] = {}
        self._accounts = {a.key: a for a in config.accounts}
        # Those for whom a concentrateur acts need no account of their own.
        self._declarants: dict[Key, Account] = {}
        self._tokens: dict[str, tuple[Account, str, datetime]] = {}
        self._deposits: dict[str, Deposit] = {}
        self._by_time: dict[Key, list[tuple[datetime, str]]] = {}
        self._returns: dict[str, list[Return]] = {}
        self._by_publication: dict[Key, list[Return]] = {}
        self._by_hub: dict[Key, list[Return]] = {}
        self._declared: set[tuple[str, ...]] = set()
        self._number = 0

    def now(self) -> datetime:
        return self.config.clock()

    def count(self, call: str) -> None:
        self.calls[call] = self.calls.get(call, 0) + 1

    # -- authentication

    def authenticate(self, given: Credentials) -> Account | str:
        """The account, or why not: `unknown`, `blocked`, `expired`, `not-enrolled`."""
        if given.names is None:  # the MSA's identifier is the SIRET here
            found = [a for a in self._accounts.values() if a.siret == given.siret]
            account = found[0] if found else None
        else:
            account = self._accounts.get(key(given.siret, *given.names))
        if account is None:
            return "unknown"
        if account.failures >= BLOCK_AFTER:
            return "blocked"
        courriel = (given.courriel or account.courriel).casefold()
        if account.password != given.password or account.courriel.casefold() != courriel:
            account.failures += 1
            return "unknown"
        account.failures = 0
        if account.expired:
            return "expired"
        return account if account.enrolled else "not-enrolled"

    def issue(self, account: Account, service: str) -> tuple[str, datetime]:
        """A token and when it ends."""
        token = base64.b64encode(secrets.token_bytes(48)).decode()
        end = self.now() + timedelta(seconds=self.config.token_seconds)
        self._tokens[token] = (account, service, end)
        return token, end

    def caller(self, given: Bearer) -> Caller | str:
        """Whose token it is, or why it is none: `missing`, `ended`."""
        found = self._tokens.get(given.token)
        if found is None:
            return "missing"
        account, service, end = found
        if end <= self.now():
            return "ended"
        if (service == HUB) != (given.declarant is not None):
            return "missing"
        if given.declarant is None:
            return Caller(account)
        who = key(*given.declarant)
        declarant = self._accounts.get(who) or self._declarants.setdefault(
            who, Account(*given.declarant, password="")
        )
        return Caller(declarant, hub=account)

    def forget_tokens(self) -> None:
        """Every token has ended."""
        past = self.now() - timedelta(seconds=1)
        self._tokens = {t: (a, s, past) for t, (a, s, _end) in self._tokens.items()}

    # -- deposits

    def by_hand(self, siret: str, content: bytes) -> bool | None:
        """Somebody deposits on the portal, signed in as the first account of a SIRET; None if
        there is none."""
        found = [account for account in self._accounts.values() if account.siret == siret]
        if not found:
            return None
        caller = Caller(found[0])
        return self.deposit(caller, content, listed_after=0.0, overwrite=0.0)[0]

    def deposit(
        self, caller: Caller, content: bytes, *, listed_after: float, overwrite: float
    ) -> tuple[bool, bytes]:
        """Record a deposit: whether it is (AEE), and the document that answers it."""
        account = caller.account
        at, idflux = self.now(), "".join(secrets.choice(ALPHABET) for _ in range(23))
        sha256 = hashlib.sha256(content).hexdigest()
        facts = read(content)
        common = {
            "at": at.isoformat(),
            "idflux": idflux,
            "account": account.siret,
            "sha256": sha256,
            "size": len(content),
        }
        if facts is None:
            self.ledger.write("refused", **common)
            return False, documents.rejection(account.declarant, idflux, at)
        self.ledger.write(
            "deposit",
            **common,
            emitter=facts["S10.G00.01.001"] + facts["S10.G00.01.002"],
            siret=facts["S21.G00.06.001"] + facts["S21.G00.11.001"],
            nature=facts["S20.G00.05.001"],
            type=facts["S20.G00.05.002"],
            period=facts["S20.G00.05.005"],
            order=facts["S20.G00.05.004"],
            declarations=facts.declarations,
            essai=facts["S10.G00.00.005"] == "01",
        )
        listed = at + timedelta(seconds=listed_after)
        one = Deposit(idflux, caller, at, listed, facts)
        self._deposits[idflux] = one
        bisect.insort(self._by_time.setdefault(account.key, []), (at, idflux))
        answer = documents.receipt(account.declarant, idflux, facts, at)
        self._publish(one, "10", "OK", answer, 0.0)
        self._judge(one, overwrite)
        return True, answer

    def _judge(self, one: Deposit, overwrite: float) -> None:
        """Publish what the controls and the organisms will say."""
        delay, facts = self.config.return_delay, one.facts
        found = self._anomalies(facts)
        declarant = one.caller.account.declarant
        if found:
            content = documents.anomalies(declarant, one.idflux, facts, one.at, found)
            self._publish(one, "11", "KO", content, delay)
            return
        if facts.key:
            self._declared.add(facts.key)
        content = documents.certificate(declarant, one.idflux, facts, one.at)
        self._publish(one, "11", "OK", content, delay)
        if facts["S20.G00.05.001"] != "01":
            return
        for number, nature in enumerate(("62", "94"), start=2):
            first = documents.report(nature, declarant, one.idflux, facts, one.at, 1)
            kept = self._publish(one, nature, "OK", first, number * delay)
            if overwrite and nature == "62":
                second = documents.report(nature, declarant, one.idflux, facts, one.at, 2)
                later = self._publish(one, nature, "ANO", second, number * delay + overwrite)
                kept.gone_at = later.published

    def _anomalies(self, facts: Deposited) -> list[documents.Anomaly]:
        found: list[documents.Anomaly] = []
        if facts.declarations != 1:
            found.append(("CST-01", "Un envoi par API contient une seule déclaration."))
        if not facts.counted:
            found.append(("S90.G00.90.001/CCH-11", "Le nombre de rubriques est inexact."))
        if facts.key and facts.key in self._declared:
            found.append(("CID-01", "Cette déclaration a déjà été déposée."))
        return found

    def _publish(
        self, one: Deposit, nature: str, status: str, content: bytes, after: float
    ) -> Return:
        self._number += 1
        published = max(one.at + timedelta(seconds=after), one.listed_at)
        made = Return(published, self._number, one, nature, status, content)
        self._returns.setdefault(one.idflux, []).append(made)
        bisect.insort(self._by_publication.setdefault(one.caller.account.key, []), made)
        if one.caller.hub is not None:
            bisect.insort(self._by_hub.setdefault(one.caller.hub.key, []), made)
        return made

    # -- consultation

    def listed(self, account: Account, start: datetime, end: datetime) -> list[Deposit]:
        """Deposits recorded in the window, as far as the listing knows them by now."""
        rows = self._by_time.get(account.key, [])
        low = bisect.bisect_left(rows, (start, ""))
        high = bisect.bisect_right(rows, (end, "\U0010ffff"))
        now = self.now()
        found = (self._deposits[idflux] for _at, idflux in rows[low:high])
        return [d for d in found if d.listed_at <= now]

    def status(self, deposit: Deposit) -> str:
        """OK, KO or EN COURS, by what is published of it."""
        known = [r for r in self._visible(deposit.idflux) if r.nature == "11"]
        return known[-1].status if known else "EN COURS"

    def published(self, account: Account, start: datetime, end: datetime) -> list[Return]:
        """What was published in the window for a declarant."""
        return self._within(self._by_publication.get(account.key, []), start, end)

    def published_to_hub(self, hub: Account, start: datetime, end: datetime) -> list[Return]:
        """What was published in the window of all that a concentrateur deposited."""
        return self._within(self._by_hub.get(hub.key, []), start, end)

    def _within(self, rows: list[Return], start: datetime, end: datetime) -> list[Return]:
        low = bisect.bisect_left(rows, start, key=lambda r: r.published)
        high = bisect.bisect_right(rows, min(end, self.now()), key=lambda r: r.published)
        return [r for r in rows[low:high] if not self._is_gone(r)]

    def of_flow(self, account: Account, idflux: str) -> list[Return] | None:
        """The returns of one deposit of the account; None if it is unknown."""
        deposit = self._deposits.get(idflux)
        if deposit is None or deposit.caller.account is not account:
            return None
        return self._visible(idflux)

    def document(self, account: Account, idflux: str, number: str) -> Return | None:
        for one in self.of_flow(account, idflux) or []:
            if str(one.number) == number:
                return one
        return None

    def _visible(self, idflux: str) -> list[Return]:
        now = self.now()
        return [
            r for r in self._returns.get(idflux, []) if r.published <= now and not self._is_gone(r)
        ]

    def _is_gone(self, one: Return) -> bool:
        return one.gone_at is not None and one.gone_at <= self.now()
