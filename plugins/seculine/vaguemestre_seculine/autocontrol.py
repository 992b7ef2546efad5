"""The autocontrol of SECUline files: finds what SOFiE or the CCSS would refuse, before it is sent.

What a flat file is as a whole is told here (encoding, ends, header); the fields of the records
whose layout is known by `wages` and `sickness`, the files that are not flat by `postings`. Of the
other types only the frame is known, so only the frame is controlled.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import BinaryIO
from zoneinfo import ZoneInfo

from vaguemestre.api import Autocontrol, Declaration, Finding
from vaguemestre_seculine.findings import Findings
from vaguemestre_seculine.naming import ANSWERS, NOT_FLAT
from vaguemestre_seculine.numbers import EMPLOYER, SECULINE
from vaguemestre_seculine.records import (
    BOM,
    FIELDS,
    HEADER,
    LONGEST,
    Record,
    read,
    type_by_records,
    utf_16,
)
from vaguemestre_seculine.texts import _
from vaguemestre_seculine.words import name_of

#: Below this many bytes, checking is quicker than handing it to a thread; from the other on, a
#: process of its own keeps the daemon free.
INLINE_BYTES, ASIDE_BYTES = 16_384, 2 << 20
_BEGINNING = 8_192
_OTHER = re.compile(r"[^\x20-\x7e]")
_NUMBER = re.compile(r"[0-9]{13}")


class SeculineControl(Autocontrol):
    name = "seculine"

    def applies(self, declaration: Declaration) -> bool:
        return declaration.kind == "seculine"

    async def check(self, declaration: Declaration, payload: bytes) -> Sequence[Finding]:
        kind = declaration.identity.get("type", "")
        if kind in NOT_FLAT:
            kind = f"{kind}/{declaration.identity.get('name_fault', '')}"
        if len(payload) < INLINE_BYTES:
            return check(kind, payload)
        if len(payload) < ASIDE_BYTES:
            import trio  # not needed to register, and slow to import

            return await trio.to_thread.run_sync(check, kind, payload)
        from vaguemestre_seculine.worker import check_aside

        return await check_aside(kind, payload)


def check(kind: str, payload: bytes | BinaryIO, today: date | None = None) -> list[Finding]:
    """The findings of a file of this type, blocking first, repeated ones grouped. Never raises.

    `kind`: as recognised, "" if the file does not tell; behind a `/` what is wrong with its name
    (`naming.Fault`). `payload`: its bytes, or an open file,
    which is read in pieces. `today`: for the rules about the future, by default in Luxembourg.
    """
    stream = io.BytesIO(payload) if isinstance(payload, bytes) else payload
    findings = Findings()
    kind, _slash, name_fault = kind.partition("/")
    begin = stream.read(_BEGINNING)
    if not begin.strip() and not stream.read(1):
        findings.block("file/empty", _("The file is empty: produce it again and drop it again."))
    elif kind in ANSWERS:
        text = _(
            "This is an answer of the CCSS ({name}), not a declaration: nothing is sent. Take it "
            "out of this folder; to read it: vaguemestre returns read FILE"
        )
        findings.block("file/received", text.format(name=name_of(kind)))
    elif not kind:
        text = _(
            "The type of this SECUline file cannot be told. Name it after its type, for example "
            "DECSAL.dta, and drop it again."
        )
        findings.block("file/type", text)
    elif kind in NOT_FLAT:
        from vaguemestre_seculine.postings import check_name, check_posting

        check_name(findings, kind, name_fault)
        stream.seek(0)
        check_posting(findings, kind, stream)
    elif _is_text(findings, begin):
        stream.seek(0)
        _Survey(findings, kind, today or datetime.now(ZoneInfo("Europe/Luxembourg")).date()).run(
            stream, begin
        )
    return findings.result()


def _is_text(findings: Findings, begin: bytes) -> bool:
    """Whether records can be read at all."""
    if utf_16(begin):
        text = _(
            "The file is in UTF-16; the CCSS reads ASCII only. Set this encoding in the payroll "
            "software and produce the file again."
        )
        findings.block("file/encoding", text)
        return False
    if b"\0" in begin:
        text = _(
            "The file holds binary data, not records: it may be compressed, encrypted or damaged. "
            "Produce it again as plain text."
        )
        findings.block("file/binary", text)
        return False
    if b"\n" not in begin and b"\r" in begin:
        text = _("The lines end with CR alone: produce the file with CR LF.")
        findings.block("file/line-ends", text)
        return False
    return True


class _Survey:
    """One pass over a flat file."""

    def __init__(self, findings: Findings, kind: str, today: date) -> None:
        self._findings = findings
        self._kind = kind
        self._sender: list[str] | None = None
        self._records = 0
        self._fields: Callable[[Record], None] = self._unknown
        if kind == "DECSAL":
            from vaguemestre_seculine.wages import Wages

            self._fields = Wages(findings, today).record
        elif kind == "DECMAL":
            from vaguemestre_seculine.sickness import Sickness

            self._fields = Sickness(findings, today).record

    def run(self, stream: BinaryIO, begin: bytes) -> None:
        findings = self._findings
        if begin.startswith(BOM):
            text = _(
                "The file begins with a byte order mark (UTF-8), and SOFiE may refuse it. Have it "
                "produced as ASCII."
            )
            findings.warn("file/bom", text, 1)
        if not self._agrees(type_by_records(begin.removeprefix(BOM))):
            return
        last = None
        for record in read(stream):
            self._line(record)
            last = record
        if last is not None and not last.end:
            text = _(
                "The last line has no end and may be cut off: check that it is complete, and end "
                "it with CR LF."
            )
            findings.warn("file/last-end", text, last.line)
        if not self._records:
            text = _("The file holds no record but the header: there is nothing to declare.")
            findings.block("file/no-records", text)

    def _agrees(self, shown: str) -> bool:
        """Whether the type that the records show is not against that of the name. Only a layout
        that is known counts, and only against another one for certain."""
        if shown in ("", self._kind) or (ANSWERS.get(shown) or shown) not in FIELDS:
            return True
        text = _(
            "The file is named {named}, but its records are those of {shown}: name it after what "
            "it is, or drop the right file."
        ).format(named=self._kind, shown=shown)
        if self._kind in FIELDS:
            self._findings.block("file/type", text, 2)
            return False
        self._findings.warn("file/type", text, 2)
        return True

    def _line(self, record: Record) -> None:
        findings, fields = self._findings, record.fields
        if not record.whole:
            text = _("The line is longer than {count} characters: it is no record.")
            findings.block("file/long", text.format(count=LONGEST), record.line)
            return
        if record.end == b"\n":
            text = _("The line ends with LF alone: the CCSS asks for CR LF.")
            findings.warn("file/line-ends", text, record.line)
        if _OTHER.search(record.text):
            self._characters(record)
        if self._sender is None:
            self._header(record)
        elif fields[0] == HEADER:
            self._again(record)
        elif len(fields) == 1 and not fields[0].strip():
            findings.warn("file/blank", _("The line is blank: take it out."), record.line)
        else:
            self._records += 1
            self._fields(record)

    def _characters(self, record: Record) -> None:
        control = any(char < " " or char == "\x7f" for char in record.text)
        if control:
            text = _("The line holds control characters: produce the file again without them.")
            self._findings.block("file/characters", text, record.line)
        else:
            text = _(
                "The line holds letters beyond ASCII (accents), which the CCSS may garble: write "
                "them without accents."
            )
            self._findings.warn("file/encoding", text, record.line)

    def _header(self, record: Record) -> None:
        findings, fields = self._findings, record.fields
        self._sender = fields
        if fields[0] != HEADER or len(fields) < 3:
            text = _(
                "The first line must be 0;employer number;SECUline number. Have the file produced "
                "again with this header, separated by semicolons."
            )
            findings.block("0/header", text, record.line)
            if fields[0] != HEADER and len(fields) > 3:
                self._records += 1
                self._fields(record)
            return
        label = _("Employer number of the sender")
        if not EMPLOYER.fullmatch(fields[1]):
            text = _("The employer number of the header must have 13 digits: correct it.")
            findings.block("0.2/employer", text, record.line, value=fields[1], label=label)
        if not SECULINE.fullmatch(fields[2]):
            text = _("The SECUline number of the header must have 6 digits: correct it.")
            label = _("SECUline number")
            findings.block("0.3/seculine", text, record.line, value=fields[2], label=label)
        if any(fields[3:]):
            text = _("The header has more than three fields: check it.")
            findings.warn("0.4/header", text, record.line)
        elif fields[3:]:
            text = _("The header ends with a superfluous semicolon: SOFiE may refuse it.")
            findings.warn("0.4/header", text, record.line)

    def _again(self, record: Record) -> None:
        if record.fields == self._sender:
            text = _("The header comes again in the middle of the file: take it out.")
            self._findings.warn("0/again", text, record.line)
        else:
            text = _(
                "Another header stands in the middle of the file: two files were put together. "
                "Drop them one by one."
            )
            self._findings.block("0/again", text, record.line)

    def _unknown(self, record: Record) -> None:
        """A record of which only the frame is known."""
        place, fields = f"{self._kind}.1", record.fields
        if len(fields) < 2:
            text = _("The line is no record: its fields must be separated by semicolons.")
            self._findings.block(f"{place}/record", text, record.line)
        elif not any(_NUMBER.fullmatch(field) for field in fields):
            text = _("The record holds no number with 13 digits (employer, insured): check it.")
            self._findings.warn(f"{place}/numbers", text, record.line)
