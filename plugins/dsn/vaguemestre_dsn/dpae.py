"""Recognises hirings (DPAE) in XML, which Urssaf's twin service takes.

The layout is not published with the norm: a file is one by its first element, and what it says of
the employer is read where an element is named SIRET. Nothing else of it is controlled.
"""

from __future__ import annotations

import re

from vaguemestre.api import Declaration, Format
from vaguemestre_dsn.texts import _

#: The first elements that DPAE files are known to have, without their namespace.
_ROOTS = re.compile(rb"<(?:\w+:)?(?:FR_DUE_Upload|DPAE\w*)[\s>/]", re.IGNORECASE)
_SIRET = re.compile(rb"<(?:\w+:)?SIRET>\s*(\d{14})\s*</", re.IGNORECASE)
#: What may stand before the first element.
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*", re.DOTALL)
#: Bytes in which the first element, and the employer, are looked for.
_BEGINNING, _LOOKED_AT = 65_536, 1 << 20


class DpaeFormat(Format):
    name = "dpae"

    def recognise(self, name: str, payload: bytes) -> Declaration | None:
        del name
        prolog = _PROLOG.match(payload[:_BEGINNING])
        if prolog is None or not _ROOTS.match(payload, prolog.end()):
            return None
        found = _SIRET.search(payload[:_LOOKED_AT])
        siret = found[1].decode() if found else ""
        return Declaration(
            kind=self.name,
            module="dpae",
            issuer=siret,
            company=siret[:9],
            label=_("Declaration of hirings (DPAE)"),
        )
