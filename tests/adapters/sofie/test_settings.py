"""Mistakes in the settings are told with their place; what is documented is what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vaguemestre.plugins import Registry
from vaguemestre_sofie.patterns import Patterns
from vaguemestre_sofie.settings import Settings, command, mistakes
from vaguemestre_sofie.simulator.faults import NAMES

README = Path(__file__).resolve().parents[3] / "adapters" / "sofie" / "README.md"
MINIMUM = {
    "home": "/opt/sofie",
    "user_id": "123456789",
    "outgoing": "a",
    "incoming": "b",
    "encrypted": "c",
}


def found(**changed: Any) -> list[str]:
    return [name for name, _message in mistakes(msgspec.convert({**MINIMUM, **changed}, Settings))]


def test_the_minimum_is_enough() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"user_id": ""}, "user_id"),
        ({"outgoing": ""}, "outgoing"),
        ({"incoming": "x/../a"}, "incoming"),
        ({"patterns": {"sent": "("}}, "patterns.sent"),
        ({"patterns": {"failed": "(?P<grund>.*)"}}, "patterns.failed"),
        ({"patterns": {"sent": ""}}, "patterns.sent"),
        ({"transport_name": "["}, "transport_name"),
        ({"by_hand": "["}, "by_hand"),
        ({"silent_hours": ["22-5"]}, "silent_hours"),
        ({"address": "https://sofie.cetrel.lu"}, "address"),
        ({"proxy": "proxy"}, "proxy"),
        ({"log_encoding": "klingon"}, "log_encoding"),
        ({"public_holidays": "XX"}, "public_holidays"),
        ({"sent_name": "{typ}.dta"}, "sent_name"),
        ({"sent_names": {"DEMDET": "a/{name}"}}, "sent_names.DEMDET"),
        ({"send_command": [""]}, "send_command"),
    ],
)
def test_each_mistake_is_told_with_its_setting(changed: dict[str, Any], name: str) -> None:
    assert name in found(**changed)


def test_without_a_sent_folder_the_log_must_tell() -> None:
    assert found(sent="d", patterns={"sent": ""}) == []


def test_what_is_not_set_is_the_command_for_sending() -> None:
    settings = msgspec.convert({**MINIMUM, "send_command": ["{home}/x", "{context}"]}, Settings)
    for kind in ("send", "receive", "update"):
        assert command(settings, kind, Path("/h")) == ["/h/x", "production"]


def test_every_setting_pattern_and_fault_is_explained() -> None:
    text = README.read_text("utf-8")
    names = [f.name for kind in (Settings, Patterns) for f in msgspec.structs.fields(kind)]
    assert not [n for n in [*names, *NAMES] if not re.search(rf"`[^`]*\b{n}\b[^`]*`", text)]


def test_the_example_of_the_readme_is_a_good_configuration(tmp_path: Path) -> None:
    from vaguemestre.config import check

    (example,) = re.findall(r"```toml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    (tmp_path / "v.toml").write_text(example, "utf-8")
    assert check(tmp_path / "v.toml", Registry().load()) == []


def test_the_plugin_offers_what_it_says() -> None:
    registry = Registry().load()
    assert "sofie" in registry.adapters
    assert registry.adapters["sofie"].exclusive
    assert {("simulate", "sofie"), ("sofie", "password-changed")} <= set(registry.commands)
    assert "sofie" in registry.demo_platforms
