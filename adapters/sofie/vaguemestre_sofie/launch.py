"""Starts a program once its parent has written down that it does: run as a script, with the
program's words as arguments.

It waits for a line on its standard input. A parent that died first sends none, and then nothing is
started: no program of ours ever runs that the next life would not find. Standard library only, and
nothing of this package, so that it starts in a moment.
"""

import os
import subprocess
import sys

NOT_STARTED = 125
NO_PROGRAM = 127


def main() -> int:
    if sys.stdin.buffer.readline().strip() != b"go":
        return NOT_STARTED
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - quicker than pathlib
        os.dup2(nothing.fileno(), 0)
    words = sys.argv[1:]
    try:
        if os.name == "nt":  # has no exec that keeps the process
            return subprocess.call(words)  # noqa: S603 - the configured program
        # The signal of a broken pipe stays ignored: the program outlives whoever reads its output.
        os.execvp(words[0], words)  # noqa: S606 - the configured program
    except OSError as error:
        print(f"{words[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return NO_PROGRAM


if __name__ == "__main__":
    sys.exit(main())
