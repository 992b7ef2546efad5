"""Shows the configuration that is in force: defaults filled in, paths absolute, as data or as
TOML that could stand in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from vaguemestre.config.schema import Configuration, NotifierConfig
from vaguemestre.redaction import redact_addresses


def show(config: Configuration) -> dict[str, Any]:
    """The configuration as plain data, laid out as in the file, without what is unset."""
    plain: dict[str, Any] = _plain(config)
    sections = plain.pop("sections")
    del plain["file"], plain["base"]
    return {**plain, **sections}


def _plain(value: Any) -> Any:
    if isinstance(value, NotifierConfig):
        return {"kind": value.kind, **(_plain(value.settings) or {})}
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.fields(type(value))
        return _plain({f.encode_name: getattr(value, f.name) for f in fields})
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, Path):
        return str(value)
    return redact_addresses(value) if isinstance(value, str) else value


def to_toml(tables: Mapping[str, Any]) -> str:
    """Plain data as TOML. Numbers, texts, lists, tables and dates; no None."""
    return "\n".join(_table(tables, ())).strip("\n") + "\n"


def _table(table: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[str]:
    later: list[tuple[str, Any]] = []
    for key, value in table.items():
        if isinstance(value, Mapping) or _is_array_of_tables(value):
            later.append((key, value))
        else:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in later:
        path = (*above, key)
        name = ".".join(_key(part) for part in path)
        for one in [value] if isinstance(value, Mapping) else value:
            yield ""
            yield f"[{name}]" if isinstance(value, Mapping) else f"[[{name}]]"
            yield from _table(one, path)


def _is_array_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else _text(key)


def _text(text: str) -> str:
    # What JSON leaves as it is and TOML does not allow: DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    return str(value)
