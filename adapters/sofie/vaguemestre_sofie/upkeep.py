"""What people are told without asking: a certificate or a password that ends soon."""

from __future__ import annotations

import trio

from vaguemestre.api import Examined, Level, Notice, Profile, Status
from vaguemestre_sofie.examination import certificate, password
from vaguemestre_sofie.settings import places
from vaguemestre_sofie.texts import _


async def upkeep(profile: Profile) -> list[Notice]:
    """Notices about what ends; none about what is not watched."""
    where = places(profile)

    def look() -> list[tuple[str, str, Examined]]:
        found = []
        if where.certificate is not None:
            title = _("The certificate of SOFiE must be renewed")
            found.append(("certificate", title, certificate(profile, where)))
        if where.password_file is not None or where.state.is_dir():
            title = _("The password of SOFiE must be changed")
            found.append(("password", title, password(profile.settings, where)))
        return found

    return [
        Notice(
            key=f"sofie-{key}:{profile.name}",
            level=Level.ERROR if one.status is Status.ERROR else Level.WARNING,
            title=title,
            text=f"{one.message}. {one.advice}",
            profile=profile.name,
        )
        for key, title, one in await trio.to_thread.run_sync(look)
        if one.status is not Status.OK
    ]
