"""The deposit: its request, and the reading of the receipt.

200 with an idflux is the AEE, 422 with a body the ARE. The JSON shape of the AEE is not published,
and XML comes under a JSON content type: the idflux is looked for in whatever came. What proves
nothing is never taken for a proof.
"""

from __future__ import annotations

import gzip
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from vaguemestre.api import (
    Finding,
    NoEffect,
    OutcomeUnknown,
    Receipt,
    Refusal,
    Severity,
    VaguemestreError,
)
from vaguemestre_net_entreprises.protocol import dates, trees
from vaguemestre_net_entreprises.protocol.faults import Call, explain, fault
from vaguemestre_net_entreprises.protocol.messages import Answer, Request, Unreadable, is_page
from vaguemestre_net_entreprises.texts import _

#: Spellings of the key of a reference, in lower case.
_REFERENCE = ("idflux", "id_flux", "id-flux")
#: The longest idflux that the consultation accepts.
_LONGEST_REFERENCE = 50


def request(
    url: str, authorization: str, payload: bytes, content_type: str = "text/plain"
) -> Request:
    """The request that deposits `payload` (the file's bytes as they are; a DSN is text in ISO
    8859-1)."""
    headers = {
        "Authorization": authorization,
        "Content-Type": content_type,
        "Content-Encoding": "gzip",
        "Accept-Encoding": "gzip",
    }
    # mtime=0: the same bytes always make the same request.
    body = gzip.compress(payload, compresslevel=6, mtime=0)
    return Request(method="POST", url=url, headers=headers, body=body)


def read(answer: Answer, zone: ZoneInfo) -> Receipt | Refusal:
    """The receipt or the refusal that the answer is; never for a 401 that can be replayed.

    Raises NoEffect (CredentialRefused) if nothing was recorded, OutcomeUnknown otherwise.
    """
    if answer.status not in (200, 201, 202, 422) or not answer.body.strip():
        raise _no_receipt(answer)
    try:
        tree = trees.read(answer.body)
    except Unreadable:
        raise _no_receipt(answer) from None
    kind = _kind(tree)
    references = _references(tree)
    if kind == "ARE" or (answer.status == 422 and kind != "AEE"):
        return _refusal(answer, tree, references)
    if answer.status == 422:
        raise OutcomeUnknown(
            _("The platform answered with a receipt and a refusal at once (HTTP 422).")
        )
    if len(references) != 1:
        raise _no_receipt(answer)
    return Receipt(
        reference=references[0],
        recorded_at=_recorded_at(tree, zone),
        document=answer.body,
        media_type=answer.media_type,
        evidence=_evidence(answer),
    )


def references(answer: Answer) -> list[str]:
    """The references that an answer names, whatever it is."""
    try:
        return _references(trees.read(answer.body))
    except Unreadable:
        return []


def _no_receipt(answer: Answer) -> VaguemestreError:
    if answer.status == 422 and answer.body.strip():
        # A page of something in front of the platform: no ARE, and nothing recorded either.
        if is_page(answer.body):
            return NoEffect(explain(answer, Call.LISTING))
        return NoEffect(
            _("The platform refused the deposit without saying why in a form that can be read."),
            permanent=True,
        )
    if answer.status < 300:
        return OutcomeUnknown(
            _("The platform answered without the reference of the deposit (HTTP {status}).").format(
                status=answer.status
            )
        )
    return fault(answer, Call.DEPOSIT)


def _kind(tree: trees.Tree) -> str:
    """AEE or ARE as the document itself says, or "" if it does not."""
    for found in trees.dicts(tree):
        for name in ("rapport", "gipmds:rapport"):
            for report in trees.many(found.get(name)):
                kind = trees.text_of(report.get("type")) if isinstance(report, dict) else ""
                if kind.upper() in ("AEE", "ARE"):
                    return kind.upper()
        if (kind := trees.text_of(found.get("type")).upper()) in ("AEE", "ARE"):
            return kind
        if {"aee", "are"} & found.keys():
            return "AEE" if "aee" in found else "ARE"
    state = trees.first(tree, "envoi_etat").upper()
    return {"KO": "ARE", "OK": "AEE"}.get(state, "")


def _references(tree: trees.Tree) -> list[str]:
    """All different references in the document that could be one."""
    found = {
        trees.text_of(entry[name])
        for entry in trees.dicts(tree)
        for name in _REFERENCE
        if name in entry
    }
    return sorted(r for r in found if r and len(r) <= _LONGEST_REFERENCE and r.isprintable())


def _refusal(answer: Answer, tree: trees.Tree, references: list[str]) -> Refusal:
    findings = _findings(tree)
    message = findings[0].message if findings else ""
    if len(findings) > 1:
        message = _("{first} (and {count} more)").format(first=message, count=len(findings) - 1)
    return Refusal(
        message=message or _("The platform rejected the deposit."),
        reference=references[0] if len(references) == 1 else "",
        findings=findings,
        document=answer.body,
        media_type=answer.media_type,
        evidence=_evidence(answer),
    )


def _findings(tree: trees.Tree) -> tuple[Finding, ...]:
    """One finding for each anomaly: every mapping with a message, and perhaps a code.

    Values are left out: they can be personal.
    """
    found = []
    for entry in trees.dicts(tree):
        message = " ".join(trees.text_of(entry.get("message") or entry.get("libelle")).split())
        code = trees.text_of(entry.get("code"))
        if not message or "valeur" in entry or (not code and "message" not in entry):
            continue
        category = trees.text_of(entry.get("categorie")).lower()
        line = trees.text_of(entry.get("numero_ligne"))
        found.append(
            Finding(
                severity=Severity.WARNING if category.startswith("non") else Severity.BLOCKING,
                code=code or "ARE",
                message=message,
                line=int(line) if line.isdecimal() else None,
            )
        )
    return tuple(found)


def _recorded_at(tree: trees.Tree, zone: ZoneInfo) -> datetime | None:
    """When it was recorded, else received, by the platform's clock."""
    for word in ("enregistrement", "reception"):
        day, hour = trees.first(tree, f"date_{word}"), trees.first(tree, f"heure_{word}")
        moment = dates.parse(f"{day} {hour}".strip(), zone) if day else None
        if moment is not None:
            return moment
    return dates.parse(trees.first(tree, "date"), zone)


def _evidence(answer: Answer) -> dict[str, Any]:
    facts = {"status": answer.status, "bytes": len(answer.body), "type": answer.media_type}
    if "date" in answer.headers:
        facts["date"] = answer.headers["date"]
    return facts
