"""What a deployment logs, for people or for machines, and what never stands in a log."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from vaguemestre.config import LogConfig
from vaguemestre.errors import ConfigurationError
from vaguemestre.logs import configure

NIR = "185057800608436"


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Callable[..., list[str]]]:
    """Configures the log as told; called without arguments, the lines written so far."""
    file = tmp_path / "site.log"
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def use(**config: Any) -> list[str]:
        if config:
            configure(LogConfig(file=file, **config))
        return file.read_text("utf-8").splitlines() if file.exists() else []

    yield use
    configure(LogConfig())
    logger.configure(patcher=lambda _: None)
    root.handlers[:] = handlers
    root.setLevel(level)


def fail(text: str) -> None:
    raise ValueError(text)


def test_a_line_for_people_has_time_level_and_text(lines: Callable[..., list[str]]) -> None:
    lines(level="INFO")
    logger.info("deposit {} of {}", 7, "{acme} <b>")
    logger.debug("not wanted")
    (line,) = lines()
    assert line.endswith("INFO    deposit 7 of {acme} <b>")
    assert line[:4].isdigit()


def test_a_line_for_machines_is_json(lines: Callable[..., list[str]]) -> None:
    lines(level="INFO", format="json")
    logger.bind(deposit=7, at=Path("x")).warning("éà {}\nsecond", 1)
    (line,) = lines()
    record = json.loads(line)
    assert record["message"] == "éà 1\nsecond"
    assert (record["level"], record["extra"]) == ("WARNING", {"deposit": 7, "at": "x"})
    assert record["time"].endswith("+00:00")


@pytest.mark.parametrize("form", ["human", "json"])
def test_neither_message_nor_extra_nor_traceback_gives_a_secret_away(
    lines: Callable[..., list[str]], form: str
) -> None:
    lines(level="INFO", format=form)
    bound = logger.bind(motdepasse="SeCr3t", who=[NIR], headers={"Authorization": "SeCr3t"})
    try:
        fail(f"jeton=SeCr3t for {NIR}")
    except ValueError:
        bound.opt(exception=True).warning("NIR {}, <motdepasse>SeCr3t</motdepasse>", NIR)
    text = "\n".join(lines())
    assert "ValueError" in text
    assert "jeton=***" in text
    assert "SeCr3t" not in text
    assert NIR not in text


def test_local_values_do_not_stand_in_a_traceback(lines: Callable[..., list[str]]) -> None:
    lines(level="INFO")
    payload = "value-" + "of-a-local"
    try:
        fail("short" + payload[:0])
    except ValueError:
        logger.opt(exception=True).warning("failed")
    assert any("short" in line for line in lines())
    assert payload not in "\n".join(lines())


def test_a_message_cannot_forge_a_line(lines: Callable[..., list[str]]) -> None:
    lines(level="INFO")
    logger.info("file {}", "a\n2026-01-01 00:00:00.000 INFO    all is well")
    assert lines()[1].startswith("    2026")


def test_libraries_are_heard_from_warning_on(lines: Callable[..., list[str]]) -> None:
    lines(level="DEBUG")
    library = logging.getLogger("httpx")
    library.info("GET https://…")
    library.warning("jeton=%s is bad", "abc")
    (line,) = lines()
    assert "httpx: jeton=*** is bad" in line


def test_configuring_again_replaces_the_earlier_log(
    lines: Callable[..., list[str]], tmp_path: Path
) -> None:
    lines(level="INFO")
    configure(LogConfig(file=tmp_path / "other.log"))
    logger.info("once")
    assert not lines()
    assert len((tmp_path / "other.log").read_text().splitlines()) == 1


def test_without_a_file_the_log_goes_to_standard_error(
    lines: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(LogConfig(), json=True)
    logger.info("here")
    captured = capsys.readouterr()
    assert json.loads(captured.err)["message"] == "here"
    assert not captured.out


def test_a_log_file_that_cannot_be_written_is_told(
    lines: Callable[..., list[str]], tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=str(tmp_path)):
        configure(LogConfig(file=tmp_path))


def test_an_error_in_the_log_can_be_expected(expects_errors: list[str]) -> None:
    logger.error("this is wanted")
    assert "this is wanted" in expects_errors[0]


def test_an_error_in_the_log_fails_a_test_that_does_not_expect_it(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    (tmp_path / "conftest.py").write_text((root / "conftest.py").read_text("utf-8"), "utf-8")
    test = tmp_path / "test_x.py"
    test.write_text("from loguru import logger\ndef test_x(): logger.error('surprise')\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "1 passed, 1 error" in done.stdout
    assert "surprise" in done.stdout
