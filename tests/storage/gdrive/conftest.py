"""A loopback Drive, and options that reach it without waiting long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.gdrive.store import DriveStore
from storage.options import Backoff, DriveOptions
from tests.loopback.drive import LoopbackDrive, serve_drive

HURRY = Backoff(first_s=0.001, cap_s=0.005)


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[LoopbackDrive]:
    with serve_drive(tmp_path / "drive") as running:
        yield running
        assert running.state.errors == []


@pytest.fixture
def drive_options(drive: LoopbackDrive, tmp_path: Path) -> DriveOptions:
    return DriveOptions(api_root=drive.api_root, state_dir=tmp_path / "state", backoff=HURRY)


@pytest.fixture
def store(drive: LoopbackDrive, drive_options: DriveOptions) -> DriveStore:
    return DriveStore(drive.store_url, drive_options)
