"""What the distribution hands over, what the demo drops, and what the commands do with files."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.site import command

from vaguemestre.api import Declaration, set_language
from vaguemestre.plugins import Registry
from vaguemestre_seculine import plugin, samples
from vaguemestre_seculine.autocontrol import ASIDE_BYTES, SeculineControl, check
from vaguemestre_seculine.demo import SeculineDemo
from vaguemestre_seculine.recognition import SeculineFormat
from vaguemestre_seculine.worker import WorkerError, check_aside


def test_it_registers_format_control_reader_and_demo() -> None:
    registry = Registry()
    registry.register(plugin)
    assert list(registry.formats) == ["seculine"]
    assert list(registry.autocontrols) == ["seculine"]
    assert list(registry.return_readers) == ["seculine"]
    assert list(registry.demo_files) == ["seculine"]


def test_importing_it_loads_nothing_heavy() -> None:
    program = (
        "import sys; import vaguemestre.api; core = set(sys.modules); "
        "import vaguemestre_seculine.plugin; "
        "print(sorted({m.split('.')[0] for m in set(sys.modules) - core}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    for heavy in ("lxml", "trio", "stdnum", "random"):
        assert f"'{heavy}'" not in done.stdout


@pytest.mark.parametrize("day", [(2026, 1, 1), (2026, 11, 23), (2028, 2, 29), (2026, 3, 31)])
def test_one_file_of_the_demo_is_wrong_on_any_day(day: tuple[int, int, int]) -> None:
    today = datetime(*day, 12, tzinfo=UTC)
    wrong = {}
    for file in SeculineDemo().files(today):
        declaration = SeculineFormat().recognise(file.name, file.payload)
        assert declaration is not None
        wrong[file.name] = [
            f.code for f in check(declaration.identity["type"], file.payload, today.date())
        ]
    assert {name: codes for name, codes in wrong.items() if codes} == {
        "DECSAL-erreurs.dta": ["DECSAL.6/hours"]
    }


def run(*words: str) -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run([*command(), *words, "--json"], capture_output=True, check=False)
    return done.returncode, json.loads(done.stdout)


def test_loose_files_are_checked_and_read_by_command(tmp_path: Path) -> None:
    good = tmp_path / "DECSAL.dta"
    good.write_bytes(samples.decsal(month="202501"))
    wrong = tmp_path / "autre.txt"
    wrong.write_bytes(samples.decsal(month="202501").replace(b";173;", b";399;"))
    name, answer = samples.rejects(good.read_bytes(), "SALRET", {1: 14})
    (tmp_path / name).write_bytes(answer)
    code, (checked,) = run("check", str(good))
    assert (code, checked["kind"], checked["findings"]) == (0, "seculine", [])
    code, (checked,) = run("check", str(wrong))
    assert (code, checked["findings"][0]["code"]) == (1, "DECSAL.6/hours")
    code, (checked,) = run("check", str(tmp_path / name))
    assert (code, checked["findings"][0]["code"]) == (1, "file/received")
    code, (read,) = run("returns", "read", str(tmp_path / name))
    assert (code, read["nature"], read["status"], read["organism"]) == (0, "SALRET", "ANO", "CCSS")
    assert read["tables"]["rejected_records"][0]["code"] == "14"


def test_contributions_are_read_beside_other_readers(tmp_path: Path) -> None:
    file = tmp_path / "CALCUL.xml"
    file.write_bytes(b"<r><m><part>X</part></m></r>")
    code, (read,) = run("returns", "read", str(file))
    assert (code, read["family"], read["nature"]) == (0, "seculine", "CALCUL")


# -- large files


LARGE = samples.decsal(month="202610", employees=ASIDE_BYTES // 70)


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_a_large_file_is_controlled_aside_with_the_same_findings(language: str) -> None:
    payload = LARGE.replace(b";173;", b";400;")
    assert len(payload) > ASIDE_BYTES
    declaration = Declaration(kind="seculine", module="seculine", identity={"type": "DECSAL"})
    set_language(language)
    try:
        found = await SeculineControl().check(declaration, payload)
        assert found == check("DECSAL", payload)
    finally:
        set_language("fr")
    (finding,) = found
    assert finding.count == ASIDE_BYTES // 70


async def test_a_process_that_fails_is_no_green_light(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\ncat > /dev/null; echo 'ValueError: 1990093012358' >&2; exit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(WorkerError, match="ended with 3") as caught:
        await check_aside("DECSAL", LARGE)
    assert "1990093012358" not in str(caught.value)
