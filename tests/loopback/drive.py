"""A loopback Google Drive v3 that the real client talks to.

`python -m tests.loopback.drive --folder DIR` serves until it is killed and prints one JSON line:
where it is (`MASHUP_GDRIVE_API_ROOT`) and the store in it (`MASHUP_STORE_URL`). All it holds lies
in DIR. `GET /__files` lists the files, `GET /__requests` what was asked, and `POST /__faults`
with `{"rules": [...], "seed": 0}` plans what goes wrong (`drive_faults.Rule`).
Not imitated: permissions, revisions, shortcuts, exports of Google's own documents.
"""

from __future__ import annotations

import argparse
import http.server
import json
import socketserver
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.loopback.drive_faults import Faults, Rule
from tests.loopback.drive_handler import Handler
from tests.loopback.drive_state import DriveState


@dataclass(frozen=True, slots=True)
class LoopbackDrive:
    """A running server: `api_root` goes into `DriveOptions`, `store_url` into `open_store`."""

    api_root: str
    state: DriveState
    faults: Faults

    @property
    def store_url(self) -> str:
        return f"gdrive://{self.state.root_id}"

    def plan(self, *rules: Rule) -> None:
        """Let these faults happen from now on."""
        self.faults.plan(rules)

    def asked(self, method: str = "", path: str = "") -> list[dict[str, Any]]:
        """Return the requests so far, those of one method or with `path` in theirs."""
        return [
            request
            for request in self.state.requests
            if method in ("", request["method"]) and path in request["path"]
        ]


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128
    errors: list[str]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what went wrong here; clients that hang up never come this far."""
        self.errors.append(traceback.format_exc())


@contextmanager
def serve_drive(
    folder: Path,
    *,
    port: int = 0,
    quota: int = 15 << 40,
    list_lag_s: float = 0.0,
    line_bytes_s: float | None = None,
    tokens: set[str] | None = None,
) -> Iterator[LoopbackDrive]:
    """Serve what lies in `folder` until the block ends.

    Parameters
    ----------
    line_bytes_s
        How fast the line between client and server is; None: as fast as the machine.
    tokens
        Bearer tokens that are let in; None lets everybody in.
    """
    state = DriveState(folder, quota=quota, list_lag_s=list_lag_s, line_bytes_s=line_bytes_s)
    faults = Faults()
    members = {"state": state, "faults": faults, "tokens": tokens}
    server = _Server(("127.0.0.1", port), type("BoundHandler", (Handler,), members))
    server.errors = state.errors
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield LoopbackDrive(f"http://127.0.0.1:{server.server_address[1]}/", state, faults)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the process is killed."""
    parser = argparse.ArgumentParser(description="A loopback Google Drive v3.")
    parser.add_argument("--folder", type=Path, required=True, help="where everything lies")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--quota", type=int, default=15 << 40, help="bytes")
    parser.add_argument("--list-lag", type=float, default=0.0, help="seconds")
    parser.add_argument("--line-mb-s", type=float, default=None, help="speed of the line")
    wanted = parser.parse_args(arguments)
    running = serve_drive(
        wanted.folder,
        port=wanted.port,
        quota=wanted.quota,
        list_lag_s=wanted.list_lag,
        line_bytes_s=wanted.line_mb_s and wanted.line_mb_s * 1e6,
    )
    with running as drive:
        place = {"MASHUP_GDRIVE_API_ROOT": drive.api_root, "MASHUP_STORE_URL": drive.store_url}
        print(json.dumps(place), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
