"""HTTP of the loopback YouTube: a proxy that ends TLS itself, routes, Range, and faults by plan."""

from __future__ import annotations

import contextlib
import dataclasses
import http.server
import json
import re
import socket
import socketserver
import ssl
import urllib.parse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from tests.loopback import youtube_data_api, youtube_pages, youtube_player
from tests.loopback.youtube_media import thumbnail
from tests.loopback.youtube_world import CHANNEL_HANDLE, CHANNEL_ID, Fault, Request, State, World

HOSTS = (
    "www.youtube.com",
    "youtube.com",
    "m.youtube.com",
    "youtu.be",
    "i.ytimg.com",
    youtube_player.MEDIA_HOST,
    "www.googleapis.com",
    "youtube.googleapis.com",
)
STALL_LIMIT_S = 60.0
_FAULTS_OF_SERVING = ("truncate", "stall", "nothing", "bot_wall")
_PLACES = {
    "/watch": "watch",
    "/playlist": "playlist",
    "/videoplayback": "media",
    "/youtubei/v1/navigation/resolve_url": "playlist",
    "/youtubei/v1/player": "player",
    "/youtubei/v1/browse": "browse",
    "/youtubei/v1/search": "search",
    "/youtubei/v1/next": "next",
    youtube_player.PLAYER_PATH: "script",
}


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection; after CONNECT it serves the named host inside TLS."""

    protocol_version = "HTTP/1.1"
    world: World
    context: ssl.SSLContext
    tunnel_host: str | None = None

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: `World.requests` is the log."""

    def do_CONNECT(self) -> None:
        host = self.path.rsplit(":", 1)[0]
        if host not in HOSTS:
            self.world.refused_hosts.append(host)
            self.send_error(403, "host not allowed by the loopback")
            self.close_connection = True
            return
        self.send_response(200, "Connection established")
        self.end_headers()
        self.wfile.flush()
        try:
            tunnel = self.context.wrap_socket(self.connection, server_side=True)
        except OSError:
            self.close_connection = True
            return
        self.tunnel_host, self.connection = host, tunnel
        self.rfile = tunnel.makefile("rb", -1)
        self.wfile = cast(Any, socketserver)._SocketWriter(tunnel)
        self.close_connection = False

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def finish(self) -> None:
        """Close the tunnel too: the base class knows only the plain socket."""
        with contextlib.suppress(OSError):  # the client hung up first
            super().finish()
        self.connection.close()

    def _answer(self) -> None:
        try:
            self._route()
        except OSError:  # the client has what it wanted and hung up
            self.close_connection = True

    def _route(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        url = urllib.parse.urlsplit(self.path)
        path = url.path.replace("//", "/") or "/"
        query = dict(urllib.parse.parse_qsl(url.query))
        host = url.hostname or self.tunnel_host or "127.0.0.1"
        place, video_id = self._place(path, host), self._video_id(query, body)
        range_header = self.headers.get("Range") or query.get("range")
        fault = self.world.note(Request(place, host, video_id, range_header))
        if fault is None or fault.kind in _FAULTS_OF_SERVING:
            self._serve(place, path, query, body, video_id, fault)
        else:
            self._fail(fault)

    @staticmethod
    def _place(path: str, host: str) -> str:
        if path.startswith("/youtube/v3/"):
            return "api"
        if host == "i.ytimg.com":
            return "thumbnail"
        if path.startswith((CHANNEL_HANDLE, f"/channel/{CHANNEL_ID}")):
            return "playlist"
        return _PLACES.get(path, "other")

    @staticmethod
    def _video_id(query: dict[str, str], body: dict[str, Any]) -> str | None:
        wanted = query.get("v") or body.get("videoId") or query.get("videoId") or query.get("id")
        return str(wanted) if wanted else None

    def _fail(self, fault: Fault) -> None:
        if fault.kind == "reset":
            self._hang_up()
        elif fault.kind == "malformed":
            self._send(b'{"contents": {"twoColumn', "application/json")
        else:
            status = int(fault.kind)
            headers = [("Retry-After", "7")] if status == 429 else []
            self._json({"error": {"code": status, "message": "injected"}}, status, headers)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _serve(
        self,
        place: str,
        path: str,
        query: dict[str, str],
        body: dict[str, Any],
        video_id: str | None,
        fault: Fault | None,
    ) -> None:
        video = self.world.videos.get(video_id or "")
        if video and fault and fault.kind == "bot_wall":
            video = dataclasses.replace(video, state=State.BOT_WALL)
        if place == "watch":
            data = youtube_player.watch_data(video)
            self._html(data, youtube_player.player_response(video))
        elif place == "player":
            self._json(youtube_player.player_response(video))
        elif place == "media" and video is not None:
            self._media(video.files[int(query["itag"])], query, fault)
        elif place == "api":
            answer = youtube_data_api.answer(self.world, path.rsplit("/", 1)[1], query)
            self._json(answer.body, answer.status)
        else:
            self._serve_lists(place, path, query, body)

    def _serve_lists(
        self, place: str, path: str, query: dict[str, str], body: dict[str, Any]
    ) -> None:
        world = self.world
        if path.endswith("/resolve_url"):  # yt-dlp's way when the page does not answer
            playlist_id = str(body.get("url", "")).rpartition("list=")[2]
            self._json({"endpoint": {"browseEndpoint": {"browseId": f"VL{playlist_id}"}}})
        elif place == "playlist" and path != "/playlist":
            self._html(youtube_pages.channel_data(world, next(iter(world.playlists))))
        elif place == "playlist":
            self._html(self._playlist(query.get("list", "")))
        elif place == "browse" and "continuation" in body:
            self._json(youtube_pages.continuation_data(world, body["continuation"]))
        elif place == "browse":
            self._json(self._playlist(str(body.get("browseId", ""))[2:]))
        elif place == "search":
            text = body.get("query") or query.get("query", "")
            self._json(youtube_pages.search_data(world, str(text)))
        else:
            self._serve_rest(place, path)

    def _serve_rest(self, place: str, path: str) -> None:
        if place == "next":
            self._json(youtube_player.watch_data(None))
        elif place == "script":
            self._send(youtube_player.BASE_JS.encode(), "text/javascript")
        elif place == "thumbnail":
            self._send(thumbnail(), "image/jpeg")
        elif path.startswith("/embed/"):
            self._html({})
        else:
            self._send(b"<html></html>", "text/html", 200 if path in ("/", "/tv") else 404)

    def _playlist(self, playlist_id: str) -> dict[str, Any]:
        if playlist_id not in self.world.playlists:
            return youtube_pages.no_such_playlist()
        return youtube_pages.playlist_data(self.world, playlist_id)

    def _media(self, path: Path, query: dict[str, str], fault: Fault | None) -> None:
        data = path.read_bytes()
        total = len(data)
        header = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        first, last = 0, total - 1
        if header:
            first, last = int(header[1]), min(int(header[2] or last), last)
        elif "range" in query:  # googlevideo's own `&range=a-b`: 200 and no Content-Range
            first, last = (int(part) for part in query["range"].split("-"))
        if header and first >= total:
            self._send(b"", "text/plain", 416, [("Content-Range", f"bytes */{total}")])
            return
        span = [("Content-Range", f"bytes {first}-{last}/{total}")] if header else []
        chunk = data[first : min(last, total - 1) + 1]
        self._head(len(chunk), query.get("mime", "audio/mp4"), 206 if header else 200, span)
        if self.command != "HEAD":
            self._write(chunk, fault)

    def _write(self, chunk: bytes, fault: Fault | None) -> None:
        if fault is None:
            self.wfile.write(chunk)
            return
        self.wfile.write(b"" if fault.kind == "nothing" else chunk[: len(chunk) // 2])
        self.wfile.flush()
        if fault.kind == "stall":
            self.world.stalled.wait(STALL_LIMIT_S)
        self._hang_up()

    def _html(self, data: dict[str, Any], player: dict[str, Any] | None = None) -> None:
        self._send(youtube_pages.html(data, player), "text/html; charset=utf-8")

    def _json(
        self, data: dict[str, Any], status: int = 200, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._send(json.dumps(data).encode(), "application/json; charset=UTF-8", status, headers)

    def _send(
        self,
        body: bytes,
        content_type: str,
        status: int = 200,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._head(len(body), content_type, status, headers)
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(
        self, length: int, content_type: str, status: int, headers: Sequence[tuple[str, str]]
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(length))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
