"""The worlds of chaos: a folder, and a Drive on this machine that does all that Drive does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.files import TEMP_PREFIX
from tests.chaos.place import Place
from tests.loopback.drive import serve_drive
from tests.loopback.drive_faults import Rule

LIST_LAG_S = 0.3
FAULTS = (
    Rule("503", rate=0.03, times=None),
    Rule("500", rate=0.02, times=None),
    Rule("429", rate=0.02, times=None),
    Rule("403:userRateLimitExceeded", rate=0.03, times=None),
    Rule("drop:0", rate=0.02, times=None),
    Rule("drop:300000", method="PUT", rate=0.05, times=None),
    Rule("truncate:1000", method="GET", path="alt=media", rate=0.02, times=None),
    Rule("lost_ack", method="POST", path="upload", rate=0.03, times=None),
    Rule("lost_ack", method="PUT", path="upload", rate=0.05, times=None),
    Rule("lost_ack", method="DELETE", rate=0.05, times=None),
)


@dataclass(frozen=True)
class World:
    """Where one chaos run lives, and how to see every file of its store past the store's client."""

    place: Place
    all_files: Callable[[], list[str]]  # their names, twice where a name stands for two files


@contextmanager
def folder_world(root: Path, *, ledger_url: str = "") -> Iterator[World]:
    """A store in a folder."""
    store = root / "store"
    ledger_url = ledger_url or f"sqlite:///{root / 'ledger.db'}"

    def all_files() -> list[str]:
        paths = (path for path in store.rglob("*") if path.is_file())
        keys = [path.relative_to(store).as_posix() for path in paths]
        return [key for key in keys if TEMP_PREFIX not in key]  # those are swept in an hour

    yield World(Place(root, f"file://{store}", ledger_url), all_files)


@contextmanager
def drive_world(root: Path) -> Iterator[World]:
    """A store on a loopback Drive whose requests fail in every way that is known."""
    with serve_drive(root / "drive", list_lag_s=LIST_LAG_S) as drive:
        drive.plan(*FAULTS)
        place = Place(root, drive.store_url, f"sqlite:///{root / 'ledger.db'}", drive.api_root)
        yield World(place, lambda: [file["path"] for file in drive.state.tree()])
        gone = ("ConnectionResetError", "BrokenPipeError")  # what a client that is killed leaves
        faults = [text for text in drive.state.errors if not any(name in text for name in gone)]
        assert faults == [], faults[0]
