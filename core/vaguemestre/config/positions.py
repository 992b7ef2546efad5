"""Says on which line of a TOML file each key stands; `tomllib` keeps no positions.

Reads only text that `tomllib` has accepted, so it follows the grammar without checking it. The
values themselves stay with `tomllib`.
"""

from __future__ import annotations

import re
import tomllib

from vaguemestre.config.problems import Place

_BLANK = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\]|\\.)*"')
_LITERAL = re.compile(r"'[^']*'")
# Up to two more quotes may stand before the closing three: they belong to the text.
_LONG_BASIC = re.compile(r'"""(?:[^\\]|\\.)*?"""(?:""?(?!"))?', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''.*?'''(?:''?(?!'))?", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\n]*")


def lines_of(text: str) -> dict[Place, int]:
    """The 1-based line of every table, key and array item of `text`, which must be valid TOML."""
    return _Scanner(text.replace("\r\n", "\n")).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counted = 0
        self._line = 1
        self._table: Place = ()
        self._last: dict[Place, int] = {}  # arrays of tables: index of the one being written
        self.lines: dict[Place, int] = {}

    def scan(self) -> dict[Place, int]:
        self._skip(_BETWEEN)
        while self._at < len(self._text):
            if self._text.startswith("[[", self._at):
                self._header(2)
            elif self._text[self._at] == "[":
                self._header(1)
            else:
                self._pair(self._table)
            self._skip(_BETWEEN)
        return self.lines

    # -- statements

    def _header(self, brackets: int) -> None:
        line = self._here()
        self._at += brackets
        keys = self._dotted_key()
        self._at += brackets
        table: Place = ()
        for number, key in enumerate(keys):
            table += (key,)
            self.lines.setdefault(table, line)
            if brackets == 2 and number == len(keys) - 1:
                self._last[table] = self._last.get(table, -1) + 1
            if table in self._last:
                table += (self._last[table],)
        self.lines[table] = line  # rather than that of a table inside it, written before
        self._table = table

    def _pair(self, table: Place) -> None:
        line = self._here()
        place = table
        for key in self._dotted_key():
            place += (key,)
            self.lines.setdefault(place, line)
        self._at += 1  # the equals sign
        self._value(place)

    def _dotted_key(self) -> list[str]:
        """Read a key with its blanks, up to what follows it."""
        keys = [self._key()]
        while self._text[self._at] == ".":
            self._at += 1
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        self._skip(_BLANK)
        quote = self._text[self._at]
        if quote == "'":
            key = self._skip(_LITERAL)[1:-1]
        elif quote == '"':
            (key,) = tomllib.loads(self._skip(_BASIC) + " = 0")
        else:
            key = self._skip(_BARE_KEY)
        self._skip(_BLANK)
        return key

    # -- values

    def _value(self, place: Place) -> None:
        self._skip(_BLANK)
        rest = self._text[self._at : self._at + 3]
        if rest == '"""':
            self._skip(_LONG_BASIC)
        elif rest == "'''":
            self._skip(_LONG_LITERAL)
        elif rest[0] == '"':
            self._skip(_BASIC)
        elif rest[0] == "'":
            self._skip(_LITERAL)
        elif rest[0] == "[":
            self._array(place)
        elif rest[0] == "{":
            self._inline_table(place)
        else:
            self._skip(_SCALAR)

    def _array(self, place: Place) -> None:
        self._at += 1
        self._skip(_BETWEEN)
        index = 0
        while self._text[self._at] != "]":
            self.lines[(*place, index)] = self._here()
            self._value((*place, index))
            self._comma()
            index += 1
        self._at += 1

    def _inline_table(self, place: Place) -> None:
        self._at += 1
        self._skip(_BETWEEN)
        while self._text[self._at] != "}":
            self._pair(place)
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        self._skip(_BETWEEN)
        if self._text[self._at] == ",":
            self._at += 1
            self._skip(_BETWEEN)

    # -- reading

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"line {self._here()}: not TOML")
        self._at = match.end()
        return match.group()

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line
