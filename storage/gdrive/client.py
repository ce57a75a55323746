"""The requests that a store makes to Drive v3, each tried again until its error is final."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import resources
from typing import Any, TypeVar

from google.auth.credentials import Credentials
from googleapiclient.discovery import build_from_document

from storage.errors import MissingFileError, PausedError, StoreAccessError, StoreUnavailableError
from storage.gdrive.address import GOOGLE, check_root
from storage.gdrive.entry import FIELDS, FOLDER_MIME, DriveFile, parse_file
from storage.gdrive.faults import IdTakenError, judge
from storage.gdrive.retries import keep_trying
from storage.gdrive.transport import ThreadHttp
from storage.options import DriveOptions
from storage.throttle import Throttle

RESERVE_COUNT = 50  # ids a request; those that are never used cost nothing
PAGE_SIZE = 1000
Result = TypeVar("Result")


class DriveClient:
    """Google's client with a login, retries and a bandwidth limit; safe to share by threads."""

    def __init__(self, options: DriveOptions, credentials: Credentials | None) -> None:
        self.options = options
        self.throttle = Throttle(options.max_bytes_s)
        self.drive_id: str | None = None  # of the Shared Drive that is listed, if it is one
        self._http = ThreadHttp(credentials, timeout_s=options.timeout_s)
        self._service = build_service(options.api_root)
        self._reserved: deque[str] = deque()
        self._lock = threading.Lock()
        self._paused: PausedError | None = None

    def run(
        self,
        doing: str,
        action: Callable[[Any], Result],
        *,
        uploads: bool = False,
        session: bool = False,
    ) -> Result:
        """Call `action` with this thread's `Http` until it succeeds or its error is final.

        Raises
        ------
        StorageError
            What the error means, and what to do about it; see `faults.py`.
        """
        if uploads:
            self._refuse_while_paused()
        try:
            return keep_trying(
                lambda: action(self._http.get()),
                lambda error: judge(error, doing, uploads=uploads, session=session),
                backoff=self.options.backoff,
                on_fault=self._http.reset,
            )
        except PausedError as error:
            self._paused = error if uploads else self._paused
            raise

    def request(self, build: Callable[[Any], Any]) -> Any:
        """Return the client's request that `build` makes from its `files` collection."""
        return build(self._service.files())

    def execute(self, doing: str, build: Callable[[Any], Any], *, uploads: bool = False) -> Any:
        """Send one request and return its parsed answer; each try builds it anew."""
        return self.run(doing, lambda http: self.request(build).execute(http=http), uploads=uploads)

    def get(self, file_id: str) -> DriveFile | None:
        """Return what Drive says of a file; None if it is gone or in the bin."""
        try:
            found = parse_file(
                self.execute(
                    f"asking for file {file_id}",
                    lambda files: files.get(fileId=file_id, fields=FIELDS, supportsAllDrives=True),
                )
            )
        except MissingFileError:
            return None
        return None if found.trashed else found

    def search(self, query: str) -> list[DriveFile]:
        """Return all files that match a query, from all pages; very new ones may be missing."""
        found: list[DriveFile] = []
        token = None
        while True:
            page = self._page(query, token)
            found += [parse_file(record) for record in page.get("files", ())]
            token = page.get("nextPageToken")
            if not token:
                return found

    def reserve_id(self) -> str:
        """Return an id that a create request may use: repeated, it cannot make a second file."""
        with self._lock:
            if not self._reserved:
                answer = self.execute(
                    "reserving ids",
                    lambda files: files.generateIds(
                        count=RESERVE_COUNT, space="drive", fields="ids"
                    ),
                )
                self._reserved.extend(answer["ids"])
            return self._reserved.popleft()

    def make_folder(self, file_id: str, name: str, parents: Sequence[str]) -> None:
        """Create a folder; that it exists already is no error."""
        body = {"id": file_id, "name": name, "mimeType": FOLDER_MIME, "parents": list(parents)}
        try:
            self.execute(
                f"making folder {name!r}",
                lambda files: files.create(body=body, fields="id", supportsAllDrives=True),
            )
        except IdTakenError:
            return

    def delete(self, file_id: str) -> None:
        """Delete a file, or bin it where only managers may delete; gone already is no error."""
        doing = f"deleting file {file_id}"
        try:
            self.execute(doing, lambda files: files.delete(fileId=file_id, supportsAllDrives=True))
        except MissingFileError:
            return
        except StoreAccessError:
            self.execute(
                doing,
                lambda files: files.update(
                    fileId=file_id, body={"trashed": True}, fields="id", supportsAllDrives=True
                ),
            )

    def about(self) -> Mapping[str, Any]:
        """Return who is logged in and how full their Drive is."""
        return self.run(
            "asking who is logged in",
            lambda http: self._service.about().get(fields="user,storageQuota").execute(http=http),
        )

    def _page(self, query: str, token: str | None) -> Mapping[str, Any]:
        place = {"corpora": "drive", "driveId": self.drive_id} if self.drive_id else {}
        page: Mapping[str, Any] = self.execute(
            "listing",
            lambda files: files.list(
                q=query,
                fields=f"nextPageToken,incompleteSearch,files({FIELDS})",
                pageSize=PAGE_SIZE,
                pageToken=token,
                spaces="drive",
                supportsAllDrives=True,
                includeItemsFromAllDrives=True,
                **place,
            ),
        )
        if page.get("incompleteSearch"):
            raise StoreUnavailableError(
                "listing: Google Drive says that it did not look everywhere. Run again later."
            )
        return page

    def _refuse_while_paused(self) -> None:
        if self._paused and datetime.now(UTC) < self._paused.until:
            raise PausedError(str(self._paused), self._paused.until)


def build_service(api_root: str) -> Any:
    """Return the client, built from the discovery document that it ships, for any server."""
    root = check_root(api_root)
    documents = resources.files("googleapiclient") / "discovery_cache" / "documents"
    document = json.loads((documents / "drive.v3.json").read_text(encoding="utf-8"))
    if root != GOOGLE:
        document.pop("mtlsRootUrl", None)
        document |= {"rootUrl": root, "baseUrl": root + document["servicePath"]}
    return build_from_document(document, http=_NoHttp())


class _NoHttp:
    """Stands in for the transport that every request brings along itself."""

    def request(self, *_: object, **__: object) -> None:
        raise AssertionError("a request was sent without the thread's own transport")
