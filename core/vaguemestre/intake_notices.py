"""What the intake tells people: what is wrong with a file or a folder, where, and what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from vaguemestre.config import Outbox
from vaguemestre.errors import StoreError
from vaguemestre.folder import Entry, Odd, printable
from vaguemestre.lifecycle import State
from vaguemestre.locale import _
from vaguemestre.model import Level, Notice
from vaguemestre.words import state_word


def folder_unusable(outbox: Outbox, error: OSError) -> Notice:
    return Notice(
        key=f"outbox:{outbox.name}",
        level=Level.ERROR,
        title=_("The outbox {name} cannot be used: nothing is taken from it").format(
            name=outbox.name
        ),
        text=_(
            "{folder}: {error}. Check that the folder exists, that the service may read and write "
            "it, and that the disk is not full. The files stay where they are."
        ).format(folder=printable(error.filename or outbox.path), error=error.strerror),
    )


def store_unusable(outbox: Outbox, error: StoreError) -> Notice:
    return Notice(
        key=f"outbox-store:{outbox.name}",
        level=Level.ERROR,
        title=_("Nothing is taken from the outbox {name}: the store cannot be used").format(
            name=outbox.name
        ),
        text=_("{error}. The files stay where they are and are taken as soon as it works.").format(
            error=error
        ),
    )


def unreadable(outbox: Outbox, entry: Entry, error: OSError) -> Notice:
    return _about_file(
        outbox,
        entry.name,
        _("The file {name} cannot be read").format(name=printable(entry.name)),
        _("{error}. Give the service the right to read it; it stays in the outbox.").format(
            error=error.strerror
        ),
    )


def too_large(outbox: Outbox, entry: Entry) -> Notice:
    return _about_file(
        outbox,
        entry.name,
        _("The file {name} is too large for a declaration").format(name=printable(entry.name)),
        _("It has {size} MB. It stays in the outbox: take it out by hand.").format(
            size=entry.stamp.size >> 20
        ),
    )


def odd(outbox: Outbox, thing: Odd) -> Notice:
    text = {
        "link": _("It is a link. Links are not followed: put the file itself there."),
        "special": _("It is not a file. It is not touched: take it out by hand."),
    }[thing.kind]
    title = _("{name} in the outbox {outbox} is not taken").format(
        name=printable(thing.name), outbox=outbox.name
    )
    return _about_file(outbox, thing.name, title, text)


def cannot_move(outbox: Outbox, error: OSError) -> Notice:
    return Notice(
        key=f"outbox-move:{outbox.name}",
        level=Level.ERROR,
        title=_("Files taken from the outbox {name} cannot be moved away").format(name=outbox.name),
        text=_(
            "{error}. They are safe and are deposited once only; check the rights and the free "
            "space of {folder}."
        ).format(error=error.strerror, folder=printable(outbox.taken)),
    )


def lost(outbox: Outbox, source: Path) -> Notice:
    return _about_file(
        outbox,
        source.name,
        _("The file {name} was taken, but is no longer in any folder").format(
            name=printable(source.name)
        ),
        _(
            "It was removed from {folder} before it could be put with the taken files. Its content "
            "is safe in the store and its deposit goes on: there is nothing to do."
        ).format(folder=printable(source.parent)),
    )


def duplicate(name: str, original: sqlite3.Row) -> Notice:
    return Notice(
        key=f"duplicate:{original['deposit_id']}:{name}",
        level=Level.WARNING,
        title=_("The file {name} had been dropped before: it is not deposited again").format(
            name=name
        ),
        text=_(
            "Same content as deposit {id}, taken on {date} ({source}), now: {state}. The second "
            "file was put aside. If it must really be sent again, withdraw the first deposit, then "
            "drop the file again."
        ).format(
            id=original["deposit_id"],
            date=original["taken_at"][:10],
            source=original["source"],
            state=state_word(State(original["state"])),
        ),
        deposit=original["deposit_id"],
    )


def _about_file(outbox: Outbox, name: str, title: str, text: str) -> Notice:
    return Notice(
        key=f"file:{outbox.name}:{printable(name)}",
        level=Level.WARNING,
        title=title,
        text=text,
    )
