"""Controls a large file in a process of its own, so that the daemon goes on serving meanwhile.

`python -m vaguemestre_seculine.worker LANGUAGE TYPE` reads the file from its standard input, keeps
it in an unnamed temporary file, and writes the findings as JSON. Whatever goes wrong with the
process is a technical failure of the control: never a green light, never a refusal.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile

import msgspec
import trio

from vaguemestre.api import Finding, language, set_language

#: How much of what a failed process says is kept.
_SAID = 2_000


class WorkerError(Exception):
    """The process that controls gave no findings: the message says how it ended."""


async def check_aside(kind: str, payload: bytes) -> list[Finding]:
    """The findings of `autocontrol.check`, made in another process, which ends with a cancellation.

    Raises WorkerError, OSError (the process cannot be started).
    """
    done = await trio.run_process(
        [sys.executable, "-m", __name__, language(), kind],
        stdin=payload,
        capture_stdout=True,
        capture_stderr=True,
        check=False,
        start_new_session=True,  # a Ctrl-C in the terminal is the daemon's business
    )
    if done.returncode:
        raise WorkerError(_ended(done))
    try:
        return msgspec.json.decode(done.stdout, type=list[Finding])
    except msgspec.DecodeError as error:
        raise WorkerError(f"the control wrote no findings: {error}") from error


def _ended(done: subprocess.CompletedProcess[bytes]) -> str:
    """How the process ended. Only the kind of an error is told: its text may quote the file."""
    lines = done.stderr[-_SAID:].decode("utf-8", "replace").strip().splitlines()
    kind = lines[-1].partition(":")[0] if lines else ""
    return f"the control ended with {done.returncode}" + (f" ({kind})" if kind else "")


def main(chosen: str, kind: str) -> None:
    """Control what comes in."""
    from vaguemestre_seculine.autocontrol import check

    set_language(chosen)
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
        file.seek(0)
        findings = check(kind, file)
    sys.stdout.buffer.write(msgspec.json.encode(findings))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
