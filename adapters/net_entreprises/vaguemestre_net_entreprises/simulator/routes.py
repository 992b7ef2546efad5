"""What each request is answered, strictly by the protocol: hosts as paths on one server.

`/services/…` authenticates, `/depot/…` takes deposits, `/consultation/…` lists, `/telechargement/…`
gives documents; another dialect has other words for these four. Anything that the platform would
refuse is refused here with its status.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from vaguemestre_net_entreprises.simulator.consultation import Listings, window
from vaguemestre_net_entreprises.simulator.credentials import bearer, credentials
from vaguemestre_net_entreprises.simulator.dialect import NATIONAL, Dialect
from vaguemestre_net_entreprises.simulator.platform import Account, Caller, Platform

#: Where a test looks behind the scenes.
CONTROL = "_control"
#: Seconds during which the platform asks not to repeat a search.
FRESH = 120
#: Minutes that the listing for a concentrateur covers.
HUB_MINUTES = 10
#: Listings and the versions that each has.
LISTINGS = {
    "lister-depots": ("1.0", "2.0"),
    "lister-retours-flux": ("1.0", "2.0"),
    "lister-retours-declarant": ("1.0", "2.0"),
    "lister-retours-concentrateur": ("1.0", "2.0"),
    "lister-objets-declarant": ("1.0",),
    "lister-bpij-declarant": ("1.0",),
}


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    dialect: Dialect = NATIONAL

    @property
    def steps(self) -> list[str]:
        """The steps of the path, the first one in the national platform's word."""
        steps = [unquote(s) for s in urlsplit(self.target).path.split("/") if s]
        if steps and steps[0] != CONTROL:
            steps[0] = self.dialect.root(steps[0])
        return steps

    @property
    def call(self) -> str:
        """The kind of call, as faults name it; empty for what is no call at all."""
        steps = self.steps
        if steps[:1] == ["consultation"]:
            return "depots" if "lister-depots" in steps else "retours"
        kinds = {"services": "auth", "depot": "deposit", "telechargement": "download"}
        return kinds.get(steps[0], "") if steps else ""

    @property
    def takes_gzip(self) -> bool:
        """Whether `Accept-Encoding` names gzip, and not to refuse it."""
        named = self.headers.get("accept-encoding", "").lower().replace(" ", "").split(",")
        return any(re.fullmatch(r"gzip(;q=(1(\.0*)?|0\.0*[1-9]\d*))?", one) for one in named)


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Router:
    def __init__(self, platform: Platform, base: str, dialect: Dialect = NATIONAL) -> None:
        self.platform = platform
        self.listings = Listings(base, dialect.roots["telechargement"])
        self.listed_after = 0.0
        self.overwrite_after = 0.0

    def answer(self, request: Request) -> Answer:
        """The answer to a complete request."""
        self.platform.count(request.call)
        if "accept-encoding" in request.headers and not request.takes_gzip:
            return Answer(406)
        handlers: dict[str, Callable[[Request], Answer]] = {
            "services": self._authenticate,
            "depot": self._deposit,
            "consultation": self._consult,
            "telechargement": self._download,
        }
        handler = handlers.get(request.steps[0] if request.steps else "")
        return handler(request) if handler else Answer(404)

    # -- authentication

    def _authenticate(self, request: Request) -> Answer:
        versions = (["1.0"], ["2.0"]) if request.dialect.identifier else (["1.0"],)
        if request.steps[1:2] != ["authentifier"] or request.steps[2:] not in versions:
            return Answer(404)
        if request.method != "POST":
            return Answer(405)
        if not _is_type(request, "application/xml") or "content-encoding" in request.headers:
            return Answer(415)
        given = credentials(request.body, request.steps[-1], request.dialect)
        if given is None:
            return Answer(422)
        account = self.platform.authenticate(given)
        if isinstance(account, Account):
            token, end = self.platform.issue(account, given.service)
            head = {"Content-Type": "application/octet-stream", "Expires": _http_date(end)}
            return Answer(200, token.encode(), head)
        self.platform.count("authentication_refused")
        if account == "blocked":
            return Answer(403)
        realms = {
            "unknown": f'Basic realm="{given.realm}"',
            "expired": 'Basic realm="Expiration du mot de passe"',
            "not-enrolled": 'DSNLogin realm="Utilisateur non-inscrit au service"',
        }
        return Answer(401, headers={"WWW-Authenticate": realms[account]})

    def _caller(self, request: Request) -> Caller | Answer:
        given = bearer(request.headers.get("authorization", ""))
        found = self.platform.caller(given) if given else "missing"
        if isinstance(found, Caller):
            return found
        return _refused("Expiration du jeton" if found == "ended" else "Jeton manquant ou invalide")

    # -- deposit

    def _deposit(self, request: Request) -> Answer:
        if request.steps[1:] not in (["deposer-dsn", "1.0"], ["deposer-dsn", "2.0"]):
            return Answer(404)
        if request.method != "POST":
            return Answer(405)
        caller = self._caller(request)
        if isinstance(caller, Answer):
            return caller
        if not _is_type(request, "text/plain") or not _is_gzip(request):
            return Answer(415)
        try:
            content = gzip.decompress(request.body)
        except (OSError, EOFError, zlib.error):
            return Answer(415)
        if not content:
            return Answer(422)
        if not request.headers.get("user-agent", "").startswith("Client-DSN ("):
            self.platform.ledger.write("remark", about="User-Agent is not Client-DSN (…)")
        recorded, document = self.platform.deposit(
            caller,
            content,
            listed_after=self.listed_after,
            overwrite=self.overwrite_after,
        )
        kind = "application/xml" if request.steps[-1] == "1.0" else "application/json"
        return Answer(200 if recorded else 422, document, {"Content-Type": kind})

    # -- consultation

    def _consult(self, request: Request) -> Answer:
        steps = request.steps[1:]
        if request.method != "GET":
            return Answer(405)
        if len(steps) < 3 or steps[1] not in LISTINGS.get(steps[0], ()):
            return Answer(404)
        caller = self._caller(request)
        if isinstance(caller, Answer):
            return caller
        name, version, arguments = steps[0], steps[1], steps[2:]
        if name == "lister-retours-flux":
            return self._flow(caller.account, arguments, version)
        if name == "lister-bpij-declarant":
            return self._slips(arguments)
        return self._window(caller, name, version, arguments)

    def _flow(self, account: Account, arguments: list[str], version: str) -> Answer:
        idflux = arguments[0]
        if len(idflux) > 50 or len(arguments) > 1:
            return Answer(422)
        found = self.platform.of_flow(account, idflux)
        if found is None:
            return Answer(404)
        body = self.listings.returns(found, version) if found else b""
        return self._listed(body, version, None)

    def _slips(self, arguments: list[str]) -> Answer:
        """BPIJ: dates without a time. There are never any here."""
        if window([day + "000000" for day in arguments], self.platform.now()) is None:
            return Answer(422)
        return self._listed(self.listings.objects("bpijs"), "1.0", None)

    def _window(self, caller: Caller, name: str, version: str, arguments: list[str]) -> Answer:
        asked = window(arguments, self.platform.now())
        if asked is None:
            return Answer(422)
        minutes = self._minutes(name)
        if asked.width > timedelta(minutes=minutes):
            return Answer(429)
        bounds = asked.start, asked.end
        if name == "lister-depots":
            deposits = self.platform.listed(caller.account, *bounds)
            held = [d for d in deposits if asked.holds(d.at)]
            body = self.listings.deposits(self.platform, caller.account, held, version)
            return self._listed(body, version, minutes)
        if name == "lister-objets-declarant":
            return self._listed(self.listings.objects("objets"), version, minutes)
        if name == "lister-retours-declarant":
            found = self.platform.published(caller.account, *bounds)
        elif caller.hub is None:
            return _refused("Jeton manquant ou invalide")
        else:
            found = self.platform.published_to_hub(caller.hub, *bounds)
        body = self.listings.returns([r for r in found if asked.holds(r.published)], version)
        return self._listed(body, version, minutes)

    def _minutes(self, name: str) -> int:
        if name == "lister-depots":
            return self.platform.config.deposits_minutes
        if name == "lister-retours-concentrateur":
            return HUB_MINUTES
        return self.platform.config.returns_minutes

    def _listed(self, body: bytes, version: str, width: int | None) -> Answer:
        head = {
            "Content-Type": "application/xml" if version == "1.0" else "application/json",
            "Expires": _http_date(self.platform.now() + timedelta(seconds=FRESH)),
        }
        if width is not None:
            head["Accept-Ranges"] = f"minutes=0-{width}"
        return Answer(200, body, head)

    # -- download

    def _download(self, request: Request) -> Answer:
        steps = request.steps[1:]
        if request.method != "GET":
            return Answer(405)
        if steps[:2] != ["telecharger-retour", "1.0"] or len(steps) != 4:
            return Answer(404)
        caller = self._caller(request)
        if isinstance(caller, Answer):
            return caller
        found = self.platform.document(caller.account, steps[2], steps[3])
        if found is None:
            return Answer(404)
        return Answer(200, found.content, {"Content-Type": "application/xml"})


def _is_type(request: Request, wanted: str) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == wanted


def _is_gzip(request: Request) -> bool:
    return request.headers.get("content-encoding", "").strip().lower() == "gzip"


def _refused(realm: str) -> Answer:
    return Answer(401, headers={"WWW-Authenticate": f'DSNLogin realm="{realm}"'})


def _http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
