"""DSN-Val beside our own control: its report counts, and nothing but a whole report does.

The stand-in does what the official tool does from outside: it is given a folder and a file, writes
`<folder>/<file name>.xml`, and ends with something else than 0 when there are anomalies.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio
from support.site import Site

from vaguemestre.api import Declaration, Finding, Severity
from vaguemestre_dsn import samples
from vaguemestre_dsn.dsnval import DsnVal, Settings
from vaguemestre_dsn.dsnval_running import DsnValError
from vaguemestre_dsn.recognition import DsnFormat

FILE = samples.mensuelle()
NOWHERE = {
    "authentication_url": "http://127.0.0.1:9/a/",
    "deposit_url": "http://127.0.0.1:9/d/",
    "consultation_url": "http://127.0.0.1:9/c/",
}
ANOMALY = """<declaration_anomalie><description><code>S21.G00.30.001/CSL-00</code>
<categorie>{category}</categorie><message>Valeur incorrecte</message></description>
</declaration_anomalie>"""
REPORT = """<?xml version="1.0" encoding="UTF-8"?>
<g:rapport xmlns:g="http://www.gip-mds.fr/"><envoi/><declaration><declaration_identification>
<nature>01</nature><ordre>{order}</ordre></declaration_identification>{anomalies}</declaration>
</g:rapport>"""
START = f"""#!{sys.executable}
import os, sys, time
option, folder, file = sys.argv[1:4]
assert option == "-o", sys.argv
assert open(file, "rb").read().startswith(b"S10.G00.00.001"), "not the file"
report = os.path.join(folder, os.path.basename(file) + ".xml")
"""


def declared(payload: bytes) -> Declaration:
    found = DsnFormat().recognise("paie.dsn", payload)
    assert found is not None
    return found


def report(*categories: str, order: int = 1) -> str:
    anomalies = "".join(ANOMALY.format(category=category) for category in categories)
    return REPORT.format(order=order, anomalies=anomalies)


@pytest.fixture
def tool(tmp_path: Path) -> Callable[..., DsnVal]:
    def make(script: str, **settings: Any) -> DsnVal:
        program = tmp_path / "validateur"
        program.write_text(START + script)
        program.chmod(0o755)
        command = (str(program), "-o", "{output}", "{file}")
        (tmp_path / "work").mkdir(exist_ok=True)
        options = Settings(**{"command": command, "folder": str(tmp_path / "work"), **settings})
        return DsnVal().configured(options, tmp_path)

    return make


def writes(text: str, code: int = 0) -> str:
    return f"open(report, 'w').write({text!r}); sys.exit({code})"


async def control(control: DsnVal, payload: bytes = FILE) -> list[Finding]:
    return list(await control.check(declared(payload), payload))


async def test_without_anomalies_there_is_no_finding(
    tool: Callable[..., DsnVal], tmp_path: Path
) -> None:
    assert await control(tool(writes(report()))) == []
    assert list((tmp_path / "work").iterdir()) == [], "the file was left behind"


async def test_anomalies_are_findings_whatever_the_exit_code(tool: Callable[..., DsnVal]) -> None:
    for code in (0, 1, 7):
        found = await control(tool(writes(report("bloquant", "non-bloquant"), code)))
        assert [f.severity for f in found] == [Severity.BLOCKING, Severity.WARNING]
        assert found[0].code == "S21.G00.30.001/CSL-00"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("sys.exit(3)", "3 and wrote no report"),
        ("sys.exit(0)", "wrote no report"),
        (writes("<html>maintenance</html>"), "cannot be read"),
        (writes(""), "cannot be read"),
        (writes(report("bloquant")[:-20], 1), "cannot be read"),
        (writes(report(), 1), "names no anomaly"),
        (writes(report("bloquant", order=2), 1), "another declaration"),
        ("os.kill(os.getpid(), 9)", "-9 and wrote no report"),
        ("os.remove(file); sys.exit(1)", "wrote no report"),
        (
            "open(os.path.join(folder, 'other.xml'), 'w').write('x'); sys.exit(1)",
            "wrote no report",
        ),
    ],
)
async def test_anything_but_a_whole_report_on_the_file_is_a_technical_failure(
    tool: Callable[..., DsnVal], speak: Callable[[str], None], script: str, told: str
) -> None:
    speak("en")
    with pytest.raises(DsnValError, match=told):
        await control(tool(script))


async def test_a_tool_that_floods_its_output_does_no_harm(tool: Callable[..., DsnVal]) -> None:
    flood = "sys.stdout.write('x' * (50 << 20)); "
    assert await control(tool(flood + writes(report()))) == []


async def test_a_tool_that_hangs_is_stopped_with_its_children(
    tool: Callable[..., DsnVal], tmp_path: Path, speak: Callable[[str], None]
) -> None:
    speak("en")
    note = tmp_path / "pids"
    script = f"""
import subprocess
child = subprocess.Popen(["sleep", "600"])
open({str(note)!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
time.sleep(600)
"""
    with pytest.raises(DsnValError, match="did not end within 2 s"):
        await control(tool(script, timeout=2))
    for process in map(int, note.read_text().split()):
        await gone(process)


async def gone(process: int) -> None:
    """Wait until a process has ended (its parent may not have asked for its end yet)."""
    stat = Path(f"/proc/{process}/stat")
    with trio.fail_after(10):
        while stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z":
            await trio.lowlevel.checkpoint()


async def test_a_cancelled_control_stops_the_tool(
    tool: Callable[..., DsnVal], tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    os.mkfifo(note)
    script = f"open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    async with trio.open_nursery() as nursery:
        nursery.start_soon(control, tool(script))
        process = int(await trio.to_thread.run_sync(note.read_text))
        nursery.cancel_scope.cancel()
    await gone(process)


async def test_a_tool_that_is_not_there_is_named(speak: Callable[[str], None]) -> None:
    speak("en")
    missing = DsnVal().configured(Settings(command=("/nowhere/validateur",)), Path())
    with pytest.raises(DsnValError, match="/nowhere/validateur"):
        await control(missing)


async def test_a_norm_that_the_tool_does_not_know_is_not_shown_to_it(
    tool: Callable[..., DsnVal], speak: Callable[[str], None]
) -> None:
    speak("en")
    old = FILE.replace(b"'P26V01'", b"'P25V01'")
    with pytest.raises(DsnValError, match="P25V01"):
        await control(tool("sys.exit(0)"), old)
    assert await control(tool(writes(report()), norms=("P25V01",)), old) == []


async def test_java_is_the_one_of_the_settings(tool: Callable[..., DsnVal]) -> None:
    script = (
        "assert os.environ['JAVA_HOME'].endswith('jdk-11')\n"
        "assert os.environ['PATH'].split(':')[0].endswith('jdk-11/bin')\n"
    )
    assert await control(tool(script + writes(report()), java="jdk-11")) == []


def test_the_settings_are_strict() -> None:
    for wrong in ({"comand": ["x"]}, {"command": []}, {"timeout": 0}, {"norms": []}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Settings)


def test_while_the_tool_fails_the_deposit_waits_and_is_controlled_again(tmp_path: Path) -> None:
    program, broken = tmp_path / "validateur", tmp_path / "broken"
    program.write_text(
        START + f"if os.path.exists({str(broken)!r}): sys.exit(9)\n" + writes(report())
    )
    program.chmod(0o755)
    broken.touch()
    site = Site(tmp_path / "site", NOWHERE)
    text = site.config.read_text("utf-8")
    command = json.dumps([str(program), "-o", "{output}", "{file}"])
    listed = 'autocontrol = ["builtin", "dsn-val"]\n'
    site.config.write_text(f"{listed}{text}[control.dsn-val]\ncommand = {command}\n", "utf-8")
    try:
        site.start()
        site.drop("paie.dsn", FILE)
        site.wait_for(lambda: "control:dsn-val" in site.notices())
        assert site.states() == {"received": 1}
        broken.unlink()
        site.wait_for(lambda: "received" not in site.states())
        assert "rejected" not in site.states()
        assert site.stop() == 0
    finally:
        site.kill()
