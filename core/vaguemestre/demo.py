"""`vaguemestre demo`: the whole way of a declaration, on this machine, in a minute.

Makes a temporary deployment for every simulated platform that the plugins offer, starts the
simulator and the daemon as child processes, drops sample files, and shows live what becomes of
them. Nothing leaves the machine. What is simulated and what is dropped comes from plugins
(`register_demos`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from vaguemestre import demo_screen
from vaguemestre.demo_contracts import DemoFile, DemoPlatform
from vaguemestre.errors import ConfigurationError, VaguemestreError
from vaguemestre.lifecycle import SETTLED
from vaguemestre.locale import _, language, set_language
from vaguemestre.plugins import Registry
from vaguemestre.store import listings
from vaguemestre.store.engine import Session, Store
from vaguemestre.vault import Vault

#: Seconds after which the demo gives up and says what it still waited for.
PATIENCE = 120.0
#: Seconds between two looks.
LOOK = 0.2


class Scene:
    """One deployment of the demo on disk: a profile and an outbox for each simulated platform."""

    def __init__(self, folder: Path, platforms: list[DemoPlatform], registry: Registry) -> None:
        self.folder = folder
        self.config = folder / "vaguemestre.toml"
        self.store = folder / "vaguemestre.db"
        self.platforms = platforms
        self.registry = registry
        self.dropped: list[DemoFile] = []
        self.ledgers: list[Callable[[], int]] = []

    def outbox(self, platform: DemoPlatform) -> Path:
        return self.folder / _("Outgoing") / platform.platform

    def write(self, settings: dict[str, dict[str, Any]]) -> None:
        """Write the configuration and the secrets, as an installer would."""
        lines = [f"locale = {_toml(language())}", "[store]", f"path = {_toml(self.store.name)}"]
        lines += ["[vault]", 'key_file = "vault.key"', "[inbox]", f"path = {_toml(_('Returns'))}"]
        lines += ["[log]", 'file = "vaguemestre.log"']
        for platform in self.platforms:
            name = platform.platform
            lines += ["[[outbox]]", f"name = {_toml(name)}"]
            lines += [f"path = {_toml(str(self.outbox(platform)))}", "quiet_seconds = 0.5"]
            lines += ["[[profile]]", f"name = {_toml(name)}", f"platform = {_toml(name)}"]
            lines += [f"credential = {_toml(name)}", 'mode = "real"', "[profile.settings]"]
            lines += [f"{key} = {_toml(value)}" for key, value in settings[name].items()]
            self.outbox(platform).mkdir(parents=True)
        self.config.write_text("\n".join(lines) + "\n", "utf-8")

    def keep_secrets(self, vault: Vault, store: Store) -> None:
        for platform in self.platforms:
            name = platform.platform
            sealed = vault.seal(name, dict(platform.credential()))
            store.write_now(partial(_keep_secret, name=name, sealed=sealed))

    def drop(self) -> None:
        """Drop every sample file in the outbox of its platform."""
        today = datetime.now(UTC)
        for platform in self.platforms:
            for file in self.registry.demo_files[platform.kind].files(today):
                beside = self.folder / f".{file.name}"
                beside.write_bytes(file.payload)
                beside.rename(self.outbox(platform) / file.name)
                self.dropped.append(file)


def run(*, stay: bool, as_json: bool) -> int:
    """Play the demo; the exit code: 0 if every deposit settled and every ledger agrees."""
    registry = Registry().load()
    set_language(os.environ.get("VAGUEMESTRE_LOCALE", "fr"))
    platforms = [p for p in registry.demo_platforms.values() if p.kind in registry.demo_files]
    if not platforms:
        raise ConfigurationError(_("no installed plugin has anything to show"))
    # So that a demo that is told to end takes its simulators and its daemon along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = Path(tempfile.mkdtemp(prefix="vaguemestre-demo-"))
    with ExitStack() as stack:
        scene = Scene(folder, platforms, registry)
        _set_up(scene, stack)
        store = stack.enter_context(Store.open(scene.store))
        scene.drop()
        captions = {file.name: file.caption for file in scene.dropped}
        with _silent() if as_json else demo_screen.live(captions) as show:
            ok = _watch(scene, store, show) and _ledgers_agree(scene, store)
            show(store)
        summary = _summary(scene, store, ok=ok)
        if as_json:
            sys.stdout.write(json.dumps(summary, ensure_ascii=False, indent=2) + "\n")
            sys.stdout.flush()
        else:
            demo_screen.closing(scene.config, summary, [c() for c in scene.ledgers])
            if stay:
                demo_screen.invite(scene.config, [scene.outbox(p) for p in platforms])
        if stay:
            with suppress(KeyboardInterrupt):
                while True:
                    time.sleep(1)
    return 0 if ok else 1


def _set_up(scene: Scene, stack: ExitStack) -> None:
    """Simulators, configuration, secrets, daemon: everything but the files."""
    from vaguemestre.config import load

    settings: dict[str, dict[str, Any]] = {}
    for platform in scene.platforms:
        place = scene.folder / f"simulator-{platform.platform}"
        place.mkdir()
        ready = stack.enter_context(_child(platform.command(place), place))
        settings[platform.platform] = dict(platform.settings(ready))
        scene.ledgers.append(platform.ledger(place))
    scene.write(settings)
    config = load(scene.config, scene.registry)
    with Store.open(scene.store) as store:
        scene.keep_secrets(Vault.from_config(config.vault), store)
    stack.enter_context(_daemon(scene))


@contextmanager
def _child(words: Any, folder: Path) -> Iterator[dict[str, Any]]:
    """A simulator as a child process; what it printed when it was ready."""
    with (
        (folder / "simulator.log").open("wb") as log,
        subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "vaguemestre", *words], stdout=subprocess.PIPE, stderr=log
        ) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                raise VaguemestreError(
                    _("the simulator did not start; see {log}").format(log=log.name)
                )
            yield json.loads(line)
        finally:
            process.terminate()


@contextmanager
def _daemon(scene: Scene) -> Iterator[None]:
    words = [sys.executable, "-m", "vaguemestre", "-c", str(scene.config), "run"]
    with (
        (scene.folder / "daemon.log").open("wb") as log,
        subprocess.Popen(words, stdout=log, stderr=log) as process,  # noqa: S603 - our own program
    ):
        try:
            yield
        finally:
            process.terminate()


def _watch(scene: Scene, store: Store, show: Callable[[Store], None]) -> bool:
    """Look until everything that was dropped is settled; whether it is."""
    names = {file.name for file in scene.dropped}
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        show(store)
        seen = store.read_now(_taken)
        deposits = store.read_now(listings.deposits)
        settled = all(d["state"] in SETTLED for d in deposits)
        written = store.read_now(_unwritten) == 0
        if names <= seen and deposits and settled and written:
            return True
        time.sleep(LOOK)
    return False


def _keep_secret(session: Session, *, name: str, sealed: bytes) -> None:
    session.sql.secret_set(session.connection, name=name, sealed=sealed, now=session.now)


def _taken(session: Session) -> set[str]:
    return {r["name"] for r in session.sql.file_names(session.connection)}


def _unwritten(session: Session) -> int:
    return int(session.sql.returns_unwritten(session.connection))


def _ledgers_agree(scene: Scene, store: Store) -> bool:
    """Each deposit that has a reference arrived, once, and nothing else did."""
    deposits = store.read_now(listings.deposits)
    return sum(count() for count in scene.ledgers) == sum(bool(d["reference"]) for d in deposits)


def _summary(scene: Scene, store: Store, *, ok: bool) -> dict[str, Any]:
    return {
        "ok": ok,
        "deposits": store.read_now(listings.deposits),
        "returns": store.read_now(listings.returns),
        "notices": store.read_now(listings.notices),
        "folder": str(scene.folder),
    }


@contextmanager
def _silent() -> Iterator[Callable[[Store], None]]:
    yield lambda _store: None


def _toml(value: Any) -> str:
    """A TOML value; JSON's strings, numbers, booleans and lists are TOML's as well."""
    return json.dumps(value, ensure_ascii=False)
