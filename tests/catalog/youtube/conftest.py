"""Fixtures: the project's clients, opened on a loopback YouTube."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from catalog.youtube.auto_client import AutoClient
from catalog.youtube.open_client import open_client
from catalog.youtube.retry import Retry
from tests.loopback.fixtures import Serve
from tests.loopback.youtube_clients import scraping_options
from tests.loopback.youtube_world import World

Open = Callable[[str, World], AutoClient]


@pytest.fixture(scope="module", autouse=True)
def collect_sockets() -> Iterator[None]:
    """Let what a module's clients left behind be collected before the next module begins."""
    yield
    gc.collect()


@pytest.fixture
def open_loopback(serve: Serve) -> Iterator[Open]:
    """Serve a world and return the client of that name for it; retries do not wait."""
    with ExitStack() as stack:

        def start(name: str, world: World) -> AutoClient:
            options = scraping_options(serve(world))
            client = open_client(name, options, retry=Retry(sleep=lambda wait_s: None))
            stack.callback(client.close)
            return client

        yield start
