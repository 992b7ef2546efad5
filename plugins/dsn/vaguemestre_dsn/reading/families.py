"""All families of reports: whichever knows a document reads it."""

from __future__ import annotations

from vaguemestre_dsn.reading import bpij, neores, oc, rapport
from vaguemestre_dsn.reading.report import Report

_READERS = (rapport.read, neores.read, oc.read, bpij.read)


def read(content: bytes) -> Report | None:
    """What a document says, or None if it is of no known family. Never raises."""
    for reader in _READERS:
        report = reader(content)
        if report is not None:
            return report
    return None
