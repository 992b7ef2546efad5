"""What holds for every test: an error in the log is a failure, and texts are in French.

A test that provokes an error asks for `expects_errors` and looks at what was logged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from loguru import logger

from vaguemestre.locale import set_language

# loguru's own sink would write to the standard error of whichever test imported it first.
logger.remove()


@pytest.fixture(autouse=True)
def _logged_errors() -> Iterator[list[str]]:
    """The messages of level ERROR and above that the test logged so far."""
    errors: list[str] = []
    sink = logger.add(
        lambda message: errors.append(str(message)),
        level="ERROR",
        format="{level} {name}: {message}\n{exception}",
        diagnose=False,
    )
    yield errors
    logger.remove(sink)


@pytest.fixture
def expects_errors(_logged_errors: list[str]) -> list[str]:
    """Errors in the log are part of this test: the messages, growing while it runs."""
    return _logged_errors


@pytest.fixture(autouse=True)
def _no_error_logged(request: pytest.FixtureRequest, _logged_errors: list[str]) -> Iterator[None]:
    yield
    if _logged_errors and "expects_errors" not in request.fixturenames:
        pytest.fail("errors were logged:\n" + "\n".join(_logged_errors), pytrace=False)


@pytest.fixture(autouse=True)
def speak() -> Iterator[Callable[[str], None]]:
    """Sets the language of a test, French at its start: `speak("en")`."""
    set_language("fr")
    yield set_language
    set_language("fr")
