"""Where keys lie: folders of Drive stand for the parts of a key, ids are kept.

Drive lets two files share a name. The oldest of a name is the key's file, on every machine;
younger ones, which only other programs or other machines within Drive's delay can make, are
left alone and said. Folders of the same name count as one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence

from storage.errors import MissingFileError, StoreKeyError
from storage.gdrive.address import folder_link_of
from storage.gdrive.client import DriveClient
from storage.gdrive.entry import FOLDER_MIME, DriveFile, age
from storage.gdrive.id_book import IdBook
from storage.stores import check_key

PARENTS_A_QUERY = 40
IS_FOLDER, IS_FILE = f"mimeType = '{FOLDER_MIME}'", f"mimeType != '{FOLDER_MIME}'"
logger = logging.getLogger(__name__)


class Places:
    """Keys and folders of the store in one folder of Drive; safe to share by threads."""

    def __init__(self, client: DriveClient, book: IdBook, root_id: str) -> None:
        self.client, self.book, self.root_id = client, book, root_id
        self._ensured: dict[str, str] = {}  # folders that are surely there, by path
        self._folders: dict[str, set[str]] = {}  # all folders of a path, as far as known
        self._lock = threading.RLock()

    def find(self, key: str) -> DriveFile | None:
        """Return the file of a key, or the folder of a path that ends in a slash."""
        known = self.book.get(key)
        if known:
            file = self.client.get(known.file_id)
            if file:
                if not known.made:
                    self.book.learn({key: file.file_id})
                return file
            if known.made:
                self.book.forget(key, known.file_id)
        found = self._search(key)
        if found:
            self.book.learn({key: found.file_id})
        return found

    def claim(self, key: str, file_id: str) -> str:
        """Return the id under which a file that does not exist yet must be made."""
        return self.book.claim(key, file_id)

    def folder_of(self, key: str) -> str:
        """Return the id of the folder that a key's file belongs in; it is made if need be."""
        return self._ensure(_parent(key))

    def listing(self, prefix: str) -> dict[str, DriveFile]:
        """Return all files whose key starts with `prefix`: what Drive lists, and what we know."""
        deleted = self.book.deleted()
        found: dict[str, list[DriveFile]] = {}
        for key, file in self._walk(prefix):
            if file.file_id not in deleted:
                found.setdefault(key, []).append(file)
        oldest = {key: _oldest(key, files) for key, files in found.items()}
        self.book.learn({key: file.file_id for key, file in oldest.items()})
        for key in self.book.below(prefix).keys() - oldest.keys():
            unlisted = self._known_file(key)
            if unlisted:
                oldest[key] = unlisted
        return oldest

    def _known_file(self, key: str) -> DriveFile | None:
        """Return a file that no listing shows yet; forget it if it is gone."""
        known = self.book.get(key)
        file = self.client.get(known.file_id) if known else None
        if known and known.made and not file:
            self.book.forget(key, known.file_id)
        return file

    def _ensure(self, path: str) -> str:
        with self._lock:
            if path not in self._ensured:
                self._ensured[path] = self._find_or_make(path) if path else self._root()
            return self._ensured[path]

    def _find_or_make(self, path: str) -> str:
        parent = self._ensure(_parent(path))
        found = self.find(path + "/")
        if found:
            return found.file_id
        folder_id = self.claim(path + "/", self.client.reserve_id())
        self.client.make_folder(folder_id, path.rpartition("/")[2], [parent])
        self.book.learn({path + "/": folder_id})
        return folder_id

    def _root(self) -> str:
        """Check once that the store's own folder is there."""
        root = self.client.get(self.root_id)
        if root is None or not root.is_folder:
            raise MissingFileError(
                f"the store's folder {folder_link_of(self.root_id)} is not there, is in the bin, "
                "or is hidden from the account that is logged in. Check MASHUP_STORE_URL; an own "
                "app (scope drive.file) sees only folders that `python -m flows login` made."
            )
        self.client.drive_id = root.drive_id
        return root.file_id

    def _search(self, key: str) -> DriveFile | None:
        """Look a key up by name: slow, late for new files, and needed once for each."""
        path = key.removesuffix("/")
        parents = self._folder_ids(_parent(path))
        name = path.rpartition("/")[2]
        deleted = self.book.deleted()
        kind = IS_FOLDER if key.endswith("/") else IS_FILE
        found = [
            file
            for file in self._query(parents, f"name = '{_quote(name)}'", kind)
            if file.name == name and file.file_id not in deleted
        ]
        return _oldest(key, found) if found else None

    def _folder_ids(self, path: str) -> set[str]:
        """Return the ids of all folders of that path; there may be none."""
        if not path:
            return {self._ensure("")}
        with self._lock:
            if not self._folders.get(path):
                self._folders[path] = self._search_folders(path)
            return self._folders[path]

    def _search_folders(self, path: str) -> set[str]:
        name = path.rpartition("/")[2]
        known = self.book.get(path + "/")
        parents = self._folder_ids(_parent(path))
        found = {
            file.file_id
            for file in self._query(parents, f"name = '{_quote(name)}'", IS_FOLDER)
            if file.name == name
        }
        return found | {known.file_id} if known and known.made else found

    def _walk(self, prefix: str) -> Iterator[tuple[str, DriveFile]]:
        """Go through the folders that can hold keys with this prefix, level by level."""
        start = prefix.rpartition("/")[0]
        level = dict.fromkeys(self._folder_ids(start), start + "/" if start else "")
        while level:
            deeper: dict[str, str] = {}
            for file in self._query(level):
                place = next(level[parent] for parent in file.parents if parent in level)
                key = place + file.name
                if key.startswith(prefix) and _is_key_part(file.name):
                    if file.is_folder:
                        deeper[file.file_id] = key + "/"
                    elif file.md5 is not None:  # Google's own documents have no bytes
                        yield key, file
            level = deeper

    def _query(self, parents: Iterable[str], *conditions: str) -> Iterator[DriveFile]:
        """Search in folders for what is not in the bin and meets all conditions."""
        ids = list(parents)
        for start in range(0, len(ids), PARENTS_A_QUERY):
            inside = f"({_any_parent(ids[start : start + PARENTS_A_QUERY])})"
            yield from self.client.search(" and ".join([inside, "trashed = false", *conditions]))


def _any_parent(ids: Sequence[str]) -> str:
    return " or ".join(f"'{folder_id}' in parents" for folder_id in ids)


def _quote(name: str) -> str:
    return name.replace("\\", "\\\\").replace("'", "\\'")


def _parent(key: str) -> str:
    return key.rpartition("/")[0]


def _is_key_part(name: str) -> bool:
    """Tell whether a name on Drive can be part of a key; people may name files as they like."""
    try:
        return "/" not in check_key(name)
    except StoreKeyError:
        return False


def _oldest(key: str, files: Sequence[DriveFile]) -> DriveFile:
    first, *others = sorted(files, key=age)
    if others:
        ids = ", ".join(file.file_id for file in others)
        logger.warning(
            "Google Drive has %d files named %r; the oldest, %s, is used. Delete the others (%s).",
            len(files),
            key,
            first.file_id,
            ids,
        )
    return first
