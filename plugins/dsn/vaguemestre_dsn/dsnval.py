"""The control `dsn-val`: the official self-check tool, for deployments that have it and list it.

How the tool is run and what its report is worth is left to `dsnval_running`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from vaguemestre.api import Autocontrol, Declaration, Finding


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[control.dsn-val]`.

    `command`: the program and its arguments; `{output}` stands for the folder of the report,
    `{file}` for the file. `java`: the folder of the Java that it shall use (JAVA_HOME), or "".
    `timeout`: seconds for one file. `norms`: the versions of the norm that it knows. `folder`:
    where its temporary files are, or "" for the system's.
    """

    command: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = (
        "Autocontrol-ValidateurModeBatchLinux64.sh",
        "--noCheckUpdate",
        "-o",
        "{output}",
        "{file}",
    )
    java: str = ""
    timeout: Annotated[float, msgspec.Meta(gt=0, le=7200)] = 300.0
    norms: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("P26V01",)
    folder: str = ""


class DsnVal(Autocontrol):
    """The control `dsn-val`, for deployments that list it."""

    name = "dsn-val"
    builtin = False
    settings = Settings

    def __init__(self, options: Settings | None = None, base: Path | None = None) -> None:
        self._options = options or Settings()
        self._base = base or Path()

    def configured(self, settings: Any, base: Path) -> DsnVal:
        return DsnVal(settings, base)

    def applies(self, declaration: Declaration) -> bool:
        return declaration.kind == "dsn"

    async def check(self, declaration: Declaration, payload: bytes) -> Sequence[Finding]:
        from vaguemestre_dsn.dsnval_running import Run  # slow to import, and seldom needed

        return await Run(self._options, self._base).findings(declaration, payload)
