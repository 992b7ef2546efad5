"""Reads the configuration file: bytes to tables, and the lines of its keys.

Whatever keeps it from being read (missing, a folder, not UTF-8, not TOML) is one `Problem`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from vaguemestre.config.positions import lines_of
from vaguemestre.config.problems import Place, Problem
from vaguemestre.locale import _

_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_BOM = b"\xef\xbb\xbf"
#: A configuration has some kilobytes; what is larger was named by mistake.
_LARGEST = 4_000_000


def read(file: Path) -> tuple[dict[str, Any], dict[Place, int]] | Problem:
    """The tables of `file` and the lines of their keys, or why it cannot be read."""
    content = _bytes(file)
    if isinstance(content, Problem):
        return content
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Problem(file, line, "", _("not UTF-8; save the file as UTF-8"))
    try:
        tables = tomllib.loads(text)
        return tables, lines_of(text)
    except tomllib.TOMLDecodeError as error:
        return _not_toml(file, text, str(error))
    except RecursionError:
        return Problem(file, 0, "", _("lists or tables are nested too deeply"))


def _bytes(file: Path) -> bytes | Problem:
    message = ""
    content = b""
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
    except FileNotFoundError:
        message = _("this file does not exist; name the configuration with -c FILE")
    except IsADirectoryError:
        message = _("this is a folder; name the configuration file itself")
    except (OSError, ValueError) as error:
        detail = error.strerror if isinstance(error, OSError) else None
        message = _("cannot be read ({detail})").format(detail=detail or type(error).__name__)
    if message:
        return Problem(file, 0, "", message)
    if len(content) > _LARGEST:
        return Problem(file, 0, "", _("too large to be a configuration file"))
    if content.startswith(_BOM):
        return Problem(
            file, 1, "", _("begins with a byte order mark; save the file as UTF-8 without BOM")
        )
    return content


def _not_toml(file: Path, text: str, error: str) -> Problem:
    match = _AT_LINE.search(error)
    detail = _AT_LINE.sub("", error)
    line = int(match[1]) if match and match[1] else text.count("\n") + 1
    message = _("not valid TOML: {detail}").format(detail=_explain(detail))
    return Problem(file, line, "", message)


def _explain(detail: str) -> str:
    """The frequent mistakes in the reader's language, the others as tomllib says them."""
    if detail.startswith(("Unescaped '\\'", "Invalid hex value", "Escaped character")):
        return _(
            "a backslash in double quotes; write paths with /, or in single quotes: 'C:\\Paie'"
        )
    known = {
        "Invalid value": _("the value is missing, or a text has no quotes"),
        "Invalid statement": _("neither a [section] nor a line of the form key = value"),
        "Expected '=' after a key in a key/value pair": _("there is no = after the key"),
        "Cannot overwrite a value": _("the key stands there twice"),
        "Unterminated string": _("the closing quote is missing"),
        "Unclosed array": _("the closing ] is missing"),
        "Unclosed inline table": _("the closing } is missing"),
        "Expected newline or end of document after a statement": _(
            "there is something behind the value"
        ),
    }
    if detail.startswith("Illegal character '\\n'"):
        return known["Unterminated string"]
    if detail.startswith("Cannot declare"):
        return _("the section stands there twice")
    return known.get(detail, detail)
