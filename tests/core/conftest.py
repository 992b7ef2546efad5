"""What several tests of the core share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk import Desk

from vaguemestre.store.engine import Store


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Desk]:
    with Store.open(tmp_path / "store.db") as store:
        yield Desk(store)
