"""The returns of one deposit, and their documents.

The token goes only to permitted hosts: the address of a return comes from the platform's answers,
and is believed no further.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from vaguemestre.api import Announcement, Document, NoEffect, PlatformRefusal
from vaguemestre_net_entreprises.answers import TooLarge
from vaguemestre_net_entreprises.collecting import Locator, announced
from vaguemestre_net_entreprises.protocol import consultation, download
from vaguemestre_net_entreprises.protocol.faults import Call, explain, fault
from vaguemestre_net_entreprises.protocol.messages import is_page
from vaguemestre_net_entreprises.session import Session
from vaguemestre_net_entreprises.settings import Settings, word
from vaguemestre_net_entreprises.texts import _
from vaguemestre_net_entreprises.transport import DOWNLOAD_BYTES
from vaguemestre_net_entreprises.windows import Windows


class Fetcher:
    """Lists and fetches through one session."""

    def __init__(self, session: Session, windows: Windows, settings: Settings) -> None:
        self.settings = settings
        self._session = session
        self._windows = windows

    async def announced(self, reference: str) -> Sequence[Announcement]:
        """What the platform lists for one deposit; nothing for one that it does not know.

        Raises NoEffect if the platform cannot be asked now.
        """
        url = consultation.flow(
            self.settings.consultation_url,
            self.settings.consultation_version,
            reference,
            word(self.settings, consultation.FLOW),
        )
        answer, _asked = await self._windows.get(url)
        if answer.status == 404:
            return ()
        if answer.status not in (200, 204):
            raise fault(answer, Call.LISTING)
        return announced(answer, reference, self._windows)

    async def fetch(self, announcement: Announcement) -> Document | None:
        """The document, or None if there is none (any more). Raises NoEffect if not now, and
        PlatformRefusal if it must not be fetched."""
        try:
            locator = msgspec.json.decode(announcement.locator or "{}", type=Locator)
        except msgspec.DecodeError:
            return None
        url = download.address(
            self.settings.download_url,
            reference=announcement.reference,
            id=locator.id,
            url=locator.url,
            service=word(self.settings, download.SERVICE),
        )
        if url is None:
            return None
        download.check(url, self.settings.download_hosts)
        return await self._download(url)

    async def _download(self, url: str) -> Document | None:
        try:
            answer = await self._session.ask(
                lambda a: consultation.request(url, a), Call.DOWNLOAD, most=DOWNLOAD_BYTES
            )
        except NoEffect as error:
            if isinstance(error.__cause__, TooLarge):
                raise PlatformRefusal(_("The return is larger than is accepted.")) from error
            raise
        if answer.status in (404, 410):
            return None
        if answer.status != 200:
            raise fault(answer, Call.DOWNLOAD)
        if not answer.body or is_page(answer.body):
            raise NoEffect(explain(answer, Call.DOWNLOAD))
        return Document(
            content=answer.body,
            media_type=answer.media_type,
            name=download.file_name(answer),
        )
