"""Fixtures: a small world on the loopback YouTube, and a workbench whose clients reach it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from steps.workbench import Workbench
from tests.loopback.fixtures import FilesOf, Serve
from tests.loopback.youtube_clients import scraping_options
from tests.loopback.youtube_media import make_tone
from tests.loopback.youtube_world import World, make_world
from tests.steps.youtube.nights import open_youtube_bench

OpenBench = Callable[..., Workbench]


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> FilesOf:
    """Audio that is long enough for the line, encoded once."""
    folder = tmp_path_factory.mktemp("sounds")
    return lambda index: make_tone(folder, index, duration_s=11.0)


@pytest.fixture
def world(sounds: FilesOf) -> World:
    return make_world(sounds, titles=("A x B", "C vs D"), fillers=1, duration_s=11)


@pytest.fixture
def open_bench(serve: Serve, tmp_path: Path) -> Iterator[OpenBench]:
    """Serve a world and open a workbench on it, with a client of one's choice."""
    with ExitStack() as stack:

        def start(world: World, *, client: str = "yt-dlp") -> Workbench:
            options = scraping_options(serve(world))
            bench = open_youtube_bench(tmp_path, options, client=client)
            stack.callback(bench.ledger.close)
            stack.callback(bench.youtube.close)
            return bench

        yield start
    gc.collect()
