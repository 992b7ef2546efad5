"""Which controls work, and with what settings, as the configuration says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest

from vaguemestre.api import Autocontrol, Declaration, Finding
from vaguemestre.config import check, load
from vaguemestre.examination import controls_of
from vaguemestre.plugins import Registry


class Spelling(Autocontrol):
    name = "spelling"

    def applies(self, declaration: Declaration) -> bool:
        return bool(declaration.kind)

    async def check(self, declaration: Declaration, payload: bytes) -> Sequence[Finding]:
        del declaration, payload
        return ()


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    words: int = 3
    limit: Annotated[float, msgspec.Meta(gt=0)] = 1.0


class Machine(Spelling):
    name = "machine"
    builtin = False
    settings = Settings

    def __init__(self, options: Settings | None = None, base: Path | None = None) -> None:
        self.options, self.base = options, base

    def configured(self, settings: Any, base: Path) -> Machine:
        return Machine(settings, base)


@pytest.fixture
def registry() -> Registry:
    made = Registry()
    made.autocontrols.update({"spelling": Spelling(), "machine": Machine()})
    return made


def written(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, "utf-8")
    return path


def names(path: Path, registry: Registry) -> list[str]:
    return [control.name for control in controls_of(registry, load(path, registry))]


def test_by_default_all_work_that_need_nothing_of_the_machine(
    tmp_path: Path, registry: Registry
) -> None:
    assert names(written(tmp_path, ""), registry) == ["spelling"]
    assert [control.name for control in controls_of(registry)] == ["spelling"]


@pytest.mark.parametrize(
    ("listed", "there"),
    [
        ('["builtin", "machine"]', ["spelling", "machine"]),
        ('["machine", "builtin"]', ["machine", "spelling"]),
        ('["machine"]', ["machine"]),
        ('["builtin", "spelling", "machine", "machine"]', ["spelling", "machine"]),
    ],
)
def test_what_is_listed_works_in_that_order_once(
    tmp_path: Path, registry: Registry, listed: str, there: list[str]
) -> None:
    assert names(written(tmp_path, f"autocontrol = {listed}"), registry) == there


def test_a_control_is_given_its_settings_and_the_folder_they_count_from(
    tmp_path: Path, registry: Registry
) -> None:
    text = 'autocontrol = ["machine"]\n[control.machine]\nwords = 7\n'
    (control,) = controls_of(registry, load(written(tmp_path, text), registry))
    assert isinstance(control, Machine)
    assert (control.options, control.base) == (Settings(words=7), tmp_path)
    (default,) = controls_of(
        registry, load(written(tmp_path, 'autocontrol = ["machine"]'), registry)
    )
    assert isinstance(default, Machine)
    assert default.options == Settings()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("autocontrol = []", "autocontrol"),
        ('autocontrol = ["builtin", "machin"]', "autocontrol[1]"),
        ('autocontrol = "builtin"', "autocontrol"),
        ("[control.machine]\nwords = 'x'", "control.machine.words"),
        ("[control.machine]\nlimit = 0", "control.machine.limit"),
        ("[control.machine]\nword = 1", "control.machine.word"),
        ("[control.spelling]\nwords = 1", "control.spelling"),
        ("[control.nobody]\nwords = 1", "control.nobody"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_key(
    tmp_path: Path, registry: Registry, text: str, place: str
) -> None:
    (problem,) = check(written(tmp_path, text), registry)
    assert place in str(problem)
    assert f":{text.count(chr(10)) + 1}:" in str(problem) or ":1:" in str(problem)


def test_the_nearest_name_is_offered(tmp_path: Path, registry: Registry) -> None:
    (problem,) = check(written(tmp_path, 'autocontrol = ["machin"]'), registry)
    assert "machine" in str(problem)


def test_an_unknown_setting_hides_no_other_mistake_of_the_platform(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(
        "[[profile]]\n"
        'name = "a"\n'
        'platform = "net-entreprises"\n'
        'credential = "a"\n'
        "[profile.settings]\n"
        'preset = "rg-production"\n'
        "timeout = 3\n"
        'deposit_url = "http://depot.example.org/deposer-dsn/1.0/"\n',
        "utf-8",
    )
    found = {(p.line, p.key) for p in check(file, Registry().load())}
    assert {(7, "profile[0].settings.timeout"), (8, "profile[0].settings.deposit_url")} <= found
