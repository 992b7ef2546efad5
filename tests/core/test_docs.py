"""The documentation says what the product does: states, settings, hooks and points that exist."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from vaguemestre import hookspecs
from vaguemestre.config import schema
from vaguemestre.lifecycle import State, diagram
from vaguemestre.testing.points import POINTS
from vaguemestre_net_entreprises.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CORE = (ROOT / "core" / "README.md").read_text("utf-8")
ADAPTER = (ROOT / "adapters" / "net_entreprises" / "README.md").read_text("utf-8")

SECTIONS = (
    schema.StoreConfig,
    schema.VaultConfig,
    schema.Outbox,
    schema.InboxConfig,
    schema.ProfileConfig,
    schema.Activation,
    schema.Deadline,
    schema.LogConfig,
)


def test_the_diagram_is_drawn_from_the_table() -> None:
    assert f"```mermaid\n{diagram()}```" in CORE


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_explained_to_people(state: State) -> None:
    assert re.search(rf"^\| {state.value} \|", README, re.MULTILINE)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_of_the_configuration_is_explained(section: type[msgspec.Struct]) -> None:
    missing = [
        f.encode_name
        for f in msgspec.structs.fields(section)
        if not re.search(rf"`[^`]*\b{f.encode_name}\b[^`]*`", CORE)
    ]
    assert not missing


def test_every_setting_of_the_platform_is_explained() -> None:
    names = [f.encode_name for f in msgspec.structs.fields(Settings)]
    assert not [name for name in names if f"`{name}`" not in ADAPTER]


def test_every_hook_is_explained() -> None:
    hooks = [name for name in vars(hookspecs) if name.startswith("register_")]
    hooks += ["deposit_changed", "return_received"]
    assert not [name for name in hooks if f"`{name}" not in CORE]


def test_every_point_where_a_test_stops_the_daemon_is_passed_somewhere() -> None:
    code = "".join(p.read_text("utf-8") for p in (ROOT / "core" / "vaguemestre").glob("*.py"))
    assert not [name for name in POINTS if f'point("{name}")' not in code]
