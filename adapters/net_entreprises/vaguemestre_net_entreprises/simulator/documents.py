"""The documents that the platform gives: receipt, rejection, certificate, anomalies, reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from vaguemestre_net_entreprises.simulator.declaration import Deposited

PARIS = ZoneInfo("Europe/Paris")
#: Code and message of one anomaly.
Anomaly = tuple[str, str]


def receipt(account: tuple[str, str, str], idflux: str, facts: Deposited, at: datetime) -> bytes:
    """AEE: accusé d'enregistrement électronique."""
    return _report("AEE", _sending(account, idflux, at, facts) + _state("OK"))


def rejection(account: tuple[str, str, str], idflux: str, at: datetime) -> bytes:
    """ARE: avis de rejet."""
    anomaly = _anomaly("envoi_anomalie", ("B1-105-15", "Le format du fichier n'est pas reconnu."))
    return _report("ARE", _sending(account, idflux, at, None) + _state("KO") + anomaly)


def certificate(
    account: tuple[str, str, str], idflux: str, facts: Deposited, at: datetime
) -> bytes:
    """CCO: certificat de conformité."""
    return _report(
        "CCO", _sending(account, idflux, at, facts) + _state("OK"), _declaration(facts, "OK")
    )


def anomalies(
    account: tuple[str, str, str],
    idflux: str,
    facts: Deposited,
    at: datetime,
    found: Sequence[Anomaly],
) -> bytes:
    """BAN: bilan d'anomalies."""
    listed = "".join(_anomaly("envoi_anomalie", one) for one in found)
    sending = _sending(account, idflux, at, facts) + _state("KO") + listed
    return _report("BAN", sending, _declaration(facts, "KO"))


def report(
    nature: str,
    account: tuple[str, str, str],
    idflux: str,
    facts: Deposited,
    at: datetime,
    edition: int,
) -> bytes:
    """A later report of an organism; 94 tells the rate of each employee. Each edition differs from
    the one before."""
    sending = _sending(account, idflux, at, facts) + _state("OK")
    note = f"<!-- édition {edition} -->"
    rates = _rates(facts, edition) if nature == "94" else ""
    return _report(nature, sending, note + _declaration(facts, "OK", rates), version="v02r01")


def _rates(facts: Deposited, edition: int) -> str:
    """The withholding tax of the employees: any rates, but the same for the same place."""
    rates = (f"{number * 7 % 43}.{edition}0" for number in range(len(facts.people)))
    return "".join(
        f"<salarie>{_tag('NIR', nir)}{_tag('matricule', matricule)}"
        f"{_tag('taux_imposition_PAS', rate)}</salarie>"
        for (nir, matricule), rate in zip(facts.people, rates, strict=True)
    )


def _report(kind: str, sending: str, more: str = "", version: str = "v01r06") -> bytes:
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
        f'<gipmds:rapport profil="DSN" type="{kind}" version="{version}" '
        'xmlns:gipmds="http://www.gip-mds.fr/">'
        f"<envoi>{sending}</envoi>{more}</gipmds:rapport>\n"
    )
    return text.encode("latin-1", "xmlcharrefreplace")


def _sending(
    account: tuple[str, str, str], idflux: str, at: datetime, facts: Deposited | None
) -> str:
    siret, nom, prenom = account
    at = at.astimezone(PARIS)
    declarant = f"{_tag('siret', siret)}{_tag('nom', nom)}{_tag('prenom', prenom)}"
    parts = [
        f"<declarant>{declarant}</declarant>",
        _tag("idflux", idflux),
        _tag("identifiant", "MtoM"),
    ]
    if facts is not None:
        parts += [
            _tag("version_norme", facts["S10.G00.00.006"]),
            _tag("point_de_depot", facts["S10.G00.00.007"]),
            _tag("type_envoi", facts["S10.G00.00.008"]),
            _tag("essai_reel", facts["S10.G00.00.005"]),
            _tag("emetteur_siret", facts["S10.G00.01.001"] + facts["S10.G00.01.002"]),
        ]
    parts += [
        _tag("date_reception", at.strftime("%Y-%m-%d")),
        _tag("heure_reception", at.strftime("%H:%M:%S")),
    ]
    return f"<envoi_identification>{''.join(parts)}</envoi_identification>"


def _state(state: str) -> str:
    return f"<envoi_bilan>{_tag('envoi_etat', state)}</envoi_bilan>"


def _anomaly(name: str, anomaly: Anomaly) -> str:
    code, message = anomaly
    described = _tag("code", code) + _tag("categorie", "bloquant") + _tag("message", message)
    return f"<{name}><description>{described}</description></{name}>"


def _declaration(facts: Deposited, state: str, more: str = "") -> str:
    rubriques = {
        "nature": "S20.G00.05.001",
        "type": "S20.G00.05.002",
        "fraction": "S20.G00.05.003",
        "ordre": "S20.G00.05.004",
        "mois": "S20.G00.05.005",
        "identifiant_metier": "S20.G00.05.009",
        "SIREN": "S21.G00.06.001",
        "nic_siege": "S21.G00.06.002",
        "nic_affectation": "S21.G00.11.001",
    }
    named = "".join(_tag(tag, facts[r]) for tag, r in rubriques.items() if facts[r])
    content = f"<declaration_contenu>{_tag('salaries', str(facts.employees))}</declaration_contenu>"
    return (
        f"<declaration><declaration_identification><rang>1</rang>{named}"
        f"</declaration_identification><declaration_bilan>{_tag('etat', state)}{content}{more}"
        "</declaration_bilan></declaration>"
    )


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
