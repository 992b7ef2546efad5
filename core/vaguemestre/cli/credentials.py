"""The fields of a secret: what the adapters want, asked at a terminal or read as JSON.

Values are never printed, not even in errors.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence

import click

from vaguemestre.cli.failures import Misuse
from vaguemestre.deployment import Deployment
from vaguemestre.locale import _
from vaguemestre.redaction import SECRET_NAME

#: A credential is a few short fields; more is something else by mistake.
MOST_BYTES = 65_536


def required_fields(deployment: Deployment, name: str) -> list[str]:
    """The fields that the adapters of the profiles with this credential want, in their order. All
    that one may ever want if it wants none now: the credential is named for some reason."""
    adapters = deployment.registry.adapters
    profiles = [p for p in deployment.config.profile if p.credential == name]
    wanted = [
        adapters[p.platform].needs(p.settings) or adapters[p.platform].credential_fields
        for p in profiles
    ]
    return list(dict.fromkeys(field for fields in wanted for field in fields))


def ask_fields(name: str, required: Sequence[str]) -> dict[str, str]:
    """Ask for each field at the terminal; secret ones are not shown."""
    if not required:
        raise Misuse(
            _(
                "no profile has the credential {name}, so its fields are not known: write the "
                "profile first, or give a JSON object on standard input"
            ).format(name=name)
        )
    return {
        field: str(click.prompt(field, hide_input=bool(SECRET_NAME.search(field)), err=True))
        for field in required
    }


def read_fields(required: Sequence[str]) -> dict[str, str]:
    """Read one JSON object from standard input. Raises Misuse that says what is wrong with it."""
    fields = _read_object()
    wrong = sorted(k for k, v in fields.items() if not isinstance(v, str) or not v.strip())
    if wrong:
        raise Misuse(
            _("these fields must be texts that are not empty: {fields}").format(
                fields=", ".join(wrong)
            )
        )
    missing = [field for field in required if field not in fields]
    if missing:
        unknown = sorted(set(fields) - set(required))
        raise Misuse(
            _("these fields are missing: {missing}; given besides: {unknown}").format(
                missing=", ".join(missing), unknown=", ".join(unknown) or "-"
            )
        )
    return {key: str(value) for key, value in fields.items()}


def _read_object() -> dict[str, object]:
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    fields: object = None
    if len(raw) <= MOST_BYTES:
        try:
            fields = json.loads(raw.decode("utf-8-sig"))
        except ValueError:  # its message would quote the input
            fields = None
    if not isinstance(fields, dict) or not fields:
        raise Misuse(
            _("standard input must hold one JSON object of texts: {example}").format(
                example='{"siret": "…", "nom": "…"}'
            )
        )
    return fields


def warn_unknown(fields: Mapping[str, str], required: Sequence[str]) -> None:
    """Tell about fields that no adapter asks for: perhaps a slip, perhaps for later."""
    unknown = sorted(set(fields) - set(required))
    if required and unknown:
        note = _("Note: no profile asks for these fields: {fields}")
        click.echo(note.format(fields=", ".join(unknown)), err=True)
