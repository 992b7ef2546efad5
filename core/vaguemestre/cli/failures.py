"""What a command's failure becomes: one clear line and an exit code, never a raw traceback.

0 done, 1 the thing asked about is not well, 2 usage or configuration, 3 internal.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import click

from vaguemestre.errors import ConfigurationError, StoreError, VaguemestreError
from vaguemestre.locale import _

NOT_WELL, USAGE, INTERNAL = 1, 2, 3


class NotWell(click.ClickException):
    """What was asked about is not well, or cannot be done now."""

    exit_code = NOT_WELL


class Misuse(click.ClickException):
    """The command or the configuration must be written differently."""

    exit_code = USAGE


class InternalFailure(click.ClickException):
    """Something that must not happen."""

    exit_code = INTERNAL


@contextmanager
def told(*, debug: bool) -> Iterator[None]:
    """Turn what a command raises into what people read. With `debug`, the unexpected passes."""
    try:
        yield
    except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
        raise
    except (ConfigurationError, StoreError) as error:
        raise Misuse(_redacted(str(error))) from error
    except VaguemestreError as error:
        raise NotWell(_redacted(str(error))) from error
    except Exception as error:
        if debug:
            raise
        raise InternalFailure(_unexpected(error)) from error


def _redacted(text: str) -> str:
    from vaguemestre.redaction import redact

    return redact(text)


def _unexpected(error: Exception) -> str:
    """The line for people. The details go into a file that only they can read."""
    import traceback

    details = "".join(traceback.format_exception(error))
    try:
        handle, place = tempfile.mkstemp(prefix="vaguemestre-error-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{sys.version}\n{_redacted(details)}")
    except OSError:
        place = _("nowhere: no temporary file could be written; repeat with --debug")
    return _(
        "this is a fault of the program ({kind}). Nothing was lost. Please send the details to "
        "support: {place}"
    ).format(kind=type(error).__name__, place=place)
