"""The listening page on this machine, where the store is elsewhere: its links are relative."""

from __future__ import annotations

from pathlib import Path

from steps.generate import PAGE
from steps.workbench import Workbench
from storage.files import md5_file
from storage.stores import StoredFile


def bring_page(bench: Workbench, folder: Path) -> Path:
    """Return where the listening page can be opened; fetch it with its mashups if need be.

    Raises
    ------
    MissingFileError
        No mashup was made yet.
    """
    in_place = bench.store.local_path(PAGE)
    if in_place:
        return in_place
    for file in bench.store.list(PAGE.rpartition("/")[0] + "/"):
        target = folder / file.key
        if not _is_same(target, file):
            bench.store.fetch(file.key, target, file_id=file.file_id)
    return folder / PAGE if (folder / PAGE).is_file() else bench.store.fetch(PAGE, folder / PAGE)


def _is_same(path: Path, file: StoredFile) -> bool:
    """Tell whether a file was fetched before; where no md5 is known, only the page can change."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    return md5_file(path) == file.md5 if file.md5 else file.key != PAGE
