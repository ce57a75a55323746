"""Fixtures for tests that talk to a loopback YouTube."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.loopback.youtube import Loopback, serve_youtube
from tests.loopback.youtube_media import make_tone
from tests.loopback.youtube_world import World

# yt-dlp and pytubefix leave the answers of failed requests to the garbage collector: their sockets
# are reported as unclosed at a random moment. Files and everything else still must be closed.
clients_leave_sockets = pytest.mark.filterwarnings(
    r"ignore:Exception ignored in. <(ssl|socket)\.:pytest.PytestUnraisableExceptionWarning"
)
FilesOf = Callable[[int], dict[int, Path]]
Serve = Callable[[World], Loopback]


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> FilesOf:
    """Audio of three seconds by number of the video, encoded once."""
    folder = tmp_path_factory.mktemp("tones")
    return lambda index: make_tone(folder, index)


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start a loopback YouTube that this process trusts; it ends with the test."""
    with ExitStack() as stack:

        def start(world: World) -> Loopback:
            loopback = stack.enter_context(serve_youtube(world, tmp_path / "authority"))
            monkeypatch.setenv("SSL_CERT_FILE", str(loopback.ca_file))
            return loopback

        yield start
