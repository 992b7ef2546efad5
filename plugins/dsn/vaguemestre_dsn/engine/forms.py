"""The forms of values as regular expressions over bytes.

One expression holds all that the norm asks of a value by itself: characters, length, form or codes.
The norm's forms are those of XML Schema: they are about the whole value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from vaguemestre_dsn.norm.tables import Type

#: What may stand in a value: printable characters of ISO 8859-1.
CHARACTER = r"[\x20-\x7e\xa0-\xff]"
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_ANCHOR = re.compile(r"(?<![\\\[])[\^$]")


@lru_cache(2048)
def fits(code: str, kind: Type) -> Callable[[bytes], re.Match[bytes] | None]:
    """The function that finds the value in a line without its LF, if that is one of a right
    form."""
    line = line_of(code, kind, end=r"'\r?\Z", group=True)
    return re.compile(line.encode("latin-1")).fullmatch


def line_of(code: str, kind: Type, *, end: str = r"'\r?\n", group: bool = False) -> str:
    """The expression of a whole line. `group`: it keeps the value."""
    form = form_of(kind, end)
    return f"{re.escape(code)},'{f'({form})' if group else form}{end}"


def form_of(kind: Type, end: str = r"'\r?\n") -> str:
    """The expression of a value, to stand between the apostrophes. `end`: what follows it."""
    if kind.codes:
        return f"(?:{_trie(kind.codes)})"
    if kind.form:
        form = f"(?:{without_groups(kind.form)})"
        if r"\x20" in form:
            form = rf"(?!\x20){form}(?<!\x20)"
        return _of_length(kind, form, end)
    if kind.nature == "N":
        return _of_length(kind, _NUMBER, end)
    return rf"(?!\x20){CHARACTER}{{{kind.least},{kind.most}}}(?<!\x20)"


def without_groups(form: str) -> str:
    """A form of the norm, its groups not kept: the positions of groups are ours. A caret or a
    dollar outside of brackets says what is so anyway; of blanks only the space may stand there."""
    return _ANCHOR.sub("", _GROUP.sub("(?:", form)).replace(r"\s", r"\x20")


def _of_length(kind: Type, form: str, end: str) -> str:
    return rf"(?=[^\r\n]{{{kind.least},{kind.most}}}{end}){form}"


def _trie(words: Iterable[str]) -> str:
    """An expression for any of the words that looks at each character once."""
    tree: dict[str, list[str]] = {}
    for word in words:
        tree.setdefault(word[:1], []).append(word[1:])
    ends = "" in tree
    tree.pop("", None)
    last = "".join(re.escape(c) for c, rest in tree.items() if rest == [""])
    parts = [f"[{last}]"] if last else []
    parts += [re.escape(c) + _group(_trie(rest)) for c, rest in tree.items() if rest != [""]]
    if ends:
        parts.append("")
    return "|".join(parts)


def _group(form: str) -> str:
    return f"(?:{form})" if "|" in form else form


@lru_cache(1024)
def whole(kind: Type) -> re.Pattern[bytes]:
    """Matches the form of a value without its length; for values that are wrong, to say why."""
    if kind.codes:
        form = f"(?:{_trie(kind.codes)})"
    elif kind.form:
        form = without_groups(kind.form)
    elif kind.nature == "N":
        form = _NUMBER
    else:
        form = f"{CHARACTER}*"
    return re.compile(form.encode("latin-1"))
