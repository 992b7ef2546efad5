"""Hands over what this plugin has. Quick to import: lxml and the check digits are loaded when a
document needs them, the generator of samples when the demo asks for files."""

from __future__ import annotations

from collections.abc import Callable

from vaguemestre.api import (
    Autocontrol,
    DemoFiles,
    DemoPlatform,
    Format,
    ReturnReader,
    hookimpl,
)
from vaguemestre_seculine.autocontrol import SeculineControl
from vaguemestre_seculine.demo import SeculineDemo
from vaguemestre_seculine.recognition import SeculineFormat
from vaguemestre_seculine.returns import SeculineReader


@hookimpl
def register_formats(register: Callable[[Format], None]) -> None:
    register(SeculineFormat())


@hookimpl
def register_autocontrols(register: Callable[[Autocontrol], None]) -> None:
    register(SeculineControl())


@hookimpl
def register_return_readers(register: Callable[[ReturnReader], None]) -> None:
    register(SeculineReader())


@hookimpl
def register_demos(register: Callable[[DemoPlatform | DemoFiles], None]) -> None:
    register(SeculineDemo())
