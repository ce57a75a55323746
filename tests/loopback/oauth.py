"""A loopback OAuth server: a consent page that always agrees (or never), and tokens."""

from __future__ import annotations

import http.server
import json
import secrets
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CLIENT_ID, CLIENT_SECRET = "loopback-client", "the-clients-secret"


@dataclass(slots=True)
class LoopbackOAuth:
    """A running server; `tokens` are the access tokens that are good."""

    url: str = ""
    tokens: set[str] = field(default_factory=set)
    refresh_tokens: set[str] = field(default_factory=set)
    scopes: list[str] = field(default_factory=list)  # that were asked for
    agrees: bool = True
    codes: set[str] = field(default_factory=set)

    def write_client(self, path: Path) -> Path:
        """Write the JSON that Google gives for an OAuth client of the kind Desktop app."""
        client = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "auth_uri": f"{self.url}auth",
            "token_uri": f"{self.url}token",
            "redirect_uris": ["http://localhost"],
        }
        path.write_text(json.dumps({"installed": client}))
        return path


class _Handler(http.server.BaseHTTPRequestHandler):
    oauth: LoopbackOAuth

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        """Answer the consent page at once, as a person would who clicks."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        assert asked["client_id"] == CLIENT_ID
        self.oauth.scopes.append(asked["scope"])
        answer = {"state": asked["state"]}
        if self.oauth.agrees:
            answer["code"] = secrets.token_urlsafe(12)
            self.oauth.codes.add(answer["code"])
        else:
            answer["error"] = "access_denied"
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urllib.parse.urlencode(answer)}")
        self.end_headers()

    def do_POST(self) -> None:
        """Answer the token endpoint: a code or a refresh token for an access token."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = dict(urllib.parse.parse_qsl(body))
        good = asked.get("code") in self.oauth.codes
        good |= asked.get("refresh_token") in self.oauth.refresh_tokens
        if not good:
            expired = "Token has been expired or revoked."
            self._answer(400, {"error": "invalid_grant", "error_description": expired})
            return
        token, refresh = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        self.oauth.tokens.add(token)
        answer: dict[str, Any] = {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}
        if "code" in asked:
            self.oauth.codes.discard(asked["code"])
            self.oauth.refresh_tokens.add(refresh)
            answer |= {"refresh_token": refresh, "scope": self.oauth.scopes[-1]}
        self._answer(200, answer)

    def _answer(self, status: int, record: dict[str, Any]) -> None:
        data = json.dumps(record).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serve_oauth() -> Iterator[LoopbackOAuth]:
    """Serve until the block ends."""
    oauth = LoopbackOAuth()
    members = {"oauth": oauth}
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), type("BoundHandler", (_Handler,), members)
    )
    oauth.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield oauth
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
