"""A store that is not on this machine, for tests of what is fetched."""

from __future__ import annotations

import threading
from pathlib import Path

from storage.folder import FolderStore


class RemoteFolder(FolderStore):
    """A folder that must be fetched from; counts how often that was done."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.fetched: list[str] = []
        self.second_fetch = threading.Event()

    def local_path(self, key: str) -> Path | None:
        return None

    def fetch(self, key: str, target: Path, *, file_id: str | None = None) -> Path:
        path = super().fetch(key, target, file_id=file_id)
        self.fetched.append(key)
        if len(self.fetched) == 2:
            self.second_fetch.set()
        return path
