"""What the controls say of a file, and what is said when they cannot say anything."""

from __future__ import annotations

import pytest
import trio

from vaguemestre.examination import examine
from vaguemestre.plugins import PluginFailure, PluginInfo, Registry


def test_a_file_that_nobody_knows_is_told_as_such() -> None:
    declaration, findings = trio.run(examine, Registry(), [], "a.txt", b"hello")
    assert declaration is None
    assert [f.code for f in findings] == ["format/unknown"]


def test_no_file_is_called_unknown_while_a_plugin_cannot_be_loaded() -> None:
    registry = Registry()
    broken = PluginInfo("broken", "somebody-broken", "1.0")
    broken.error = "ImportError: no lxml here"
    registry.plugins.append(broken)
    with pytest.raises(PluginFailure) as failure:
        trio.run(examine, registry, [], "a.dsn", b"S10.G00.00.001,'x'")
    assert "no lxml here" in str(failure.value.__cause__)
