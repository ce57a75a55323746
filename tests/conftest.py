"""Shared fixtures: where real music lives, and one thread per test process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres, find_binaries, run_postgres

pytest_plugins = ("tests.loopback.fixtures",)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Folder of real music to test on; skips where it is absent."""
    default = Path(__file__).parents[2] / "shared" / "corpus"
    folder = Path(os.environ.get("MASHUP_CORPUS", default))
    if not folder.is_dir():
        pytest.skip(f"no real music at {folder}; set MASHUP_CORPUS to a folder that has it")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running Postgres server; skips where none is installed."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no Postgres here: initdb is neither on PATH nor in /usr/lib/postgresql")
    with run_postgres(binaries) as server:
        yield server
