"""`vaguemestre sofie password-changed`: a person's word about the password."""

from __future__ import annotations

from datetime import datetime

import click

from vaguemestre.api import configured_profiles
from vaguemestre_sofie.passwords import remember
from vaguemestre_sofie.settings import places
from vaguemestre_sofie.texts import _


@click.command(
    "password-changed",
    help="Say that the password of SOFiE was changed: the reminder begins anew.",
)
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]),
    help="On which day; today by default.",
)
@click.option("--profile", default="", metavar="NAME", help="Only this profile; all by default.")
def password_changed(day: datetime | None, profile: str) -> None:
    """Remember the day for each installation."""
    today = datetime.now().astimezone().date()
    changed = day.date() if day else today
    if changed > today:
        raise click.UsageError(_("the day is yet to come"))
    found = [p for p in configured_profiles("sofie") if profile in ("", p.name)]
    if not found:
        raise click.UsageError(_("there is no such profile of SOFiE in the configuration"))
    for one in found:
        where = places(one)
        if not where.home.is_dir():
            message = _("{folder} is not there").format(folder=where.home)
            raise click.ClickException(message)
        remember(where.state, changed)
        text = _(
            '{profile}: password changed on {day}. Was "Save encrypted password for batch '
            'processing" ticked? Without it nothing is sent.'
        )
        click.echo(text.format(profile=one.name, day=f"{changed:%d/%m/%Y}"))
