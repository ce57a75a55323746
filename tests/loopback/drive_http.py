"""HTTP of the loopback Drive: one request's query, body, fault and answer."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import time
import urllib.parse
from collections.abc import Mapping
from typing import Any

from tests.loopback.drive_faults import Faults
from tests.loopback.drive_query import apply_mask
from tests.loopback.drive_state import DriveState, Meta

BLOCK_BYTES = 1 << 20
SERVICE = "/drive/v3"
UPLOADS = "/upload/drive/v3"
DEFAULT_FIELDS = "kind,id,name,mimeType"
MESSAGES = {
    "userRateLimitExceeded": "User Rate Limit Exceeded",
    "rateLimitExceeded": "Rate Limit Exceeded",
    "storageQuotaExceeded": "The user's Drive storage quota has been exceeded.",
    "dailyLimitExceeded": "Daily Limit Exceeded",
    "backendError": "Backend Error",
}
DOMAINS = {"notFound": "global", "authError": "global", "fileIdInUse": "global"}


class Exchange(http.server.BaseHTTPRequestHandler):
    """One connection; `fault` is what befalls the request under way."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = BLOCK_BYTES
    state: DriveState
    faults: Faults
    tokens: set[str] | None  # bearer tokens that are let in; None lets everybody in
    fault = ""
    argument = ""
    query: Mapping[str, str]
    route = ""

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: `DriveState.requests` is the log."""

    def do_GET(self) -> None:
        self.serve()

    def do_POST(self) -> None:
        self.serve()

    def do_PUT(self) -> None:
        self.serve()

    def do_PATCH(self) -> None:
        self.serve()

    def do_DELETE(self) -> None:
        self.serve()

    def serve(self) -> None:
        """Answer the request under way; the handler says how."""
        raise NotImplementedError

    def begin(self) -> None:
        """Take the request apart, note it, and decide its fault."""
        url = urllib.parse.urlsplit(self.path)
        self.route = urllib.parse.unquote(url.path)
        query = url.query
        if self.headers.get("X-HTTP-Method-Override") == "GET":  # its query was too long for a URL
            self.command, query = "GET", self.body().decode()
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        control = self.route.startswith("/__")
        fault = None if control else self.faults.strike(self.command, self.path)
        self.fault, _, self.argument = (fault or "").partition(":")
        if not control:
            self._note(fault)
        if self.fault == "delay":
            time.sleep(float(self.argument))

    def body(self, limit: int | None = None) -> bytes:
        length = self.length
        return self.rfile.read(length if limit is None else min(length, limit))

    def json_body(self) -> dict[str, Any]:
        record = json.loads(self.body() or b"{}")
        assert isinstance(record, dict)
        return record

    @property
    def length(self) -> int:
        return int(self.headers.get("Content-Length") or 0)

    def refuse(self, status: int, reason: str, message: str = "") -> None:
        """Answer as the real service does, with a reason that programs can read."""
        detail = {
            "domain": DOMAINS.get(reason, "usageLimits" if status in (403, 429) else "global"),
            "reason": reason,
            "message": message or MESSAGES.get(reason, reason),
        }
        error = {"code": status, "message": detail["message"], "errors": [detail]}
        self.answer(status, {"error": error})

    def answer_file(self, file: Meta, fields: str | None = None) -> None:
        self.answer(200, apply_mask(file, fields or self.query.get("fields", DEFAULT_FIELDS)))

    def answer(
        self, status: int, record: Any = None, headers: Mapping[str, str] | None = None
    ) -> None:
        if self.fault == "lost_ack":
            self.hang_up()
            return
        data = b"" if record is None else json.dumps(record).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):  # the client was faster
            self.connection.shutdown(socket.SHUT_RDWR)

    def _note(self, fault: str | None) -> None:
        names = ("Range", "Content-Range", "Content-Length")
        headers = {name: self.headers[name] for name in names if self.headers[name]}
        note = {"method": self.command, "path": self.path, "headers": headers, "fault": fault}
        self.state.requests.append(note)
