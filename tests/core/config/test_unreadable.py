"""A file that cannot be read at all is one clear problem, with its line where it has one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vaguemestre.config import check
from vaguemestre.plugins import Registry


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[outbox]]\nname = "a\npath = 1', "3: not valid TOML: the closing quote is missing"),
        ('[store]\npath = "C:\\Paie"', "3: not valid TOML: a backslash in double quotes"),
        ('[store]\npath = "C:\\Users"', "3: not valid TOML: a backslash in double quotes"),
        ("[store]\npath = état", "3: not valid TOML: the value is missing, or a text has no"),
        ("[store]\n[store]", "3: not valid TOML: the section stands there twice"),
        ("a = 1\na = 2", "3: not valid TOML: the key stands there twice"),
        ("[store]\npath", "3: not valid TOML: there is no = after the key"),
        ("x = " + 2000 * "[" + 2000 * "]", " lists or tables are nested too deeply"),
    ],
)
def test_a_syntax_error_has_its_line(
    tmp_path: Path, speak: Callable[[str], None], text: str, problem: str
) -> None:
    speak("en")  # the file cannot be read, so neither can its locale
    file = tmp_path / "site.toml"
    file.write_text("\n" + text, "utf-8")
    (found,) = check(file, Registry())
    assert str(found).removeprefix(f"{file}:").startswith(problem)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xef\xbb\xbflocale = 'fr'\n", ":1: begins with a byte order mark"),
        (b"# ok\n# D\xe9part\n", ":2: not UTF-8"),
        (b"#" * 5_000_000, ": too large"),
    ],
)
def test_a_file_in_the_wrong_encoding_is_a_clear_problem(
    tmp_path: Path, speak: Callable[[str], None], content: bytes, problem: str
) -> None:
    speak("en")
    file = tmp_path / "a.toml"
    file.write_bytes(content)
    (found,) = check(file, Registry())
    assert str(found).startswith(f"{file}{problem}")


def test_a_missing_file_and_a_folder_are_clear_problems(
    tmp_path: Path, speak: Callable[[str], None]
) -> None:
    speak("en")
    assert "does not exist" in str(check(tmp_path / "none.toml", Registry())[0])
    assert "this is a folder" in str(check(tmp_path, Registry())[0])
    assert "cannot be read" in str(check(tmp_path / ("x" * 400), Registry())[0])
    assert "cannot be read" in str(check(Path("a\0b"), Registry())[0])
