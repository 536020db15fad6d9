"""Files for people: Teams takes them only from a bot that was allowed to put one into the person's own OneDrive.

A consent card offers the file; who accepts gives an address to put it at, and sees the file in the chat afterwards
(Teams docs: send and receive files using bots; personal chats only, `supportsFiles` in the manifest, not in the clouds
of US government and 21Vianet).
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from handlers.teams.addresses import Addresses
from handlers.teams.sender import TeamsMessenger
from handlers.text import one_line, shorten
from reporting.ledger import MessageRef
from reporting.ports import DeliveryError

Json = dict[str, Any]
INVOKE: Final = "fileConsent/invoke"
_CONSENT: Final = "application/vnd.microsoft.teams.card.file.consent"
_FILE: Final = "application/vnd.microsoft.teams.card.file.info"
# Where OneDrive of an organisation is.
UPLOAD_HOSTS: Final = ("*.sharepoint.com", "*.sharepoint.us", "*.sharepoint.cn", "*.svc.ms")
# For how long, in seconds, and how much is kept for those who have not answered yet.
_KEPT: Final = 3_600.0
_MOST_BYTES: Final = 64_000_000
_DESCRIPTION_UNITS: Final = 500


@dataclass(frozen=True, slots=True)
class _Offer:
    account: str
    filename: str
    content: bytes
    until: float


class Files:
    """The files that are offered now. They are kept in this process: after a restart, or answered by another process,
    a person is asked to have the file made again.

    Args:
        uploads: where files may be put.
    """

    def __init__(
        self,
        messenger: TeamsMessenger,
        uploads: Addresses | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._messenger = messenger
        self._uploads = uploads or Addresses(UPLOAD_HOSTS)
        self._monotonic = monotonic
        self._offers: OrderedDict[str, _Offer] = OrderedDict()

    async def offer(
        self, account: str, conversation: str, address: str, filename: str, content: bytes, comment: str = ""
    ) -> MessageRef:
        """Ask somebody in their personal chat whether they want a file.

        Args:
            account: their Entra object id: nobody else can accept.

        Raises:
            DeliveryError: from Teams.
        """
        key = secrets.token_urlsafe(12)
        self._keep(key, _Offer(account, filename, content, self._monotonic() + _KEPT))
        return await self._messenger.say(conversation, address, _consent(key, filename, len(content), comment))

    async def answered(self, account: str, activity: Mapping[str, Any], locale: str | None = None) -> None:
        """Do what somebody chose on the consent card (`fileConsent/invoke`); the card gives way to the file, or to a
        sentence that says why there is none. Answer the invoke first: this takes as long as the upload does.

        Args:
            account: who chose, as the activity says.

        Raises:
            DeliveryError: Teams did not take the answer. The file may have arrived.
        """
        value = activity.get("value")
        value = value if isinstance(value, Mapping) else {}
        words = self._messenger.wording(locale)
        key = _key(value.get("context"))
        if value.get("action") != "accept":
            self._offers.pop(key, None)
            await self._say(activity, _text(words.file_declined))
            return
        offer = self._mine(key, account)
        if offer is None:
            await self._say(activity, _text(words.file_lost))
            return
        place = value.get("uploadInfo")
        try:
            shown = await self._put(offer, place if isinstance(place, Mapping) else {})
        except DeliveryError:
            await self._say(activity, _text(words.file_failed))
            return
        self._offers.pop(key, None)
        await self._say(activity, shown)

    async def _put(self, offer: _Offer, place: Mapping[str, Any]) -> Json:
        upload, shown = str(place.get("uploadUrl", "")), str(place.get("contentUrl", ""))
        if not self._uploads.allow(upload) or not self._uploads.allow(shown):
            raise DeliveryError("upload_not_allowed")
        await self._messenger.connector.https.put_file(upload, offer.content)
        kind = str(place.get("fileType") or offer.filename.rpartition(".")[2])
        content = {"uniqueId": str(place.get("uniqueId", "")), "fileType": kind}
        name = str(place.get("name") or offer.filename)
        attachment = {"contentType": _FILE, "contentUrl": shown, "name": name, "content": content}
        return {"type": "message", "summary": name, "attachments": [attachment]}

    async def _say(self, activity: Mapping[str, Any], answer: Json) -> None:
        conversation, address = str(activity["conversation"]["id"]), str(activity["serviceUrl"])
        await self._messenger.say(conversation, address, answer)
        card = activity.get("replyToId")
        if card:
            # A consent card can be pressed once; left standing it only puzzles.
            await self._messenger.delete(MessageRef(conversation, str(card)))

    def _mine(self, key: str, account: str) -> _Offer | None:
        offer = self._offers.get(key)
        usable = offer is not None and offer.account == account and self._monotonic() <= offer.until
        return offer if usable else None

    def _keep(self, key: str, offer: _Offer) -> None:
        self._offers[key] = offer
        while len(self._offers) > 1 and (
            sum(len(one.content) for one in self._offers.values()) > _MOST_BYTES
            or next(iter(self._offers.values())).until < self._monotonic()
        ):
            self._offers.popitem(last=False)


def _consent(key: str, filename: str, size: int, comment: str) -> Json:
    context = {"rollcall": {"file": key}}
    described = shorten(one_line(comment), _DESCRIPTION_UNITS)
    content = {"description": described, "sizeInBytes": size, "acceptContext": context, "declineContext": context}
    attachment = {"contentType": _CONSENT, "name": filename, "content": content}
    return {"type": "message", "summary": described or filename, "attachments": [attachment]}


def _key(context: Any) -> str:
    ours = context.get("rollcall") if isinstance(context, Mapping) else None
    return str(ours.get("file", "")) if isinstance(ours, Mapping) else ""


def _text(words: str) -> Json:
    return {"type": "message", "text": words, "textFormat": "plain"}
