"""A loopback MusicBrainz: recording searches of the web service, version 2, and its refusals."""

from __future__ import annotations

import http.server
import json
import re
import socketserver
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

_QUERY = re.compile(r'recording:"((?:[^"\\]|\\.)*)" AND artist:"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class KnownRecording:
    """A recording as the service would list it; several artists are joined by ` & `."""

    artists: tuple[str, ...]
    title: str
    length_ms: int | None = None
    disambiguation: str = ""


@dataclass(slots=True)
class Service:
    """What the service knows, what it was asked, and how it refuses."""

    recordings: list[KnownRecording] = field(default_factory=list)
    busy: int = 0  # the next so many requests get 503
    body: bytes | None = None  # answered in place of JSON
    asked: list[str] = field(default_factory=list)  # queries
    agents: list[str] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    url: str = ""


@contextmanager
def serve_musicbrainz(*recordings: KnownRecording) -> Iterator[Service]:
    """Serve until the block ends; `url` is the root to give to a client."""
    service = Service(list(recordings))
    handler = type("BoundHandler", (_Handler,), {"service": service})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        service.url = f"http://127.0.0.1:{server.server_address[1]}/ws/2"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()


class _Handler(http.server.BaseHTTPRequestHandler):
    service: Service

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: `Service.asked` is the log."""

    def do_GET(self) -> None:
        address = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(address.query))
        self.service.asked.append(asked.get("query", ""))
        self.service.agents.append(self.headers.get("User-Agent", ""))
        self.service.moments.append(time.monotonic())
        if self.service.busy > 0:
            self.service.busy -= 1
            self._answer(503, b'{"error": "Your requests are exceeding the allowable rate limit."}')
        elif self.service.body is not None:
            self._answer(200, self.service.body)
        elif address.path != "/ws/2/recording" or asked.get("fmt") != "json":
            self._answer(404, b'{"error": "Not Found"}')
        else:
            self._answer(200, json.dumps(search(self.service, asked["query"])).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def search(service: Service, query: str) -> dict[str, Any]:
    """Return recordings that share a word with both phrases of a query, in the service's shape."""
    match = _QUERY.fullmatch(query)
    if match is None:
        return {"created": "2026-11-23T04:02:42.594Z", "count": 0, "offset": 0, "recordings": []}
    title, artist = (_words(re.sub(r"\\(.)", r"\1", part)) for part in match.groups())
    found = [
        known
        for known in service.recordings
        if title & _words(known.title) and artist & _words(" ".join(known.artists))
    ]
    return {
        "created": "2026-11-23T04:02:42.594Z",
        "count": len(found),
        "offset": 0,
        "recordings": [_recording(number, known) for number, known in enumerate(found)],
    }


def _recording(number: int, known: KnownRecording) -> dict[str, Any]:
    last = len(known.artists) - 1
    credits = [
        {
            "name": name,
            "artist": {"id": str(UUID(int=500 + place)), "name": name, "sort-name": name},
        }
        | ({"joinphrase": " & "} if place < last else {})
        for place, name in enumerate(known.artists)
    ]
    record: dict[str, Any] = {
        "id": str(UUID(int=1000 + number)),
        "score": 100 - number,
        "title": known.title,
        "video": None,
        "artist-credit": credits,
        "first-release-date": "1982-04-08",
        "releases": [{"id": str(UUID(int=2000 + number)), "title": known.title, "count": 1}],
    }
    if known.length_ms is not None:
        record["length"] = known.length_ms
    if known.disambiguation:
        record["disambiguation"] = known.disambiguation
    return record


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
