"""Hands over what this plugin has. Quick to import: lxml is loaded when a document is read, the
generator of samples when the demo asks for files."""

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
from vaguemestre_dsn.autocontrol import DsnControl
from vaguemestre_dsn.demo import DsnDemo
from vaguemestre_dsn.dpae import DpaeFormat
from vaguemestre_dsn.dsnval import DsnVal
from vaguemestre_dsn.recognition import DsnFormat
from vaguemestre_dsn.returns import AnnouncedReader, GipMdsReader


@hookimpl
def register_formats(register: Callable[[Format], None]) -> None:
    register(DsnFormat())
    register(DpaeFormat())


@hookimpl
def register_autocontrols(register: Callable[[Autocontrol], None]) -> None:
    register(DsnControl())
    register(DsnVal())


# Any reader that knows the document comes before this plugin's last resort.
@hookimpl
def register_return_readers(register: Callable[[ReturnReader], None]) -> None:
    register(GipMdsReader())
    register(AnnouncedReader())


@hookimpl
def register_demos(register: Callable[[DemoPlatform | DemoFiles], None]) -> None:
    register(DsnDemo())
