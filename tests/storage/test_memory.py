"""Memory does not grow with what is written or read: whole processes are measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def _peak_mb(root: Path, name: str, amount: int) -> float:
    folder = root / f"{name}{amount}"
    folder.mkdir()
    command = [sys.executable, "-m", "tests.storage.memory_worker", name, str(folder), str(amount)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.split()[-1])


@pytest.mark.parametrize(("name", "few", "many"), [("write", 2, 12), ("read", 3, 40)])
def test_a_large_set_takes_no_more_memory_than_a_small_one(
    tmp_path: Path, name: str, few: int, many: int
) -> None:
    """12 pieces are 94 MB of levels, 40 times four shards are 760 MB."""
    small, large = _peak_mb(tmp_path, name, few), _peak_mb(tmp_path, name, many)
    assert large < small + 20
