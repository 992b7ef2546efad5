"""All profiles of one installation share what drives it, in this process."""

from __future__ import annotations

from pathlib import Path

import trio

from vaguemestre.api import ConfigurationError, Profile
from vaguemestre_sofie.installation import Installation
from vaguemestre_sofie.settings import places
from vaguemestre_sofie.texts import _

#: By home and by event loop: tests have several.
_shared: dict[tuple[Path, int], Installation] = {}


def share(profile: Profile) -> Installation:
    """The installation of the profile; give it back with `leave`. Called under trio. Raises
    ConfigurationError if another profile describes the same installation otherwise."""
    where = places(profile)
    key = (where.home, id(trio.lowlevel.current_trio_token()))
    if key not in _shared:
        _shared[key] = Installation(profile, where)
    elif _shared[key].settings != profile.settings:
        raise ConfigurationError(
            _(
                "two profiles describe the installation of SOFiE in {home} differently: their "
                "settings must be the same"
            ).format(home=where.home)
        )
    _shared[key].users += 1
    return _shared[key]


def leave(installation: Installation) -> None:
    """It is not used any more; the last one gives up the lease."""
    installation.users -= 1
    if installation.users == 0:
        installation.close()
        for key in [k for k, value in _shared.items() if value is installation]:
            del _shared[key]
