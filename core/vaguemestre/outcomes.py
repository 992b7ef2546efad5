"""Turns a platform's immediate answer into what the store keeps: the receipt, its document read by
the return readers, and the returns that came before the reference was known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import trio
from loguru import logger

from vaguemestre.locale import _
from vaguemestre.model import (
    Announcement,
    Document,
    HandedOver,
    Level,
    Notice,
    Order,
    Receipt,
    Refusal,
    ReturnSummary,
)
from vaguemestre.notices import post_in
from vaguemestre.plugins import Registry
from vaguemestre.store import deposits, documents, returns
from vaguemestre.store.documents import Packed
from vaguemestre.store.engine import Session

#: Above this many bytes a document is read in a thread.
INLINE_BYTES = 16_384
#: The family of a document that no reader knows.
UNREAD = "unread"


async def read_document(
    registry: Registry, document: Document, announcement: Announcement | None
) -> ReturnSummary:
    """What the first reader that knows the document says; an unread summary if none does."""

    def read() -> ReturnSummary | None:
        for reader in registry.return_readers.values():
            try:
                summary = reader.read(document, announcement)
            except Exception as error:  # noqa: BLE001 - a plugin may fail in any way
                logger.opt(exception=error).warning("return reader {} failed", reader.name)
                continue
            if summary is not None:
                return summary
        return None

    if len(document.content) < INLINE_BYTES:
        summary = read()
    else:
        summary = await trio.to_thread.run_sync(read)
    if summary is not None:
        return summary
    nature = announcement.nature if announcement else ""
    status = announcement.status if announcement else "unknown"
    return ReturnSummary(family=UNREAD, nature=nature, status=status)


async def keep_receipt(
    registry: Registry, order: Order, answer: Receipt
) -> Callable[[Session], None]:
    """The write that keeps a receipt."""
    document = await _document(registry, answer)

    def keep(session: Session) -> None:
        deposits.receipt(session, order.deposit, answer, document[0].sha256 if document else "")
        row = _keep_document(session, order, answer.reference, document)
        returns.adopt(session, row, answer.reference)

    return keep


async def keep_refusal(
    registry: Registry, order: Order, answer: Refusal
) -> Callable[[Session], None]:
    """The write that keeps an immediate refusal, and tells it."""
    document = await _document(registry, answer)
    notice = Notice(
        key=f"refused:{order.deposit}",
        level=Level.ERROR,
        title=_("The platform refused the deposit of {name}").format(name=order.name),
        text=_("{message} Correct the file and drop it again.").format(message=answer.message),
        deposit=order.deposit,
    )

    def keep(session: Session) -> None:
        deposits.refusal(session, order.deposit, answer, document[0].sha256 if document else "")
        _keep_document(session, order, answer.reference, document)
        post_in(session, notice)

    return keep


def keep_hand_over(order: Order, answer: HandedOver, profile: str) -> Callable[[Session], None]:
    """The write that keeps that a file waits for a person, and tells it."""
    notice = Notice(
        key=f"by-hand:{order.deposit}",
        level=Level.WARNING,
        title=_("To be deposited by hand: {name}").format(name=order.name),
        text=_(
            "{message} Then say so with: vaguemestre deposits settle {deposit} --deposited "
            "REFERENCE; or, if it was not deposited: vaguemestre deposits settle {deposit} --absent"
        ).format(message=answer.message, deposit=order.deposit),
        deposit=order.deposit,
        profile=profile,
    )

    def keep(session: Session) -> None:
        deposits.hand_over(session, order.deposit, answer)
        post_in(session, notice)

    return keep


async def _document(
    registry: Registry, answer: Receipt | Refusal
) -> tuple[Packed, str, ReturnSummary] | None:
    if not answer.document:
        return None
    document = Document(content=answer.document, media_type=answer.media_type)
    summary = await read_document(registry, document, None)
    return documents.pack(answer.document), answer.media_type, summary


def _keep_document(
    session: Session,
    order: Order,
    reference: str,
    document: tuple[Packed, str, ReturnSummary] | None,
) -> sqlite3.Row:
    """Keep the answer's document, if it has one; the deposit's row."""
    row = deposits.get(session, order.deposit)
    if row is None:
        raise KeyError(order.deposit)
    if document is not None:
        packed, media_type, summary = document
        returns.store_receipt(session, row, reference, packed, media_type, summary)
    return row
