"""A plugin that fails is left out and reported; the others are at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.platform import Letters, Platform, Verdicts

from vaguemestre.api import DepositEvent, Format, LazyCommand, hookimpl
from vaguemestre.plugins import Registry

EVENT = DepositEvent(
    deposit=1, event="pass", state="ready", previous="received", at=datetime.now(UTC)
)


class Good:
    """Registers something of three kinds."""

    @hookimpl
    def register_formats(self, register: Callable[[Format], None]) -> None:
        register(Letters())

    @hookimpl
    def register_adapters(self, register: Callable[[Any], None]) -> None:
        register(Platform)

    @hookimpl
    def register_commands(self, register: Callable[[LazyCommand], None]) -> None:
        register(LazyCommand(path=("simulate", "x"), target="a:b", help=""))


class Fails:
    """Hands over a reader and an observer, then fails."""

    @hookimpl
    def register_return_readers(self, register: Callable[[Any], None]) -> None:
        register(Verdicts())

    @hookimpl
    def register_services(self, register: Callable[[Any], None]) -> None:
        raise RuntimeError("no")

    @hookimpl
    def deposit_changed(self, event: DepositEvent) -> None:
        raise AssertionError("heard by a plugin that was left out")


class SameFormat:
    """Takes a name that another plugin has."""

    @hookimpl
    def register_formats(self, register: Callable[[Format], None]) -> None:
        register(Letters())

    @hookimpl
    def register_return_readers(self, register: Callable[[Any], None]) -> None:
        register(Verdicts())


def test_what_a_plugin_hands_over_is_there_by_its_name() -> None:
    registry = Registry()
    registry.register(Good())
    assert set(registry.formats) == {"letter"}
    assert registry.adapters == {"memory": Platform}
    assert set(registry.commands) == {("simulate", "x")}
    (info,) = registry.plugins
    assert info.provides == ["format letter", "adapter memory", "command simulate x"]


def test_nothing_of_a_failing_plugin_stays_registered() -> None:
    registry = Registry()
    with pytest.raises(RuntimeError):
        registry.register(Fails())
    assert not registry.return_readers
    assert not registry.plugins[0].provides
    registry.deposit_changed(EVENT)


def test_a_name_that_is_taken_is_refused_and_the_first_one_stays() -> None:
    registry = Registry()
    registry.register(Good())
    first = registry.formats["letter"]
    with pytest.raises(ValueError, match="'letter' is already registered"):
        registry.register(SameFormat())
    assert registry.formats["letter"] is first
    assert not registry.return_readers


def test_a_plugin_cannot_take_one_name_twice() -> None:
    class Twice:
        @hookimpl
        def register_formats(self, register: Callable[[Format], None]) -> None:
            register(Letters())
            register(Letters())

    registry = Registry()
    with pytest.raises(ValueError, match="already registered"):
        registry.register(Twice())
    assert not registry.formats


def test_a_misspelt_hook_is_refused() -> None:
    class Misspelt:
        @hookimpl
        def register_format(self, register: Callable[[Format], None]) -> None:
            register(Letters())

    registry = Registry()
    with pytest.raises(Exception, match="register_format"):
        registry.register(Misspelt())
    registry.register(Good())
    assert set(registry.formats) == {"letter"}


def test_an_observer_that_fails_keeps_nobody_from_hearing() -> None:
    heard: list[DepositEvent] = []

    class Deaf:
        @hookimpl
        def deposit_changed(self, event: DepositEvent) -> None:
            raise RuntimeError("no")

    class Hears:
        @hookimpl
        def deposit_changed(self, event: DepositEvent) -> None:
            heard.append(event)

    registry = Registry()
    for plugin in (Deaf(), Hears(), Deaf()):
        registry.register(plugin)
    registry.deposit_changed(EVENT)
    assert heard == [EVENT]


METADATA = "Metadata-Version: 2.1\nName: plug-{name}\nVersion: 1.2\n"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Installs distributions with one plugin each: `name="source of its module"`."""

    def install(**sources: str) -> None:
        for name, source in sources.items():
            (tmp_path / f"plug_{name}.py").write_text(source)
            info = tmp_path / f"plug_{name}-1.2.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(
                f"Metadata-Version: 2.1\nName: plug-{name}\nVersion: 1.2\n"
            )
            (info / "entry_points.txt").write_text(f"[vaguemestre]\n{name} = plug_{name}\n")

    monkeypatch.syspath_prepend(str(tmp_path))
    yield install


GOOD = """
from support.platform import Letters
from vaguemestre.api import hookimpl
@hookimpl
def register_formats(register):
    register(Letters())
"""


def test_plugins_that_cannot_be_loaded_are_left_out_and_told(
    installed: Callable[..., None],
) -> None:
    installed(
        test_a="raise ImportError('libfoo is missing')",
        test_b=GOOD,
        test_c=GOOD,
        test_d="import sys; sys.exit(3)",
    )
    registry = Registry().load()
    plugins = {p.name: p for p in registry.plugins}
    assert plugins["test_a"].error == "ImportError: libfoo is missing"
    assert (plugins["test_b"].distribution, plugins["test_b"].version) == ("plug-test_b", "1.2")
    assert not plugins["test_b"].error
    assert "letter" in registry.formats
    assert "already registered" in plugins["test_c"].error
    assert "SystemExit" in plugins["test_d"].error


def test_something_that_is_no_plugin_hurts_nobody() -> None:
    registry = Registry()
    registry.register(object())
    assert not registry.plugins[0].provides
