"""Examines a file: which format it is of, what it declares, and what is wrong with it.

Used on every deposit and by `vaguemestre check`. Deciding what becomes of the file is left to
`control.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import trio

from vaguemestre.config import Configuration
from vaguemestre.config.schema import BUILTIN
from vaguemestre.contracts import Autocontrol
from vaguemestre.errors import ConfigurationError, DeclarationError
from vaguemestre.locale import _
from vaguemestre.model import Declaration, Finding, Part, Severity
from vaguemestre.plugins import PluginFailure, PluginInfo, Registry

#: Below this many bytes, recognising is quicker than handing it to a thread.
INLINE_BYTES = 65_536
#: Seconds that one control may take for one file.
PATIENCE = 600.0


def blocks(findings: Sequence[Finding]) -> bool:
    return any(f.severity is Severity.BLOCKING for f in findings)


def blocking(code: str, message: str) -> Finding:
    return Finding(severity=Severity.BLOCKING, code=code, message=message)


def controls_of(registry: Registry, config: Configuration | None = None) -> list[Autocontrol]:
    """The controls that work, in order, with their settings: those that the configuration lists,
    or all that need nothing."""
    chosen: dict[str, Autocontrol] = {}
    for name in config.autocontrol if config is not None else (BUILTIN,):
        if name == BUILTIN:
            chosen.update({n: c for n, c in registry.autocontrols.items() if c.builtin})
        else:
            chosen[name] = registry.autocontrols[name]
    if config is None:
        return list(chosen.values())
    return [
        _configured(control, config) if control.settings is not None else control
        for control in chosen.values()
    ]


def _configured(control: Autocontrol, config: Configuration) -> Autocontrol:
    settings = config.control.get(control.name)
    if settings is None and control.settings is not None:
        settings = control.settings()
    return control.configured(settings, config.base)


async def examine(
    registry: Registry, controls: Sequence[Autocontrol], name: str, payload: bytes
) -> tuple[Declaration | None, list[Finding]]:
    """What the file says, and the findings of every control that applies.

    No declaration comes with exactly one blocking finding that says why. Raises PluginFailure if a
    format or a control failed, or if nobody knows the file and a plugin could not be loaded: then
    nothing is known about the file.
    """
    declaration = await _recognise(registry, name, payload)
    if declaration is None:
        return None, [_unrecognised(payload)]
    findings: list[Finding] = []
    for control in controls:
        try:
            if control.applies(declaration):
                with trio.fail_after(PATIENCE):
                    findings += await control.check(declaration, payload)
        except Exception as error:
            raise PluginFailure(control.name, "check", error) from error
    return declaration, findings


async def _recognise(registry: Registry, name: str, payload: bytes) -> Declaration | None:
    for form in registry.formats.values():
        try:
            if len(payload) < INLINE_BYTES:
                declaration = form.recognise(name, payload)
            else:
                declaration = await trio.to_thread.run_sync(form.recognise, name, payload)
        except Exception as error:
            raise PluginFailure(form.name, "recognise", error) from error
        if declaration is not None:
            return declaration
    for plugin in registry.plugins:
        if plugin.error:
            raise PluginFailure(plugin.name, "load", ConfigurationError(_missing(plugin)))
    return None


def _missing(plugin: PluginInfo) -> str:
    return _(
        "No installed plugin knows this file, and the plugin {name} could not be loaded ({error}): "
        "it may be the one that does. Repair or remove it, then start again"
    ).format(name=plugin.name, error=plugin.error)


def cut(registry: Registry, name: str, payload: bytes, declaration: Declaration) -> Sequence[Part]:
    """The parts of a file with several declarations. Blocking.

    Raises DeclarationError if the file cannot be cut, PluginFailure if the format failed.
    """
    form = registry.formats[declaration.kind]
    try:
        return form.split(name, payload)
    except DeclarationError:
        raise
    except Exception as error:
        raise PluginFailure(form.name, "split", error) from error


def unwrapped(registry: Registry, name: str, payload: bytes) -> Sequence[Part]:
    """What a file holds that only wraps others, as the first format that knows it says. Blocking.

    Raises PluginFailure if a format failed.
    """
    for form in registry.formats.values():
        try:
            parts = form.unwrap(name, payload)
        except Exception as error:
            raise PluginFailure(form.name, "unwrap", error) from error
        if parts:
            return parts
    return ()


def _unrecognised(payload: bytes) -> Finding:
    if not payload:
        return blocking("file/empty", _("The file is empty: produce it again and drop it again."))
    return blocking(
        "format/unknown",
        _(
            "This is not a declaration that any installed plugin knows: check that the right file "
            "was dropped in this folder."
        ),
    )
