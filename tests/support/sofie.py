"""A deployment with a simulated SOFiE: the real daemon, the real batch program, and its ledger."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.site import Site, _value, command

#: A plugin that recognises SECUline files, for as long as none is installed.
FORMAT = """
from vaguemestre.api import Declaration, Effect, Format, ReturnReader, ReturnSummary, hookimpl


def lines(content):
    return [line for line in content.decode().split("\\r\\n")[1:] if line]


class Frames(Format):
    name = "seculine"

    def recognise(self, name, payload):
        if not payload.startswith(b"0;"):
            return None
        employer = payload.split(b";")[1].decode()
        kind = {"1": "DECSAL", "E": "DECAFF"}[lines(payload)[0][0]]
        return Declaration(
            kind="seculine", module="seculine", issuer=employer, company=employer,
            identity={"type": kind},
        )


class Rejects(ReturnReader):
    name = "seculine"

    def read(self, document, announcement):
        codes = " ".join(line.split(";")[1] for line in lines(document.content))
        return ReturnSummary(
            family="seculine", nature=announcement.nature, label=f"{announcement.nature} {codes}",
            status="ANO", effect=Effect.TO_CHECK,
        )

    def match(self, document, announcement, carried):
        wanted = {first + ";" + rest for first, _code, rest in
                  (line.split(";", 2) for line in lines(document.content))}
        for one in carried:
            if wanted & set(lines(one.payload())):
                return one.deposit
        return None


@hookimpl
def register_formats(register):
    register(Frames())


@hookimpl
def register_return_readers(register):
    register(Rejects())
"""


class SofieSite(Site):
    """A deployment in `folder` with a simulated installation beside it."""

    def __init__(self, folder: Path, *faults: str, **settings: Any) -> None:
        self.folder = folder
        self.outbox = folder / "out"
        self.outbox.mkdir(parents=True, exist_ok=True)
        self.config = folder / "site.toml"
        self.store = folder / "store.db"
        self.log = folder / "daemon.log"
        self.daemon = None
        self._started_at = 0
        self.home = folder / "sofie"
        wanted = {
            **self.simulate("--once", "--return-delay", "0", *_options("--fault", faults))[
                "settings"
            ],
            "address": "",
            "timeout_seconds": 10,
            "receive_minutes": 0.05,
            **settings,
        }
        self.config.write_text(_toml(wanted), "utf-8")

    def start(self, **environment: str) -> None:
        if importlib.util.find_spec("vaguemestre_seculine") is None:
            place = self.folder / "plugin"
            install_frames(place)
            environment["PYTHONPATH"] = str(place)
        super().start(**environment)

    def simulate(self, *options: str) -> dict[str, Any]:
        """Run the simulator's command on this home; what it printed."""
        done = subprocess.run(
            [*command(), "simulate", "sofie", "--home", str(self.home), *options],
            capture_output=True,
            check=True,
        )
        printed: dict[str, Any] = json.loads(done.stdout)
        return printed

    def records(self) -> list[dict[str, Any]]:
        """The ledger: all that happened on the other side."""
        try:
            lines = (self.home / "simulated" / "ledger.jsonl").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def assert_each_arrived_once(self, files: Mapping[str, bytes]) -> None:
        """The judgement of every campaign: each file, once, nothing else, and never two runs."""
        arrived = Counter(r["sha256"] for r in self.records() if r["event"] == "deposit")
        wanted = Counter(hashlib.sha256(payload).hexdigest() for payload in files.values())
        assert arrived == wanted, (arrived, wanted, self.tail())
        assert not [r for r in self.records() if r["event"] == "two-at-once"]


def _options(name: str, values: tuple[str, ...]) -> list[str]:
    return [word for value in values for word in (name, value)]


def _toml(settings: Mapping[str, Any]) -> str:
    lines = [
        "[store]",
        'path = "store.db"',
        "[vault]",
        'key_file = "vault.key"',
        "[[outbox]]",
        'name = "paie"',
        'path = "out"',
        "quiet_seconds = 0.1",
        "scan_seconds = 0.5",
        "[inbox]",
        'path = "in"',
        "[[profile]]",
        'name = "ccss"',
        'platform = "sofie"',
        "[profile.settings]",
        *(f"{k} = {_value(v)}" for k, v in settings.items()),
    ]
    return "\n".join(lines) + "\n"


#: The same plugin with something to show in the demo.
SHOWN = (
    FORMAT
    + """
from vaguemestre.api import DemoFile, DemoFiles


class Samples(DemoFiles):
    kind = "seculine"

    def files(self, today):
        month = f"{today:%Y%m}"
        wage = f"1;1948072337999;1990093012358;{month};300000;173;0;0;0;0;0;0;0;01;28;;;;;7"
        frames = {
            "salaires.dta": wage,
            "entree.dta": "E;1948072337999;1990093012358;20261101",
        }
        return [
            DemoFile(name=name, payload=f"0;1948072337999;000586\\r\\n{record}\\r\\n".encode(),
                     caption=name)
            for name, record in frames.items()
        ]


@hookimpl
def register_demos(register):
    register(Samples())
"""
)


def install_frames(place: Path, text: str = FORMAT) -> None:
    """Put the plugin into `place`, as an installer would; `PYTHONPATH` leads there."""
    info = place / "frames-0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (place / "frames.py").write_text(text)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: frames\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[vaguemestre]\nframes = frames\n")
