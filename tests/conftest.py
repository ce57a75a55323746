"""Shared fixtures: where real music lives, and one thread per test process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Folder of real music to test on; skips where it is absent."""
    default = Path(__file__).parents[2] / "shared" / "corpus"
    folder = Path(os.environ.get("MASHUP_CORPUS", default))
    if not folder.is_dir():
        pytest.skip(f"no real music at {folder}; set MASHUP_CORPUS to a folder that has it")
    return folder
