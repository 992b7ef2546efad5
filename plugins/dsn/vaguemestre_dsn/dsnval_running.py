"""Runs DSN-Val, the official self-check tool, and reads its report.

The tool is a program in Java that writes a report and knows the norm of one year. Its report is
what counts, not how it ends; but whatever keeps it from a whole report about this very file is a
technical failure: never a green light, never a refusal of the declaration.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from vaguemestre.api import Declaration, Finding, VaguemestreError
from vaguemestre_dsn.dsnval import Settings
from vaguemestre_dsn.reading import rapport, xml
from vaguemestre_dsn.reading.report import Report
from vaguemestre_dsn.texts import _

#: The name that the tool gets the file under, and the ending of its report's.
NAME, ENDING = "declaration.dsn", ".xml"
#: The largest report that is read, in bytes.
LARGEST = xml.LARGEST
_NORM = re.compile(rb"^S10\.G00\.00\.006,'([^'\r\n]{1,12})'", re.MULTILINE)
_BEGINNING = 8192
#: Bytes of the tool's output that are read at once, and thrown away.
_PIECE = 1 << 16


class DsnValError(VaguemestreError):
    """DSN-Val said nothing about the file; the message says why and what to do."""


class Run:
    """One run of the tool. `base`: the folder from which relative paths count."""

    def __init__(self, options: Settings, base: Path) -> None:
        self._options = options
        self._base = base

    async def findings(self, declaration: Declaration, payload: bytes) -> Sequence[Finding]:
        """What the tool finds. Raises DsnValError."""
        self._check_norm(payload)
        folder = self._base / self._options.folder if self._options.folder else None
        try:
            with tempfile.TemporaryDirectory(prefix="dsn-val-", dir=folder) as made:
                return await self._check_in(Path(made), declaration, payload)
        except OSError as error:
            text = _("DSN-Val cannot work: {error}. Check its folder, its rights and the disk.")
            raise DsnValError(text.format(error=error.strerror or error)) from error

    def _check_norm(self, payload: bytes) -> None:
        found = _NORM.search(payload[:_BEGINNING])
        norm = found[1].decode("latin-1") if found else "?"
        if norm not in self._options.norms:
            text = _(
                "this DSN-Val knows {norms}, and the file is of {norm}: install the version of "
                "that year, or correct `norms` in its settings"
            )
            raise DsnValError(text.format(norms=", ".join(self._options.norms), norm=norm))

    async def _check_in(
        self, made: Path, declaration: Declaration, payload: bytes
    ) -> Sequence[Finding]:
        file, output = made / NAME, made / "report"
        await trio.to_thread.run_sync(_prepare, file, output, payload)
        ended = await self._run(file, output)
        content = await trio.to_thread.run_sync(_report_in, output)
        if content is None:
            text = _(
                "DSN-Val ended with {code} and wrote no report: start its command by hand, and "
                "check that Java is there"
            )
            raise DsnValError(text.format(code=ended))
        report = await trio.to_thread.run_sync(rapport.read, content)
        return _judged(report, declaration, ended)

    async def _run(self, file: Path, output: Path) -> int:
        """How the program ended. Raises DsnValError if it cannot be started or does not end."""
        words = list(self._options.command)
        for mark, path in (("{output}", output), ("{file}", file)):
            words = [word.replace(mark, str(path)) for word in words]
        environment = dict(os.environ)
        if self._options.java:
            java = self._base / self._options.java
            environment["JAVA_HOME"] = str(java)
            environment["PATH"] = f"{java / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
        try:
            async with _started(words, file.parent, environment) as process:
                with trio.fail_after(self._options.timeout):
                    await _drain(process)
                    return await process.wait()
        except trio.TooSlowError as error:
            text = _("DSN-Val did not end within {seconds} s: it was stopped")
            raise DsnValError(text.format(seconds=f"{self._options.timeout:g}")) from error
        except OSError as error:
            text = _("DSN-Val cannot be started ({command}: {error}): correct `command`")
            raise DsnValError(text.format(command=words[0], error=error.strerror)) from error


@asynccontextmanager
async def _started(
    words: Sequence[str], folder: Path, environment: dict[str, str]
) -> AsyncIterator[trio.Process]:
    """The program in a session of its own; at the end it is gone with all its children."""
    process = await trio.lowlevel.open_process(
        list(words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _kill(process)
        with trio.CancelScope(shield=True):
            await process.wait()
            if process.stdout is not None:
                await process.stdout.aclose()


def _kill(process: trio.Process) -> None:
    """End the session's processes. The program itself may have ended before its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


async def _drain(process: trio.Process) -> None:
    """Read what the program says, and forget it: it may quote the file."""
    if process.stdout is not None:
        while await process.stdout.receive_some(_PIECE):
            pass


def _prepare(file: Path, output: Path, payload: bytes) -> None:
    output.mkdir(mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(payload)


def _report_in(output: Path) -> bytes | None:
    """The report, as far as it may be read; None if there is none."""
    path = output / f"{NAME}{ENDING}"
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return stream.read(LARGEST + 1)


def _judged(report: Report | None, declaration: Declaration, ended: int) -> Sequence[Finding]:
    """The findings of a report that can be believed. Raises DsnValError."""
    if report is None or not report.whole:
        text = _("the report of DSN-Val cannot be read or breaks off: control the file again")
        raise DsnValError(text)
    ours = declaration.identity
    other = [k for k, v in report.identity.items() if v and ours.get(k) and ours[k] != v]
    if other:
        text = _("the report of DSN-Val is about another declaration ({what}): see its settings")
        raise DsnValError(text.format(what=", ".join(sorted(other))))
    if ended and not report.findings:
        text = _(
            "DSN-Val ended with {code}, and its report names no anomaly: start its command by hand"
        )
        raise DsnValError(text.format(code=ended))
    return report.findings
