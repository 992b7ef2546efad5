"""What `plugin-template/` gives is a working plugin: rendered, built, installed, its own tests run,
and its control and notifier at work in a daemon."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import copier
import pytest
from support.site import Site

from vaguemestre_dsn import samples

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("rendered") / "acme-plugin"
    copier.run_copy(
        str(ROOT / "plugin-template"),
        target,
        data={"distribution": "vaguemestre-acme", "author": "Acme", "description": "Ours"},
        defaults=True,
        quiet=True,
    )
    return target


@pytest.fixture(scope="module")
def installed(project: Path) -> Path:
    """The folder that the rendered distribution is installed into, entry point and all."""
    target = project.parent / "site-packages"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"),
            *("--no-build-isolation", "--disable-pip-version-check"),
            *("--target", str(target), str(project)),
        ],
        check=True,
    )
    return target


def with_plugin(installed: Path) -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")])}


def test_its_own_tests_pass(project: Path, installed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(project)],
        env={**os.environ, **with_plugin(installed)},
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def test_it_is_listed_with_what_it_hands_over(installed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vaguemestre", "plugins", "list", "--json"],
        env={**os.environ, **with_plugin(installed)},
        capture_output=True,
        check=True,
    )
    acme = next(p for p in json.loads(done.stdout) if p["name"] == "acme")
    assert acme["distribution"] == "vaguemestre-acme"
    assert set(acme["provides"]) == {"autocontrol acme-month", "notifier acme-file"}


def test_its_control_and_its_notifier_work_in_a_daemon(
    tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in with_plugin(installed).items():
        monkeypatch.setenv(name, value)
    nowhere = {
        "authentication_url": "http://127.0.0.1:9/a/",
        "deposit_url": "http://127.0.0.1:9/d/",
        "consultation_url": "http://127.0.0.1:9/c/",
    }
    notifier = '[[notifier]]\nkind = "acme-file"\npath = "told.jsonl"\n'
    site = Site(tmp_path, nowhere, extra=notifier)
    site.start()
    try:
        site.drop("far.dsn", samples.mensuelle(month="2999-01"))
        site.wait(1, ["rejected"])
        codes = site.query("SELECT code FROM finding")
        assert ("acme/month-ahead",) in codes
        told = tmp_path / "told.jsonl"
        site.drop("again.dsn", samples.mensuelle(month="2999-01"))
        end = time.monotonic() + 30
        while not (told.exists() and told.read_text("utf-8").strip()):
            assert time.monotonic() < end, site.tail()
            time.sleep(0.05)
        assert json.loads(told.read_text("utf-8").splitlines()[0])["title"]
    finally:
        site.kill()
