"""Which deployment a command works on: the configuration file, and what is opened from it.

Everything heavy is imported when it is asked for, so that `--help` stays quick.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaguemestre.cli.failures import Misuse
from vaguemestre.locale import LANGUAGES, _, set_language

if TYPE_CHECKING:
    from vaguemestre.config import Configuration
    from vaguemestre.deployment import Deployment
    from vaguemestre.plugins import Registry

#: The configuration in the working folder, if none is named.
HERE = "vaguemestre.toml"
VARIABLE = "VAGUEMESTRE_CONFIG"


class Site:
    """The deployment named by `-c`, the environment or the working folder."""

    def __init__(self, registry: Registry | None = None) -> None:
        self.named: Path | None = None
        self._registry = registry

    def choose(self, named: Path | None) -> None:
        """Take what `-c` names, or else the environment."""
        given = os.environ.get(VARIABLE)
        self.named = named or (Path(given) if given else None)

    @property
    def file(self) -> Path:
        """The configuration file. Raises Misuse if none is named and none is here."""
        if self.named is not None:
            return self.named
        here = Path(HERE)
        if not here.exists():
            raise Misuse(
                _(
                    "there is no {file} in this folder: name the configuration with -c FILE "
                    "before the command, or with ${variable}"
                ).format(file=HERE, variable=VARIABLE)
            )
        return here

    @property
    def registry(self) -> Registry:
        """All installed plugins."""
        if self._registry is None:
            from vaguemestre.plugins import Registry

            self._registry = Registry().load()
        return self._registry

    def configuration(self) -> Configuration:
        """The configuration. Raises ConfigurationError with all its mistakes."""
        from vaguemestre.config import load

        config = load(self.file, self.registry)
        set_language(config.locale)
        return config

    def open(self) -> Deployment:
        """The open deployment; close it with `with`. Raises ConfigurationError, StoreError."""
        from vaguemestre.deployment import Deployment

        return Deployment.open(self.file, self.registry)

    def speak(self) -> None:
        """Use the language that the configuration asks for, as far as it can be read."""
        import tomllib

        try:
            tables = tomllib.loads((self.named or Path(HERE)).read_text("utf-8"))
        except (OSError, ValueError):
            return
        wanted = tables.get("locale", LANGUAGES[0])
        if wanted in LANGUAGES:
            set_language(wanted)


pass_site = click.make_pass_decorator(Site, ensure=True)
