"""`[profile.settings]` of this adapter: those of the API DSN client, the choice of the transport,
and the folder of the transport `hand-over`.

IZILIO publishes neither its protocol nor an address: no preset fills any in, and what is not
configured is a mistake that is named.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal

from vaguemestre_izilio.texts import _
from vaguemestre_net_entreprises import settings as api_dsn
from vaguemestre_net_entreprises.protocol.authentication import SHAPES

#: Seconds between two looks into the folder of returns, at most: it is on this machine.
FOLDER_POLL = 30.0


class Settings(
    api_dsn.Settings,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
):
    """Everything of the API DSN client (`preset` must stay empty), and:

    `transport`: `api` deposits by the line, `hand-over` lays files ready for a person.
    `authentication_body`: with the e-mail address unless configured otherwise.
    `folder`: where files are laid ready; counts from the configuration's folder. Below it,
    `returns` is where people drop what the portal answered, `filed` where both go once they are
    dealt with.
    `portal`: what people are told to deposit at.
    """

    transport: Literal["api", "hand-over"] = "api"
    authentication_body: api_dsn.Body = "courriel"
    folder: str = ""
    returns: str = "Retours"
    filed: str = "Classés"
    portal: str = "IZILIO"


def by_hand(settings: Settings) -> bool:
    return settings.transport == "hand-over"


def mistakes(settings: Settings) -> list[tuple[str, str]]:
    """What types cannot catch: pairs of setting name and message."""
    if by_hand(settings):
        return _of_folders(settings)
    found = api_dsn.mistakes(
        settings,
        missing=_(
            "missing: IZILIO publishes no address, and none is presumed. Ask IZILIO for the "
            'address of its service for software and set it; or set transport = "hand-over"'
        ),
    )
    if settings.preset:
        text = _("must be empty: the presets are addresses of Net-Entreprises, not of IZILIO")
        found.append(("preset", text))
    return found


def _of_folders(settings: Settings) -> list[tuple[str, str]]:
    if not settings.folder.strip() or "\0" in settings.folder:
        return [("folder", _("missing: the folder in which files are laid ready for a person"))]
    found = [
        (name, _("must be the plain name of a folder"))
        for name in ("returns", "filed")
        if not _is_plain(getattr(settings, name))
    ]
    if not found and settings.returns.casefold() == settings.filed.casefold():
        found.append(("filed", _("must be another folder than the one for returns")))
    return found


def _is_plain(name: str) -> bool:
    """One step of a path, visible, and good on any system."""
    plain = name.isprintable() and name.strip(" .") == name and not set(name) & set('/\\:*?"<>|')
    return bool(name) and plain and PurePath(name).name == name and not name.startswith(".")


def needs(settings: Settings) -> tuple[str, ...]:
    """The fields of the credential that are sent; none by hand."""
    if by_hand(settings):
        return ()
    names = [name for name, _longest in SHAPES[settings.authentication_body]]
    # The identifier is the SIRET unless the vault entry has one of its own.
    return tuple("siret" if n == "identifiant" else n for n in names if n != "service")
