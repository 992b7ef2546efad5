"""Campaign 7, the burst: 2,000 files at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from campaigns.conftest import assert_each_arrived_once, large_declarations
from support.site import Simulator, Site


@pytest.mark.campaign
def test_2000_files_dropped_at_once_all_arrive_once_each(
    simulator: Callable[..., Simulator], site: Callable[..., Site]
) -> None:
    platform = simulator("--return-delay", "3600")
    here = site(platform)
    files = large_declarations(2000)
    here.start()
    for name, payload in files.items():
        here.drop(name, payload)
    here.wait(2000, ["deposited"], within=300)
    assert here.stop() == 0
    assert_each_arrived_once(platform, files)
    assert not [p for p in here.outbox.iterdir() if p.is_file()]
