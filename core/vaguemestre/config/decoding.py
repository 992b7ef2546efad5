"""Decodes tables into Structs and finds every mistake on the way, where msgspec stops at the first.

Struct by Struct and field by field; a single value is left to msgspec, with its constraints. Knows
nothing of this product's sections: `handlers` decode the types that need more than their fields.
"""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from vaguemestre.config.problems import Place, Problems
from vaguemestre.locale import _

Handler = Callable[[Any, Place], Any]

_SUFFIX = re.compile(r" - at `(?:key in )?\$([^`]*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
_EXPECTED = re.compile(r"Expected `([^`]+)`, got `([^`]+)`$")
_BOUND = re.compile(r"Expected `(?:int|float)[^`]*` (>=|<=|>|<) (\S+)$")
_LENGTH = re.compile(r"Expected `\w+[^`]*` of length (>=|<=) (\d+)$")

#: Names that hold a secret wherever they stand, and those that do unless a plugin declares them.
SECRET_KEYS = frozenset(
    {"motdepasse", "mot_de_passe", "mdp", "password", "passwd", "pwd", "passphrase"}
)
_LIKELY_SECRETS = SECRET_KEYS | {"secret", "token", "jeton", "api_key", "apikey"}


class Undecodable(enum.Enum):
    """Stands for a value that has a mistake and no default."""

    UNDECODABLE = enum.auto()


UNDECODABLE = Undecodable.UNDECODABLE


class Decoder:
    """Decodes values at a place of one file; mistakes go to `problems`."""

    def __init__(self, problems: Problems, handlers: Mapping[type, Handler] | None = None) -> None:
        self._problems = problems
        self._handlers = handlers or {}

    def value(self, raw: Any, wanted: Any, place: Place) -> Any:
        """`raw` as `wanted`, or UNDECODABLE. A list keeps the length it has in the file, with
        UNDECODABLE in place of wrong items."""
        wanted = _without_none(wanted)
        if isinstance(wanted, type) and wanted in self._handlers:
            return self._handlers[wanted](raw, place)
        if _is_struct(wanted):
            return self.struct(raw, wanted, place)
        item = _item_of(wanted)
        if item is not None and (_is_struct(item) or item in self._handlers):
            return self._items(raw, item, place)
        return self._leaf(raw, wanted, place)

    def struct(self, raw: Any, wanted: type[msgspec.Struct], place: Place) -> Any:
        """`raw` as the Struct. A wrong value with a default is reported and taken as its default,
        so that what depends on other values is still checked."""
        if not isinstance(raw, dict):
            self._problems.add(place, _not_a_table(raw, place))
            return UNDECODABLE
        fields = msgspec.structs.fields(wanted)
        if wanted.__struct_config__.forbid_unknown_fields:
            self.unknown(raw, [f.encode_name for f in fields], place)
        values, whole = {}, True
        for field in fields:
            if field.encode_name not in raw:
                if field.required:
                    self._problems.add((*place, field.encode_name), _("missing"))
                    whole = False
                continue
            found = self.value(raw[field.encode_name], field.type, (*place, field.encode_name))
            if found is not UNDECODABLE:
                values[field.name] = found
            elif field.required:
                whole = False
        return self._build(wanted, values, place) if whole else UNDECODABLE

    def unknown(self, raw: Mapping[str, Any], known: Iterable[str], place: Place) -> None:
        """Report the keys of `raw` that are not `known`, and those that look like secrets."""
        known = list(known)
        for key in raw:
            if key.lower() in (SECRET_KEYS if key in known else _LIKELY_SECRETS):
                self._problems.add((*place, key), secret_here())
            elif key not in known:
                self._problems.add((*place, key), _unknown(key, known))

    def secrets(self, raw: Any, place: Place) -> None:
        """Report the secrets of a table that nobody can decode."""
        if isinstance(raw, dict):
            likely = [key for key in raw if key.lower() in _LIKELY_SECRETS]
            self.unknown({key: raw[key] for key in likely}, (), place)

    def _items(self, raw: Any, item: Any, place: Place) -> Any:
        if not isinstance(raw, list):
            self._problems.add(
                place,
                _("write [[{name}]], with double brackets").format(name=place[-1])
                if isinstance(raw, dict)
                else _wrong_type("array", _kind(raw)),
            )
            return UNDECODABLE
        return tuple(self.value(one, item, (*place, n)) for n, one in enumerate(raw))

    def _leaf(self, raw: Any, wanted: Any, place: Place) -> Any:
        allowed = _allowed(wanted)
        if allowed and raw not in allowed:
            self._problems.add(place, choose_from(allowed))
            return UNDECODABLE
        try:
            return msgspec.convert(raw, wanted, dec_hook=_convert_other)
        except msgspec.ValidationError as error:
            message = str(error)
            suffix = _SUFFIX.search(message)
            if suffix:
                place += tuple(int(i) if i else k for k, i in _STEP.findall(suffix[1]))
            self._problems.add(place, explain(_SUFFIX.sub("", message)))
        return UNDECODABLE

    def _build(self, wanted: type[msgspec.Struct], values: dict[str, Any], place: Place) -> Any:
        if hasattr(wanted, "__post_init__") and self._problems.concern(place):
            return UNDECODABLE  # a plugin's own check expects values that are right by themselves
        try:
            return wanted(**values)
        except (ValueError, TypeError) as error:
            self._problems.add(place, str(error))
            return UNDECODABLE


def secret_here() -> str:
    return _("a secret must not stand in this file; set it with: vaguemestre secrets set NAME")


def choose_from(allowed: Iterable[Any]) -> str:
    """For a value that is not one of a known set."""
    return _("must be one of: {values}").format(values=", ".join(str(a) for a in allowed))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was perhaps meant, or ""."""
    return next(iter(difflib.get_close_matches(word, list(known), 1, 0.6)), "")


def explain(message: str) -> str:
    """What msgspec says of one value, for people."""
    if match := _EXPECTED.match(message):
        return _wrong_type(match[1], match[2])
    if match := _BOUND.match(message):
        return _("must be {bound}").format(bound=f"{match[1]} {match[2]}")
    if match := _LENGTH.match(message):
        if match[1] == ">=":
            return (
                _("must not be empty")
                if match[2] == "1"
                else _("must have a length of at least {count}").format(count=match[2])
            )
        return _("must have a length of at most {count}").format(count=match[2])
    return message


def _unknown(key: str, known: list[str]) -> str:
    meant = nearest(key, known)
    if meant:
        return _("unknown key; did you mean {key}?").format(key=meant)
    return _("unknown key")


def _not_a_table(raw: Any, place: Place) -> str:
    if isinstance(raw, list) and place and isinstance(place[-1], str):
        return _("write [{name}], with single brackets").format(name=place[-1])
    return _wrong_type("object", _kind(raw))


def _wrong_type(wanted: str, got: str) -> str:
    words = {
        "str": _("a text in quotes"),
        "int": _("a whole number"),
        "float": _("a number"),
        "bool": _("true or false"),
        "array": _("a list"),
        "object": _("a table"),
    }
    wanted = " | ".join(words.get(w, w) for w in wanted.split(" | ") if w != "null")
    return _("must be {wanted}, not {got}").format(wanted=wanted, got=words.get(got, got))


def _kind(raw: Any) -> str:
    names = {str: "str", bool: "bool", int: "int", float: "float", list: "array", dict: "object"}
    return names.get(type(raw), type(raw).__name__)


def _convert_other(wanted: type, raw: Any) -> Any:
    if wanted is not Path:
        raise NotImplementedError(wanted)
    if not isinstance(raw, str):
        raise ValueError(_wrong_type("str", _kind(raw)))  # noqa: TRY004 - msgspec wants ValueError
    if not raw.strip() or "\0" in raw:
        raise ValueError(_("must be a path"))
    return Path(raw)


def _allowed(wanted: Any) -> tuple[Any, ...]:
    if get_origin(wanted) is Annotated:
        wanted = get_args(wanted)[0]
    if get_origin(wanted) is Literal:
        return get_args(wanted)
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return tuple(member.value for member in wanted)
    return ()


def _is_struct(wanted: Any) -> bool:
    return isinstance(wanted, type) and issubclass(wanted, msgspec.Struct)


def _item_of(wanted: Any) -> Any:
    """X for `tuple[X, ...]` and `list[X]`, else None."""
    arguments = get_args(wanted)
    if get_origin(wanted) is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return arguments[0]
    return arguments[0] if get_origin(wanted) is list else None


def _without_none(wanted: Any) -> Any:
    """X for `X | None`: TOML has no null."""
    if get_origin(wanted) in (Union, UnionType):
        others = [a for a in get_args(wanted) if a is not NoneType]
        if len(others) == 1:
            return others[0]
    return wanted
