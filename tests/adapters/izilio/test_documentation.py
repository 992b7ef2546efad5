"""The README says what there is: its examples are in order, and every setting is explained."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from vaguemestre.config import check
from vaguemestre.plugins import Registry
from vaguemestre_izilio.settings import Settings
from vaguemestre_net_entreprises import settings as api_dsn

README = Path(__file__).resolve().parents[3] / "adapters" / "izilio" / "README.md"
EXAMPLES = re.findall(r"```toml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


def test_there_is_a_complete_example_of_each_transport() -> None:
    assert ['transport = "hand-over"' in example for example in EXAMPLES] == [False, True]


@pytest.mark.parametrize("example", EXAMPLES, ids=["api", "hand-over"])
def test_its_examples_are_configurations_in_order(example: str, tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(example, "utf-8")
    assert not check(file, Registry().load())


def test_every_setting_of_its_own_is_explained() -> None:
    inherited = {f.name for f in msgspec.structs.fields(api_dsn.Settings)}
    own = [f.name for f in msgspec.structs.fields(Settings) if f.name not in inherited]
    assert own
    assert not [name for name in own if f"`{name}`" not in README.read_text("utf-8")]
