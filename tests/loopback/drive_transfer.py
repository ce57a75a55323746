"""Bytes in and out of the loopback Drive: uploads at once or resumable, ranged downloads."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import Any

from tests.loopback.drive_http import BLOCK_BYTES, UPLOADS, Exchange
from tests.loopback.drive_state import BLOCK, IdError, Meta, Session, sums_of

_SPAN = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class Transfers(Exchange):
    """The part of the handler that moves bytes."""

    def upload(self, file_id: str | None) -> None:
        """Answer a POST (new file) or PATCH (new content) below the upload path."""
        if self.query.get("uploadType") == "resumable":
            self._open_session(file_id)
        else:
            self._store_at_once(file_id)

    def take_chunk(self) -> None:
        """Answer a PUT to an upload session."""
        session = self.state.sessions.get(self.query.get("upload_id", ""))
        match = _SPAN.fullmatch(self.headers.get("Content-Range", ""))
        if session is None or match is None:
            self.body()
            self.refuse(404, "notFound", "The upload session is unknown or has expired.")
            return
        with self.state.session_lock(session):
            if session.done:
                self.body()
                self.answer_file(self.state.files[session.done], session.fields)
            elif match[1] is None:
                self._finish_or_tell(session, int(match[3]))
            else:
                self._append(session, int(match[1]), int(match[3]))

    def download(self, file: Meta) -> None:
        """Answer `alt=media`, whole or the range that was asked for."""
        size, first = int(file.get("size", 0)), 0
        last, status = size - 1, 200
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        if asked and self.fault != "ignore_range":
            first, status = int(asked[1]), 206
            last = min(last, int(asked[2] or last))
            if first >= size:
                self.answer(416, headers={"Content-Range": f"bytes */{size}"})
                return
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Type", file["mimeType"])
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        self._send_span(self.state.content(file["id"]), first, last - first + 1)

    def _send_span(self, path: Path, first: int, length: int) -> None:
        if self.fault == "lost_ack":
            self.hang_up()
            return
        self.wfile.flush()
        with path.open("rb") as content:
            if self.fault == "corrupt":
                content.seek(first)
                self.wfile.write(_flip(content.read(length)))
            elif self.fault == "truncate":
                self.connection.sendfile(content, first, min(length, int(self.argument)) or None)
                self.hang_up()
            else:
                for start in range(first, first + length, BLOCK_BYTES):
                    size = min(BLOCK_BYTES, first + length - start)
                    self.state.line.take(size)
                    self.connection.sendfile(content, start, size)

    def _open_session(self, file_id: str | None) -> None:
        meta = self.json_body()
        declared = self.headers.get("X-Upload-Content-Length")
        size = int(declared) if declared else None
        if file_id is None and not self.id_is_free(meta):
            return
        if self.is_full(size or 0):
            return
        session_id = self.state.open_session(meta, file_id, self.query.get("fields", "*"), size)
        address = f"http://{self.headers['Host']}{UPLOADS}/files"
        place = f"{address}?uploadType=resumable&upload_id={session_id}"
        self.answer(200, headers={"Location": place})

    def _append(self, session: Session, first: int, total: int) -> None:
        """Keep a chunk if it begins where the last one ended; whole blocks of it if it breaks."""
        part = self.state.part(session)
        have = part.stat().st_size
        last = first + self.length == total
        if first != have or (self.length % BLOCK and not last):
            self.body()
            self._tell_progress(have) if first != have else self.refuse(400, "badRequest")
            return
        wanted = min(self.length, int(self.argument or 0)) if self.fault == "drop" else self.length
        if self._receive(session, wanted) < self.length:
            self.state.running_sums.pop(session.session_id, None)
            keep = part.stat().st_size // BLOCK * BLOCK
            with part.open("ab") as file:
                file.truncate(keep)
            self.hang_up()
            return
        self._finish_or_tell(session, total)

    def _receive(self, session: Session, length: int) -> int:
        """Append `length` bytes of the body to the part; fewer if the client hangs up."""
        buffer, done = memoryview(bytearray(BLOCK_BYTES)), 0
        sums = self.state.sums_under_way(session)
        with self.state.part(session).open("ab", buffering=0) as file:
            while done < length:
                got = self.rfile.readinto1(buffer[: min(BLOCK_BYTES, length - done)])
                if not got:
                    break
                self.state.line.take(got)
                file.write(buffer[:got])
                sums.update(buffer[:got])
                done += got
        return done

    def _finish_or_tell(self, session: Session, total: int) -> None:
        part = self.state.part(session)
        have = part.stat().st_size
        if have < total:
            self._tell_progress(have)
            return
        if session.file_id is None and not self.id_is_free(session.meta):
            return
        if self.fault == "corrupt":
            part.write_bytes(_flip(part.read_bytes()))
            self.state.running_sums.pop(session.session_id, None)
        self.answer_file(self.state.finish_session(session), session.fields)

    def _tell_progress(self, have: int) -> None:
        self.answer(308, headers={"Range": f"bytes=0-{have - 1}"} if have else {})

    def _store_at_once(self, file_id: str | None) -> None:
        """Take a file of one request: its bytes alone, or after its metadata."""
        meta: dict[str, Any] = {}
        data = self.body()
        if self.query.get("uploadType") == "multipart":
            meta, data = _parts(self.headers["Content-Type"], data)
        if file_id is None and not self.id_is_free(meta):
            return
        if self.is_full(len(data)):
            return
        temp = self.state.folder / "sessions" / f"part-{secrets.token_hex(8)}"
        temp.write_bytes(_flip(data) if self.fault == "corrupt" else data)
        sums = sums_of(temp)
        if file_id is None:
            self.answer_file(self.state.create(meta, temp, sums))
        else:
            self.answer_file(self.state.update(file_id, meta, temp, sums))

    def id_is_free(self, meta: Meta) -> bool:
        """Tell whether a file may be created; otherwise the request is answered."""
        try:
            self.state.check_new_id(meta.get("id"))
        except IdError as error:
            if error.taken:
                self.refuse(409, "fileIdInUse", "A file already exists with the provided ID.")
            else:
                self.refuse(400, "invalid", "The provided file ID is not usable.")
            return False
        missing = [i for i in meta.get("parents", ()) if i not in ("root", *self.state.files)]
        if missing:
            self.refuse(404, "notFound", f"File not found: {missing[0]}.")
        return not missing

    def is_full(self, more_bytes: int) -> bool:
        """Tell whether the quota is exceeded; if so the request is answered."""
        full = self.state.used() + more_bytes > self.state.quota
        if full:
            self.refuse(403, "storageQuotaExceeded")
        return full


def _parts(content_type: str, body: bytes) -> tuple[dict[str, Any], bytes]:
    """Return metadata and content of a multipart/related body; it has no other parts."""
    match = re.search(r'boundary="?([^";]+)', content_type)
    assert match is not None
    edge = b"--" + match[1].encode()
    meta_part, rest = body[len(edge) :].split(b"\n" + edge, 1)
    content_part = rest[: rest.rindex(b"\n" + edge)]
    return json.loads(_after_headers(meta_part)), _after_headers(content_part)


def _after_headers(part: bytes) -> bytes:
    return part.split(b"\n\n", 1)[1]


def _flip(data: bytes) -> bytes:
    """Return bytes with one bit changed."""
    return bytes([data[0] ^ 1]) + data[1:] if data else data
