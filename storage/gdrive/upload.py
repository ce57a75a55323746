"""Uploads: small files in one request, others in chunks of a session that can be resumed.

Four things differ from the client's own loop: chunks are sent as bytes, never as a stream (after
a 5xx it re-sends a stream's empty rest and hangs); lost connections are tried again; what has
arrived is asked of the server; and a session can be carried on by another process. See
https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable
"""

from __future__ import annotations

import io
import json
import logging
import mimetypes
import re
from collections.abc import Callable
from typing import Any

from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from storage.errors import StoreUnavailableError
from storage.gdrive.client import DriveClient
from storage.gdrive.content import Content
from storage.gdrive.entry import FIELDS, DriveFile, parse_file
from storage.gdrive.faults import SessionGoneError
from storage.options import BLOCK_BYTES
from storage.stores import NEW_UPLOAD, Upload

SMALL_BYTES = 4 << 20  # up to here one request is cheaper than a session; Drive's limit is 5 MB
SESSION_TRIES = 5
STALLED_CHUNKS = 20  # answers in a row that say no more bytes have arrived
ANY_MIME = "application/octet-stream"
logger = logging.getLogger(__name__)

Build = Callable[[Any, Any], Any]  # from the client's `files` and the media to its request


class Uploader:
    """Sends content to Drive; safe to share by threads."""

    def __init__(self, client: DriveClient) -> None:
        self._client = client
        limit = client.options.max_bytes_s
        size = client.options.chunk_bytes
        if limit is not None:  # so that a limited upload moves every second, not in leaps
            size = min(size, max(BLOCK_BYTES, int(limit) // BLOCK_BYTES * BLOCK_BYTES))
        self._chunk_bytes = size

    def create(
        self, content: Content, *, file_id: str, name: str, folder_id: str, upload: Upload
    ) -> DriveFile:
        """Make a new file under a reserved id.

        Raises
        ------
        IdTakenError
            It exists: an earlier request arrived.
        IdUnusableError
            Drive does not take the id any more.
        """
        body = {"id": file_id, "name": name, "parents": [folder_id]}

        def build(files: Any, media: Any) -> Any:
            return files.create(body=body, media_body=media, fields=FIELDS, supportsAllDrives=True)

        return self._send(f"uploading {name!r}", build, content, name, upload)

    def replace(self, content: Content, file: DriveFile) -> DriveFile:
        """Give an existing file new content; its id stays."""

        def build(files: Any, media: Any) -> Any:
            return files.update(
                fileId=file.file_id, media_body=media, fields=FIELDS, supportsAllDrives=True
            )

        return self._send(f"replacing {file.name!r}", build, content, file.name, NEW_UPLOAD)

    def _send(
        self, doing: str, build: Build, content: Content, name: str, upload: Upload
    ) -> DriveFile:
        mime = mimetypes.guess_type(name)[0] or ANY_MIME
        if content.size > SMALL_BYTES or upload.session:
            sending = _ChunkedUpload(self._client, doing, build, content, mime, self._chunk_bytes)
            return parse_file(sending.run(upload))
        data = content.read(0, content.size)
        self._client.throttle.take(len(data))
        answer = self._client.execute(
            doing,
            lambda files: build(files, MediaIoBaseUpload(io.BytesIO(data), mime)),
            uploads=True,
        )
        return parse_file(answer)


class _ChunkedUpload:
    """One upload through sessions: if one is lost, another begins."""

    def __init__(
        self,
        client: DriveClient,
        doing: str,
        build: Build,
        content: Content,
        mime: str,
        chunk_bytes: int,
    ) -> None:
        self._client, self._doing, self._build, self._content = client, doing, build, content
        self._mime, self._chunk_bytes = mime, chunk_bytes

    def run(self, upload: Upload) -> Any:
        """Return what Drive answers once the last byte has arrived."""
        session = upload.session
        for _ in range(SESSION_TRIES):
            request = self._request()
            try:
                if session:
                    done = self._resume(request, session)
                    if done:
                        return done
                else:
                    self._begin(request)
                    if upload.save_session:
                        upload.save_session(request.resumable_uri)
                return self._push(request)
            except SessionGoneError as error:
                logger.info("%s", error)
                session = None
        raise StoreUnavailableError(
            f"{self._doing}: Google Drive ended {SESSION_TRIES} upload sessions. Run again later."
        )

    def _request(self) -> Any:
        media = MediaIoBaseUpload(
            self._content.stream, self._mime, chunksize=self._chunk_bytes, resumable=True
        )
        media.has_stream = lambda: False  # the client then sends chunks as bytes
        return self._client.request(lambda files: self._build(files, media))

    def _begin(self, request: Any) -> None:
        """Open a session and give its address to the client's request."""
        headers = {
            **request.headers,
            "X-Upload-Content-Type": self._mime,
            "X-Upload-Content-Length": str(self._content.size),
        }

        def send(http: Any) -> str:
            answer, body = http.request(
                request.uri, method=request.method, body=request.body, headers=headers
            )
            if answer.status != 200 or "location" not in answer:
                raise HttpError(answer, body)
            return str(answer["location"])

        request.resumable_uri = self._client.run(self._doing, send, uploads=True)

    def _resume(self, request: Any, session: str) -> Any:
        """Ask how far a session came; return the file if it is complete, else None."""

        def ask(http: Any) -> tuple[Any, bytes]:
            headers = {"Content-Range": f"bytes */{self._content.size}", "Content-Length": "0"}
            answer, body = http.request(session, method="PUT", headers=headers)
            if answer.status not in (200, 201, 308):
                raise HttpError(answer, body)
            return answer, body

        answer, body = self._client.run(self._doing, ask, uploads=True, session=True)
        if answer.status != 308:
            return json.loads(body)
        request.resumable_uri = session
        request.resumable_progress = _arrived_bytes(answer.get("range", ""))
        logger.info("%s: carrying on at byte %d", self._doing, request.resumable_progress)
        return None

    def _push(self, request: Any) -> Any:
        """Send chunk after chunk; after an error the client asks first what has arrived."""
        stalled = 0
        while stalled < STALLED_CHUNKS:
            before = request.resumable_progress
            self._client.throttle.take(min(self._chunk_bytes, self._content.size - before))
            _, done = self._client.run(
                self._doing,
                lambda http: request.next_chunk(http=http),
                uploads=True,
                session=True,
            )
            if done:
                return done
            stalled = 0 if request.resumable_progress > before else stalled + 1
        raise SessionGoneError(f"{self._doing}: no more bytes arrive in this upload session")


def _arrived_bytes(range_header: str) -> int:
    """Return how many bytes a 308 says have arrived; it says nothing while there are none."""
    match = re.fullmatch(r"(?:bytes=)?0-(\d+)", range_header)
    return int(match[1]) + 1 if match else 0
