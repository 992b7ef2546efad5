"""Every text that people read is there in French, with the same placeholders, and compiled."""

from __future__ import annotations

import re
from pathlib import Path

import catalogues
import pytest

PACKAGES = pytest.mark.parametrize("package", catalogues.packages(), ids=lambda p: p.name)


def placeholders(text: str) -> set[str]:
    """`{count}`, `{name!r}` and the like."""
    return set(re.findall(r"\{\w+[^{}]*\}", text))


def test_all_packages_are_looked_at() -> None:
    found = {package.name for package in catalogues.packages()}
    assert found >= {"vaguemestre", "vaguemestre_dsn", "vaguemestre_net_entreprises"}


@PACKAGES
def test_every_text_has_a_french_translation(package: Path) -> None:
    found = catalogues.catalogue(package)
    missing = [t for t in catalogues.texts(package) if not (m := found.get(t)) or not m.string]
    assert not missing, "run tests/catalogues.py, then translate"


@PACKAGES
def test_no_translation_is_for_a_text_that_is_gone(package: Path) -> None:
    known = {message.id for message in catalogues.catalogue(package) if message.id}
    assert known <= set(catalogues.texts(package)), "run tests/catalogues.py"


@PACKAGES
def test_a_translation_has_the_placeholders_of_its_text(package: Path) -> None:
    for message in catalogues.catalogue(package):
        if message.id and message.string:
            assert placeholders(message.string) == placeholders(message.id), message.id
            assert not message.fuzzy, message.id


@PACKAGES
def test_the_compiled_catalogue_is_that_of_the_source(package: Path) -> None:
    file = catalogues.po_file(package)
    if catalogues.texts(package):
        compiled = catalogues.compiled(catalogues.catalogue(package))
        assert file.with_suffix(".mo").read_bytes() == compiled, "run tests/catalogues.py"
    else:
        assert not file.exists()


@PACKAGES
def test_no_text_is_put_together_before_it_is_translated(package: Path) -> None:
    assert not list(catalogues.unreadable_calls(package))
