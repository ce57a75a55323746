"""A store in a folder of Google Drive.

Nothing half-written can be seen: Drive shows a file once its last byte has arrived. What a key's
file is, `places.py` says; how bytes move, `upload.py` and `download.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

from storage.errors import ChecksumError, MissingFileError
from storage.gdrive.address import folder_id_of, link_of, url_of
from storage.gdrive.client import DriveClient
from storage.gdrive.content import Content, content_of, open_content
from storage.gdrive.credentials import load_credentials
from storage.gdrive.download import TRIES, Downloader
from storage.gdrive.entry import DriveFile
from storage.gdrive.faults import IdTakenError, IdUnusableError
from storage.gdrive.id_book import IdBook
from storage.gdrive.places import Places
from storage.gdrive.upload import Uploader
from storage.options import DriveOptions
from storage.stores import NEW_UPLOAD, StoredFile, Upload, check_key, check_prefix


class DriveStore:
    """Keys are files in nested folders below one folder; md5 is compared both ways."""

    def __init__(self, url: str, options: DriveOptions) -> None:
        self.options = options
        self._folder_id = folder_id_of(url)
        self._client = DriveClient(options, load_credentials(options))
        book = IdBook((options.state_dir or _cache_dir()) / f"gdrive-{self._folder_id}.db")
        self._places = Places(self._client, book, self._folder_id)
        self._uploader, self._downloader = Uploader(self._client), Downloader(self._client)

    def __reduce__(self) -> tuple[object, ...]:  # connections stay here: a worker opens its own
        return DriveStore, (self.url, self.options)

    @property
    def url(self) -> str:
        return url_of(self._folder_id)

    def reserve_id(self) -> str | None:
        return self._client.reserve_id()

    def put(self, source: Path, key: str, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        check_key(key)
        with open_content(source, upload.md5) as content:
            return self._store(content, key, upload)

    def write_bytes(self, key: str, data: bytes, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        return self._store(content_of(data), check_key(key), upload)

    def fetch(self, key: str, target: Path, *, file_id: str | None = None) -> Path:
        self._downloader.fetch(self._existing(key, file_id), target)
        return target

    def read_bytes(
        self, key: str, *, file_id: str | None = None, start: int = 0, length: int | None = None
    ) -> bytes:
        check_key(key)
        if start == 0 and length is None:
            return self._downloader.read_whole(self._existing(key, file_id))
        if file_id is None:
            file_id = self._existing(key, None).file_id
        try:
            return self._downloader.read(file_id, start, length)
        except MissingFileError:
            return self._downloader.read(self._existing(key, None).file_id, start, length)

    def list(self, prefix: str = "") -> tuple[StoredFile, ...]:
        found = self._places.listing(check_prefix(prefix))
        return tuple(_stored(key, found[key]) for key in sorted(found))

    def stat(self, key: str, *, file_id: str | None = None) -> StoredFile | None:
        file = self._find(key, file_id)
        return _stored(key, file) if file else None

    def delete(self, key: str, *, file_id: str | None = None) -> None:
        while file := self._find(key, file_id):  # younger files of that name go too
            self._client.delete(file.file_id)
            self._places.book.mark_deleted(key, file.file_id)

    def link(self, key: str) -> str:
        return link_of(self._existing(key, None).file_id)

    def local_path(self, key: str) -> Path | None:
        check_key(key)
        return None

    def sweep(self, prefix: str = "") -> int:
        check_prefix(prefix)
        return 0  # uploads that broke off are no files; Drive drops them after a week

    def _store(self, content: Content, key: str, upload: Upload) -> StoredFile:
        """Bring content under a key: make the file, or change it where its md5 differs."""
        file = self._places.find(key)
        for _ in range(TRIES):
            if file and _holds(file, content):
                break
            if file:
                file = self._uploader.replace(content, file)
            else:
                file, upload = self._create(content, key, upload), NEW_UPLOAD
        if not file or not _holds(file, content):
            raise ChecksumError(
                f"{key} does not arrive in {self.url} as it was sent: expected md5 {content.md5()} "
                f"and {content.size} bytes, got {file}. Check disk and network and run again."
            )
        self._places.book.learn({key: file.file_id})
        return _stored(key, file)

    def _create(self, content: Content, key: str, upload: Upload) -> DriveFile | None:
        """Make the file of a key; an earlier request may have done so, or made it and lost it."""
        reserved = upload.file_id or self._client.reserve_id()
        file_id = self._places.claim(key, reserved)
        try:
            return self._uploader.create(
                content,
                file_id=file_id,
                name=key.rpartition("/")[2],
                folder_id=self._places.folder_of(key),
                upload=upload,
            )
        except (IdTakenError, IdUnusableError):
            file = self._client.get(file_id)
            if file is None:  # deleted or in the bin: the next try reserves another id
                self._places.book.forget(key, file_id)
            return file

    def _existing(self, key: str, file_id: str | None) -> DriveFile:
        file = self._find(key, file_id)
        if file is None:
            raise MissingFileError(
                f"no file {key!r} in {self.url}. Run `python -m flows verify` to see what is gone."
            )
        return file

    def _find(self, key: str, file_id: str | None) -> DriveFile | None:
        check_key(key)
        file = self._client.get(file_id) if file_id else None
        return file or self._places.find(key)


def _holds(file: DriveFile, content: Content) -> bool:
    return file.size == content.size and file.md5 is not None and content.has_md5(file.md5)


def _stored(key: str, file: DriveFile) -> StoredFile:
    return StoredFile(key, file_id=file.file_id, size=file.size or 0, md5=file.md5)


def _cache_dir() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "song-masher"
