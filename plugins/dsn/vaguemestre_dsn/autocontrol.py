"""The autocontrol of DSN files: finds what the platform would refuse, before it is sent.

What can be told from the bytes as a whole is told here; the pass over the file is `survey`'s.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import BinaryIO

from vaguemestre.api import Autocontrol, Declaration, Finding
from vaguemestre_dsn.encoding import other_encoding
from vaguemestre_dsn.findings import Findings
from vaguemestre_dsn.texts import _

#: Below this many bytes, checking is quicker than handing it to a thread; from the other on, a
#: process of its own keeps the daemon free.
INLINE_BYTES, ASIDE_BYTES = 65_536, 2 << 20
#: Bytes at the beginning that show a lot, or lines without LF.
_BEGINNING = 65_536
#: A block that only an organism's lot has: S05, S06, S95 or S96.
_LOT = re.compile(rb"^(S(?:05|06|95|96)\.G51\.00)\.\d\d\d,'", re.MULTILINE)


class DsnControl(Autocontrol):
    name = "dsn"

    def applies(self, declaration: Declaration) -> bool:
        return declaration.kind == "dsn"

    async def check(self, declaration: Declaration, payload: bytes) -> Sequence[Finding]:
        del declaration
        if len(payload) < INLINE_BYTES:
            return check(payload)
        if len(payload) < ASIDE_BYTES:
            import trio  # not needed to register, and slow to import

            return await trio.to_thread.run_sync(check, payload)
        from vaguemestre_dsn.worker import check_aside

        return await check_aside(payload)


def check(payload: bytes | BinaryIO, today: date | None = None) -> list[Finding]:
    """The findings of a file, blocking first, repeated ones grouped. Never raises.

    `payload`: its bytes, or an open file, which is read in pieces. `today`: for the rules about
    this year.
    """
    # The norm and its rules are loaded when the first file comes, not when the daemon starts.
    from vaguemestre_dsn.engine.buffer import Buffer
    from vaguemestre_dsn.survey import Survey

    stream = io.BytesIO(payload) if isinstance(payload, bytes) else payload
    findings = Findings()
    begin = stream.read(_BEGINNING)
    if not begin.strip() and not stream.read(1):
        findings.block("file/empty", _("The file is empty: produce it again and drop it again."))
        return findings.result()
    other = other_encoding(stream)
    if other is not None:
        _wrong_encoding(findings, *other)
        if other[0] == "UTF-16":
            return findings.result()
    if b"\n" not in begin and b"\r" in begin:
        text = _("The lines end with CR alone: produce the file with CR LF or LF.")
        findings.block("file/lines", text)
        return findings.result()
    if lot := _LOT.search(begin):
        line = begin.count(b"\n", 0, lot.start()) + 1
        text = _(
            "This is a lot as an organism keeps it, not a file to deposit: drop the file that the "
            "payroll software produced. What is inside is controlled by: vaguemestre check --lot"
        )
        findings.block(f"{lot[1].decode()}/CST-02", text, line)
        return findings.result()
    stream.seek(0)
    survey = Survey(
        findings, today or datetime.now().astimezone().date(), is_utf_8=other is not None
    )
    survey.read(Buffer(stream))
    survey.conclude()
    return findings.result()


def _wrong_encoding(findings: Findings, encoding: str, line: int) -> None:
    text = _(
        "The file is in {encoding}; the platform reads ISO 8859-1 only. Set this encoding in the "
        "payroll software and produce the file again."
    )
    findings.block("file/encoding", text.format(encoding=encoding), line)
