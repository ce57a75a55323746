"""Stand-ins: a YouTube or a Drive on this machine, for a demo of the real clients without network.

The servers are those of the tests. Each is a program of its own that prints, as one line of JSON,
the environment in which the real clients reach it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


class DemoSource(StrEnum):
    """Where the demo's mashups and songs come from."""

    FOLDER = "folder"
    YOUTUBE = "youtube"  # a YouTube on this machine, asked by the real clients


class DemoStore(StrEnum):
    """Where the demo's examples and mashups are kept."""

    FOLDER = "folder"
    GDRIVE = "gdrive"  # a Google Drive on this machine, behind the real client


@contextmanager
def stand_in(module: str, *arguments: str) -> Iterator[None]:
    """Run a loopback server until the block ends; meanwhile the environment leads to it.

    Raises
    ------
    RuntimeError
        The server did not start; what it said stands above on standard error.
    """
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as server:
        try:
            told = server.stdout.readline() if server.stdout else ""
            if not told:
                raise RuntimeError(f"the loopback server {module} did not start")
            os.environ |= json.loads(told)
            yield
        finally:
            server.terminate()


@contextmanager
def stand_in_youtube(folder: Path, *, mashups: Path, songs: Path) -> Iterator[None]:
    """Offer two folders as playlists of a YouTube on this machine."""
    places = {"--folder": folder, "--mashups": mashups, "--songs": songs}
    arguments = [str(part) for pair in places.items() for part in pair]
    with stand_in("tests.loopback.youtube_folders", *arguments):
        yield


@contextmanager
def stand_in_drive(folder: Path) -> Iterator[None]:
    """Keep the store on a Google Drive on this machine, which remembers in `folder`."""
    with stand_in("tests.loopback.drive", "--folder", str(folder)):
        yield
