"""A loopback YouTube that the real clients talk to: one process, one port, no other host reachable.

It is an HTTP proxy that answers CONNECT for YouTube's hosts by ending TLS with a throw-away
authority and serving a small imitation; every other host gets 403. Plain `http://` requests reach
the Data API. Not imitated: the signature challenge, SABR, proof-of-origin tokens.
"""

from __future__ import annotations

import http.server
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.loopback.authority import make_authority
from tests.loopback.youtube_handler import HOSTS, Handler
from tests.loopback.youtube_world import World


@dataclass(frozen=True, slots=True)
class Loopback:
    """A running server: clients take `url` as proxy and trust `ca_file` (SSL_CERT_FILE)."""

    url: str
    ca_file: Path
    world: World


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: a client that hangs up is what half of the tests are about."""


@contextmanager
def serve_youtube(world: World, folder: Path, *, port: int = 0) -> Iterator[Loopback]:
    """Serve `world` until the block ends; the authority is written into `folder`."""
    authority = make_authority(folder, HOSTS)
    members = {"world": world, "context": authority.context}
    server = _Server(("127.0.0.1", port), type("BoundHandler", (Handler,), members))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Loopback(f"http://127.0.0.1:{server.server_address[1]}", authority.ca_file, world)
    finally:
        world.stalled.set()
        server.shutdown()
        server.server_close()
        thread.join()
