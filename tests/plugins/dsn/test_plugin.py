"""What the distribution hands over, and what the demo drops."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest

from vaguemestre.plugins import Registry
from vaguemestre_dsn import plugin
from vaguemestre_dsn.autocontrol import check
from vaguemestre_dsn.demo import DsnDemo
from vaguemestre_dsn.recognition import DsnFormat


def test_it_registers_format_control_readers_and_demo() -> None:
    registry = Registry()
    registry.register(plugin)
    assert list(registry.formats) == ["dsn", "dpae"]
    assert list(registry.autocontrols) == ["dsn", "dsn-val"]
    assert list(registry.return_readers) == ["gipmds", "announced"]
    assert list(registry.demo_files) == ["dsn"]


def test_importing_it_loads_nothing_heavy() -> None:
    program = (
        "import sys; before = set(sys.modules); import vaguemestre.api; "
        "core = set(sys.modules); import vaguemestre_dsn.plugin; "
        "print(sorted({m.split('.')[0] for m in set(sys.modules) - core}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    for heavy in ("lxml", "trio", "stdnum", "httpx", "cryptography"):
        assert f"'{heavy}'" not in done.stdout


@pytest.mark.parametrize("day", [(2026, 1, 1), (2026, 11, 23), (2028, 2, 29), (2026, 3, 31)])
def test_the_demo_shows_what_can_happen_on_any_day(day: tuple[int, int, int]) -> None:
    files = {f.name: f for f in DsnDemo().files(datetime(*day, 12, tzinfo=UTC))}
    assert len(files) == 7
    blocked = {name for name, file in files.items() if check(file.payload)}
    assert blocked == {"erreurs.dsn"}
    codes = {finding.code for finding in check(files["erreurs.dsn"].payload)}
    assert codes == {"S10.G00.00.006/CSL-00", "S90.G00.90.002/CST-11"}
    assert max(Counter(file.payload for file in files.values()).values()) == 2
    modules, places = Counter(), {}
    for file in files.values():
        declaration = DsnFormat().recognise(file.name, file.payload)
        assert declaration is not None
        modules[declaration.module] += declaration.declarations
        places[file.name] = declaration.keys
    assert places["mensuelle.dsn"] == places["mensuelle-bis.dsn"]
    assert modules == {"dsn": 5, "signalement": 1, "fctu": 2}
    assert all(file.caption for file in files.values())
