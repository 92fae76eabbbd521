"""Google's files: upload in steps, list, show, delete, and download of what the vendor wrote itself.

The address of an upload is a secret of its own: whoever knows it needs no key, and the vendor's client sends none.
Source: shared design page providers.md, section 3.3.
"""

import base64
import hashlib
import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request

from providers.emulator import gemini_exchange as exchange
from providers.emulator import gemini_refusals as refusals
from providers.emulator.chat_answers import JsonObject
from providers.emulator.gemini_pages import page, time
from providers.emulator.gemini_shapes import camel
from providers.emulator.gemini_store import GoogleFile, Upload
from providers.emulator.parcels import Parcel, parcel
from providers.emulator.refusals import Reason, Refusal
from providers.emulator.visits import Visit

KEPT: Final = timedelta(hours=48)
MAX_BYTES: Final = 2 << 30

_FILE_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_UPLOAD_KEPT: Final = timedelta(days=1)  # one that was begun and left; the page has no figure, so that this one is ours
_ANYBODY: Final = ""


async def upload(visit: Visit) -> Parcel:
    """Answer `POST /upload/{version}/files`: the beginning of an upload, or a step of one whose address is known."""
    if "upload_id" in visit.request.query_params:
        return _proceed(visit, await visit.request.body())
    return _begin(visit)


def list_all(visit: Visit) -> Parcel:
    """Answer `GET /files`."""
    return exchange.attend(
        visit,
        lambda: page(
            visit, "files", [described(file, visit.request) for file in visit.google.files.of(*_asker(visit))]
        ),
    )


def show(visit: Visit) -> Parcel:
    """Answer `GET /files/ID`."""
    return exchange.attend(visit, lambda: described(find(visit, _named(visit)), visit.request))


def delete(visit: Visit) -> Parcel:
    """Answer `DELETE /files/ID`."""

    def deleted() -> JsonObject:
        visit.google.files.remove(find(visit, _named(visit)).id)
        return {}

    return exchange.attend(visit, deleted)


def download(visit: Visit) -> Parcel:
    """Answer `GET /files/ID:download`: the bytes as they are, of a file that the vendor wrote."""

    def downloaded() -> Parcel:
        file = find(visit, _named(visit))
        if not file.generated:
            raise refusals.invalid("Only generated files can be downloaded.")
        return parcel(200, {}, file.content, file.mime_type)

    return exchange.attend(visit, downloaded)


def find(visit: Visit, file_id: str) -> GoogleFile:
    """The caller's file of that id, with or without `files/`.

    Raises:
        Refusal: 404.
    """
    name = file_id.removeprefix("files/")
    file = visit.google.files.find(name, *_asker(visit))
    if file is None:
        raise Refusal(Reason(404, f"Requested entity was not found: files/{name}"))
    return file


def keep(visit: Visit, file: GoogleFile) -> GoogleFile:
    """Put a file where its caller finds it."""
    return visit.google.files.put(file.id, visit.caller.key, file, file.until)


def described(file: GoogleFile, request: Request) -> JsonObject:
    """The vendor's file object; its address is below the one that was asked."""
    address = f"{request.url.scheme}://{request.url.netloc}{_root(request)}/files/{file.id}"
    shown: JsonObject = {
        "name": f"files/{file.id}",
        "displayName": file.display_name,
        "mimeType": file.mime_type,
        "sizeBytes": str(len(file.content)),
        "createTime": time(file.made_at),
        "updateTime": time(file.made_at),
        "expirationTime": time(file.until),
        "sha256Hash": base64.b64encode(hashlib.sha256(file.content).digest()).decode(),
        "uri": address,
        "state": "ACTIVE",
        "source": "GENERATED" if file.generated else "UPLOADED",
    }
    return shown | ({"downloadUri": f"{address}:download?alt=media"} if file.generated else {})


def _begin(visit: Visit) -> Parcel:
    """Tell the address to which the bytes go, in a header."""

    def begun() -> Parcel:
        coming = _announced(visit)
        visit.google.uploads.put(coming.id, _ANYBODY, coming, visit.arrived + _UPLOAD_KEPT)
        address = visit.request.url.include_query_params(upload_id=coming.id, upload_protocol="resumable")
        return _told({}, "active", {"x-goog-upload-url": str(address)})

    return exchange.attend(visit, begun)


def _proceed(visit: Visit, sent: bytes) -> Parcel:
    """Take the next bytes; whose they are is known from the beginning."""
    coming = visit.google.uploads.find(visit.request.query_params["upload_id"], _ANYBODY, visit.arrived)
    if coming is None:
        return exchange.refuse(visit, Reason(404, "Requested entity was not found: the upload."))
    visit = replace(visit, caller=replace(visit.caller, key=coming.owner))
    return exchange.attend(visit, lambda: _stepped(visit, coming, sent))


def _asker(visit: Visit) -> tuple[str, datetime]:
    return visit.caller.key, visit.arrived


def _named(visit: Visit) -> str:
    return str(visit.request.path_params["file"])


def _root(request: Request) -> str:
    """The address of the API as this caller writes it: the path before the files, without `upload` or `download`."""
    head = request.url.path.partition("/files")[0]
    return head.replace("/upload", "", 1).replace("/download", "", 1)


def _told(document: JsonObject, status: str, headers: dict[str, str] | None = None) -> Parcel:
    """A step's answer; `status` is `active` until the last byte is in, then `final`."""
    return exchange.told(document, {"x-goog-upload-status": status} | (headers or {}))


def _announced(visit: Visit) -> Upload:
    headers = visit.request.headers
    if headers.get("x-goog-upload-protocol") != "resumable" or headers.get("x-goog-upload-command") != "start":
        raise refusals.invalid("Uploads are resumable: X-Goog-Upload-Protocol and X-Goog-Upload-Command are missing.")
    length = headers.get("x-goog-upload-header-content-length", "")
    if length and not (length.isdigit() and int(length) <= MAX_BYTES):
        raise refusals.invalid(f"The file is larger than {MAX_BYTES} bytes, or its length is no number.")
    inner = (visit.body or {}).get("file")
    file = {camel(name): value for name, value in inner.items()} if isinstance(inner, dict) else {}
    told = headers.get("x-goog-upload-header-content-type", "application/octet-stream")
    return Upload(
        id=secrets.token_hex(16),
        owner=visit.caller.key,
        file_id=_chosen(visit, file.get("name")),
        display_name=str(file.get("displayName") or ""),
        mime_type=str(file.get("mimeType") or told),
        announced_bytes=int(length) if length else None,
    )


def _chosen(visit: Visit, name: object) -> str:
    """The id that the caller wants, or nothing."""
    if name is None:
        return ""
    wanted = name.removeprefix("files/") if isinstance(name, str) else ""
    if not _FILE_ID.fullmatch(wanted):
        raise refusals.invalid("File names are 1 to 40 lowercase letters, digits or dashes, without a dash at an end.")
    if visit.google.files.find(wanted, *_asker(visit)):
        raise Refusal(refusals.GoogleReason(409, f"File files/{wanted} already exists.", name="ALREADY_EXISTS"))
    return wanted


def _stepped(visit: Visit, upload: Upload, sent: bytes) -> Parcel:
    headers = visit.request.headers
    commands = {word.strip() for word in headers.get("x-goog-upload-command", "").split(",")}
    if commands == {"query"}:
        return _told({}, "active", {"x-goog-upload-size-received": str(upload.received_bytes)})
    if not commands or commands - {"upload", "finalize"}:
        raise refusals.invalid("X-Goog-Upload-Command is none of: upload; finalize; upload, finalize; query.")
    if "upload" in commands:
        upload = _taken(upload, headers.get("x-goog-upload-offset", ""), sent)
        visit.google.uploads.put(upload.id, _ANYBODY, upload, visit.arrived + _UPLOAD_KEPT)
    if "finalize" not in commands:
        return _told({}, "active")
    return _told({"file": described(_finished(visit, upload), visit.request)}, "final")


def _taken(upload: Upload, offset: str, sent: bytes) -> Upload:
    if offset != str(upload.received_bytes):
        raise refusals.invalid(f"The upload stands at byte {upload.received_bytes}, not at {offset or 'nothing'}.")
    if upload.received_bytes + len(sent) > (MAX_BYTES if upload.announced_bytes is None else upload.announced_bytes):
        raise refusals.invalid("The upload is longer than was announced.")
    return replace(upload, chunks=(*upload.chunks, sent))


def _finished(visit: Visit, upload: Upload) -> GoogleFile:
    if upload.announced_bytes not in (None, upload.received_bytes):
        raise refusals.invalid("The upload is shorter than was announced.")
    visit.google.uploads.remove(upload.id)
    made = GoogleFile(
        id=upload.file_id or secrets.token_hex(6),
        display_name=upload.display_name,
        mime_type=upload.mime_type,
        made_at=visit.arrived,
        until=visit.arrived + KEPT,
        content=b"".join(upload.chunks),
    )
    return keep(visit, made)
