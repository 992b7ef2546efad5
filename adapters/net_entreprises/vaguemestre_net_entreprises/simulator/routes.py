"""What each request is answered, strictly by the protocol: hosts as paths on one server.

`/services/…` authenticates, `/depot/…` takes deposits, `/consultation/…` lists, `/telechargement/…`
gives documents. Anything that the platform would refuse is refused here with its status.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import unescape

from vaguemestre_net_entreprises.simulator.consultation import Listings, moment
from vaguemestre_net_entreprises.simulator.faults import Fault
from vaguemestre_net_entreprises.simulator.platform import SERVICES, Account, Platform

_FIELDS = ("siret", "nom", "prenom", "motdepasse", "service")
_LONGEST = {"siret": 14, "nom": 64, "prenom": 39, "motdepasse": 30, "service": 2}
_CREDENTIALS = re.compile(
    r"\s*(?:<\?xml[^>]*\?>)?\s*<identifiants>\s*"
    + r"\s*".join(rf"<{f}>([^<]*)</{f}>" for f in _FIELDS)
    + r"\s*</identifiants>\s*"
)
_MSA = re.compile(
    r"\s*(?:<\?xml[^>]*\?>)?\s*<identifiants>\s*<identifiant>([^<]{1,30})</identifiant>\s*"
    r"<motdepasse>([^<]{1,30})</motdepasse>\s*</identifiants>\s*"
)
_BEARER = re.compile(r"DSNLogin (?:jeton=(\S+)|concentrateur=([^,\s]+),\s*declarant=(\S+))")
#: Seconds during which the platform asks not to repeat a search.
FRESH = 120
LISTINGS = {
    "lister-depots",
    "lister-retours-flux",
    "lister-retours-declarant",
    "lister-retours-concentrateur",
    "lister-objets-declarant",
    "lister-bpij-declarant",
}


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def steps(self) -> list[str]:
        return [unquote(s) for s in urlsplit(self.target).path.split("/") if s]

    @property
    def call(self) -> str:
        """The kind of call, as faults name it."""
        steps = self.steps
        if not steps:
            return ""
        if steps[0] == "services":
            return "auth"
        if steps[0] == "depot":
            return "deposit"
        if steps[0] == "telechargement":
            return "download"
        return "depots" if "lister-depots" in steps else "retours"


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Router:
    def __init__(self, platform: Platform, base: str) -> None:
        self.platform = platform
        self.listings = Listings(base)
        self.listed_after = 0.0
        self.overwrite_after = 0.0

    def answer(self, request: Request, fault: Fault | None) -> Answer:
        """The answer to a complete request. `fault` may keep a deposit from being recorded."""
        self.platform.count(request.call)
        accepted = request.headers.get("accept-encoding")
        if accepted is not None and "gzip" not in accepted and "*" not in accepted:
            return Answer(406)
        handlers: dict[str, Callable[[Request, Fault | None], Answer]] = {
            "services": self._authenticate,
            "depot": self._deposit,
            "consultation": self._consult,
            "telechargement": self._download,
        }
        handler = handlers.get(request.steps[0] if request.steps else "")
        return handler(request, fault) if handler else Answer(404)

    # -- authentication

    def _authenticate(self, request: Request, _fault: Fault | None) -> Answer:
        if request.steps[1:2] != ["authentifier"] or request.steps[2:] not in (["1.0"], ["2.0"]):
            return Answer(404)
        if request.method != "POST":
            return Answer(405)
        if not _is_type(request, "application/xml") or "content-encoding" in request.headers:
            return Answer(415)
        found = self._credentials(request)
        if found is None:
            return Answer(422)
        siret, nom, prenom, password, service, realm = found
        account = self.platform.authenticate(siret, nom, prenom, password)
        if isinstance(account, Account):
            token, end = self.platform.issue(account, service)
            head = {"Content-Type": "application/octet-stream", "Expires": _http_date(end)}
            return Answer(200, token.encode(), head)
        self.platform.count("authentication_refused")
        if account == "blocked":
            return Answer(403)
        realms = {
            "unknown": f'Basic realm="{realm}"',
            "expired": 'Basic realm="Expiration du mot de passe"',
            "not-enrolled": 'DSNLogin realm="Utilisateur non-inscrit au service"',
        }
        return Answer(401, headers={"WWW-Authenticate": realms[account]})

    def _credentials(self, request: Request) -> tuple[str, str, str, str, str, str] | None:
        try:
            text = request.body.decode("utf-8")
        except UnicodeDecodeError:
            return None
        if request.steps[-1] == "2.0":
            match = _MSA.fullmatch(text)
            if match is None:
                return None
            account = self.platform.config.accounts[0]
            return (
                unescape(match[1]),
                account.nom,
                account.prenom,
                unescape(match[2]),
                "26",
                "msa.fr",
            )
        match = _CREDENTIALS.fullmatch(text)
        if match is None:
            return None
        values = dict(zip(_FIELDS, map(unescape, match.groups()), strict=True))
        if any(not v or len(v) > _LONGEST[k] for k, v in values.items()):
            return None
        if len(values["siret"]) != _LONGEST["siret"] or values["service"] not in SERVICES:
            return None
        siret, nom, prenom, password, service = values.values()
        return siret, nom, prenom, password, service, "net-entreprises.fr"

    def _caller(self, request: Request) -> Account | Answer:
        match = _BEARER.fullmatch(request.headers.get("authorization", ""))
        found: Account | str = "missing"
        if match is not None and match[1]:
            found = self.platform.bearer(match[1], None)
        elif match is not None:
            found = self.platform.bearer(match[2], _from_base64(match[3]))
        if isinstance(found, Account):
            return found
        realm = "Expiration du jeton" if found == "ended" else "Jeton manquant ou invalide"
        return Answer(401, headers={"WWW-Authenticate": f'DSNLogin realm="{realm}"'})

    # -- deposit

    def _deposit(self, request: Request, fault: Fault | None) -> Answer:
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
        if fault is not None and fault.name in ("status", "garbage-200") and not fault.effect:
            return Answer(200)  # replaced by the fault; nothing is recorded
        recorded, document = self.platform.deposit(
            caller,
            content,
            listed_after=self.listed_after,
            overwrite=self.overwrite_after,
        )
        kind = "application/xml" if request.steps[-1] == "1.0" else "application/json"
        return Answer(200 if recorded else 422, document, {"Content-Type": kind})

    # -- consultation

    def _consult(self, request: Request, _fault: Fault | None) -> Answer:
        steps = request.steps[1:]
        if request.method != "GET":
            return Answer(405)
        if len(steps) < 3 or steps[0] not in LISTINGS or steps[1] not in ("1.0", "2.0"):
            return Answer(404)
        caller = self._caller(request)
        if isinstance(caller, Answer):
            return caller
        name, version, arguments = steps[0], steps[1], steps[2:]
        if name == "lister-retours-flux":
            return self._flow(caller, arguments, version)
        width = self.platform.config.returns_minutes
        if name == "lister-depots":
            width = self.platform.config.deposits_minutes
        elif name == "lister-retours-concentrateur":
            width = 10
        return self._window(caller, name, version, arguments, width)

    def _flow(self, caller: Account, arguments: list[str], version: str) -> Answer:
        idflux = arguments[0]
        if len(idflux) > 50 or len(arguments) > 1:
            return Answer(422)
        found = self.platform.of_flow(caller, idflux)
        if found is None:
            return Answer(404)
        body = self.listings.returns(found, version) if found else b""
        return self._listed(body, version, None)

    def _window(
        self, caller: Account, name: str, version: str, arguments: list[str], width: int
    ) -> Answer:
        now = self.platform.now()
        digits = 8 if name == "lister-bpij-declarant" else 14
        padded = [a + "000000" if digits == 8 else a for a in arguments]
        bounds = [moment(a) for a in padded]
        if len(bounds) > 2 or None in bounds:
            return Answer(422)
        start = bounds[0]
        end = bounds[1] if len(bounds) == 2 else now
        if start is None or end is None or end < start:
            return Answer(422)
        if name == "lister-bpij-declarant":
            return self._listed(self.listings.objects("bpijs"), "2.0", None)
        # Both bounds are whole seconds: the last one belongs to the window.
        if end - start > timedelta(minutes=width, seconds=1):
            return Answer(429)
        end += timedelta(seconds=1)
        if name == "lister-depots":
            deposits = self.platform.listed(caller, start, end)
            body = self.listings.deposits(self.platform, caller, deposits, version)
        elif name == "lister-objets-declarant":
            body = self.listings.objects("objets")
        else:
            body = self.listings.returns(self.platform.published(caller, start, end), version)
        return self._listed(body, version, width)

    def _listed(self, body: bytes, version: str, width: int | None) -> Answer:
        head = {
            "Content-Type": "application/xml" if version == "1.0" else "application/json",
            "Expires": _http_date(self.platform.now() + timedelta(seconds=FRESH)),
        }
        if width is not None:
            head["Accept-Ranges"] = f"minutes=0-{width}"
        return Answer(200, body, head)

    # -- download

    def _download(self, request: Request, _fault: Fault | None) -> Answer:
        steps = request.steps[1:]
        if request.method != "GET":
            return Answer(405)
        if steps[:2] != ["telecharger-retour", "1.0"] or len(steps) != 4:
            return Answer(404)
        caller = self._caller(request)
        if isinstance(caller, Answer):
            return caller
        number = int(steps[3]) if steps[3].isdigit() else -1
        found = self.platform.document(caller, steps[2], number)
        if found is None:
            return Answer(404)
        return Answer(200, found.content, {"Content-Type": "application/xml"})


def _is_type(request: Request, wanted: str) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == wanted


def _is_gzip(request: Request) -> bool:
    return request.headers.get("content-encoding", "").strip().lower() == "gzip"


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
