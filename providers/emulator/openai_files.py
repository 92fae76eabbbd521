"""The files endpoints of the OpenAI family: upload, list, describe, read, remove.

Source: shared design page providers.md, section 3.1.
"""

import secrets
from collections.abc import Callable
from typing import Final

from providers.emulator.admission import check_caller
from providers.emulator.chat_answers import JsonObject
from providers.emulator.endings import delivered
from providers.emulator.exchange import headers, refuse, tell
from providers.emulator.files import File, form, is_too_large
from providers.emulator.parcels import Parcel, parcel
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.visits import Ending, Visit, record

PURPOSES: Final = ("batch", "assistants", "fine-tune", "vision", "user_data", "evals")


async def upload(visit: Visit) -> Parcel:
    """Answer `POST /files`, a multipart form with `purpose` and `file`."""
    raw = await visit.request.body()
    return answered(visit, lambda: _kept(visit, raw).described())


async def listed(visit: Visit) -> Parcel:
    """Answer `GET /files`."""

    def described_all() -> JsonObject:
        mine = visit.files.of(visit.caller.key)
        return {"object": "list", "data": [file.described() for file in mine], "has_more": False}

    return answered(visit, described_all)


async def described(visit: Visit) -> Parcel:
    """Answer `GET /files/ID`."""
    return answered(visit, lambda: found(visit, str(visit.request.path_params["file_id"])).described())


async def removed(visit: Visit) -> Parcel:
    """Answer `DELETE /files/ID`."""

    def remove() -> JsonObject:
        file = found(visit, str(visit.request.path_params["file_id"]))
        visit.files.remove(file)
        return {"id": file.id, "object": "file", "deleted": True}

    return answered(visit, remove)


async def content(visit: Visit) -> Parcel:
    """Answer `GET /files/ID/content`: the bytes as they are."""
    try:
        check_caller(visit)
        body = found(visit, str(visit.request.path_params["file_id"])).read()
    except Refusal as refusal:
        return refuse(visit, refusal.reason)
    sent = delivered(visit, parcel(200, headers(visit), body, "application/octet-stream"))
    record(visit, Ending(sent.status))
    return sent


def found(visit: Visit, file_id: str) -> File:
    """The caller's file of that id.

    Raises:
        Refusal: 404.
    """
    file = visit.files.find(visit.caller.key, file_id)
    if file is None:
        raise Refusal(Reason(404, f"No such File object: {file_id}", param="id"))
    return file


def answered(visit: Visit, work: Callable[[], JsonObject], status: int = 200) -> Parcel:
    """What `work` gives, or the refusal that it raises."""
    try:
        check_caller(visit)
        document = work()
    except Refusal as refusal:
        return refuse(visit, refusal.reason)
    return tell(visit, document, status)


def _kept(visit: Visit, raw: bytes) -> File:
    fields = form(visit.request.headers.get("content-type", ""), raw)
    file, purpose = fields.get("file"), fields.get("purpose")
    if file is None or not file.filename:
        raise Refusal(Reason(400, "'file' is a required property", param="file"))
    named = purpose.content.decode("utf-8", "replace") if purpose else ""
    if named not in PURPOSES:
        raise Refusal(Reason(400, f"'{named}' is not one of {list(PURPOSES)} - 'purpose'", param="purpose"))
    if is_too_large(file.content):
        raise Refusal(Reason(413, "The file is larger than the vendor takes.", code="file_too_large", param="file"))
    made = File(
        id=f"file-{secrets.token_hex(12)}",
        owner=visit.caller.key,
        filename=file.filename,
        purpose=named,
        made_at=visit.arrived,
        read=lambda: file.content,
    )
    return visit.files.add(made)
