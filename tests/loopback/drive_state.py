"""What the loopback Drive holds: metadata as JSON files, content as files, upload sessions.

All of it lies in one folder and survives the server: `meta/<id>.json`, `content/<id>`,
`sessions/<id>.json` with the bytes received so far beside it, and `reserved` ids.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storage.throttle import Throttle

FOLDER = "application/vnd.google-apps.folder"
BLOCK = 256 * 1024  # the service keeps whole blocks of a chunk that broke off
ROOT_NAME = "Song Masher"
_SET_BY_CLIENT = ("name", "mimeType", "parents", "trashed", "appProperties", "description")

Meta = dict[str, Any]


class IdError(ValueError):
    """The id in a create request is in use (`taken`) or was never reserved."""

    def __init__(self, *, taken: bool) -> None:
        super().__init__("in use" if taken else "not usable")
        self.taken = taken


class Sums:
    """The checksums that Drive tells of a file."""

    def __init__(self) -> None:
        self._md5, self._sha256 = hashlib.md5(), hashlib.sha256()

    def update(self, block: bytes | memoryview) -> None:
        self._md5.update(block)
        self._sha256.update(block)

    def record(self) -> Meta:
        return {
            "md5Checksum": self._md5.hexdigest(),
            "sha256Checksum": self._sha256.hexdigest(),
        }


@dataclass(slots=True)
class Session:
    """A resumable upload: of a new file, or of new content for `file_id`."""

    session_id: str
    meta: Meta
    file_id: str | None
    fields: str
    size: int | None
    done: str | None = None  # the file's id, once its last byte arrived


class DriveState:
    """Files, sessions and reserved ids; every method is safe to call from many threads."""

    def __init__(
        self,
        folder: Path,
        *,
        quota: int = 15 << 40,
        list_lag_s: float = 0.0,
        line_bytes_s: float | None = None,
    ) -> None:
        self.folder, self.quota, self.list_lag_s = folder, quota, list_lag_s
        self.line = Throttle(line_bytes_s)  # what all clients share, each way alike
        self.lock = threading.RLock()
        self.files: dict[str, Meta] = {}
        self.sessions: dict[str, Session] = {}
        self.requests: list[dict[str, Any]] = []  # what was asked, in order
        self.errors: list[str] = []  # of the imitation itself; a test should find none
        self.running_sums: dict[str, Sums] = {}  # of sessions whose bytes came in order
        self._session_locks: dict[str, threading.Lock] = {}
        self._made_at: dict[str, float] = {}
        self._gone: list[tuple[float, Meta]] = []  # deleted files, still listed for a while
        for name in ("meta", "content", "sessions"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._load()
        self.root_id = self._root()

    # -- what tests look at

    def live_files(self) -> list[Meta]:
        """Return every file that is neither folder nor in the bin, oldest first."""
        with self.lock:
            live = [f for f in self.files.values() if f["mimeType"] != FOLDER and not f["trashed"]]
        return sorted(live, key=lambda f: (f["createdTime"], f["id"]))

    def tree(self) -> list[Meta]:
        """Return `live_files` with the `path` of each below the store's folder."""
        return [{**f, "path": self._path(f)} for f in self.live_files()]

    def content(self, file_id: str) -> Path:
        return self.folder / "content" / file_id

    # -- what the service does

    def reserve_ids(self, count: int) -> list[str]:
        ids = ["1" + secrets.token_urlsafe(24) for _ in range(count)]
        with self.lock:
            self._reserved.update(ids)
            with (self.folder / "reserved").open("a") as file:
                file.writelines(f"{file_id}\n" for file_id in ids)
        return ids

    def check_new_id(self, file_id: str | None) -> None:
        """Raise `IdError` where a create request must be refused."""
        with self.lock:
            if file_id is None:
                return
            if file_id in self.files:
                raise IdError(taken=True)
            if file_id not in self._reserved:
                raise IdError(taken=False)

    def create(self, meta: Meta, content: Path | None = None, sums: Sums | None = None) -> Meta:
        """Add a file; its bytes, if any, move from `content`."""
        with self.lock:
            self.check_new_id(meta.get("id"))
            file_id = meta.get("id") or self.reserve_ids(1)[0]
            self._reserved.discard(file_id)
            file: Meta = {
                "kind": "drive#file",
                "id": file_id,
                "name": "Untitled",
                "mimeType": "application/octet-stream",
                "parents": ["root"],
                "trashed": False,
                "createdTime": _now(),
                "version": "0",
            }
            parent = self.files.get((meta.get("parents") or ["root"])[0], {})
            if "driveId" in parent:
                file["driveId"] = parent["driveId"]
            self._made_at[file_id] = time.monotonic()
            return self._write(file, meta, content, sums)

    def update(
        self, file_id: str, meta: Meta, content: Path | None = None, sums: Sums | None = None
    ) -> Meta:
        """Change a file's metadata, and its bytes where `content` is given."""
        with self.lock:
            return self._write(self.files[file_id], meta, content, sums)

    def delete(self, file_id: str) -> None:
        with self.lock:
            gone = self.files.pop(file_id)
            self._gone.append((time.monotonic() + self.list_lag_s, gone))
            (self.folder / "meta" / f"{file_id}.json").unlink()
            self.content(file_id).unlink(missing_ok=True)

    def listed(self) -> list[Meta]:
        """Return what a listing knows of: it learns of new and deleted files late."""
        now = time.monotonic()
        with self.lock:
            self._gone = [(until, file) for until, file in self._gone if until > now]
            known = [f for i, f in self.files.items() if self._lag_is_over(i, now)]
            return known + [file for _, file in self._gone]

    def used(self) -> int:
        with self.lock:
            return sum(int(file.get("size", 0)) for file in self.files.values())

    # -- sessions

    def open_session(self, meta: Meta, file_id: str | None, fields: str, size: int | None) -> str:
        session = Session(secrets.token_urlsafe(24), meta, file_id, fields, size)
        with self.lock:
            self.sessions[session.session_id] = session
            self._save_session(session)
        self.part(session).touch()
        return session.session_id

    def session_lock(self, session: Session) -> threading.Lock:
        with self.lock:
            return self._session_locks.setdefault(session.session_id, threading.Lock())

    def part(self, session: Session) -> Path:
        return self.folder / "sessions" / session.session_id

    def sums_under_way(self, session: Session) -> Sums:
        """Return the checksums of what the part holds, to be updated with what follows."""
        with self.lock:
            if session.session_id not in self.running_sums:
                self.running_sums[session.session_id] = sums_of(self.part(session))
            return self.running_sums[session.session_id]

    def finish_session(self, session: Session) -> Meta:
        part, sums = self.part(session), self.sums_under_way(session)
        if session.file_id is None:
            file = self.create(session.meta, part, sums)
        else:
            file = self.update(session.file_id, session.meta, part, sums)
        session.done = file["id"]
        self._save_session(session)
        return file

    def _save_session(self, session: Session) -> None:
        _write_json(self.folder / "sessions" / f"{session.session_id}.json", asdict(session))

    # -- inside

    def _write(self, file: Meta, change: Meta, content: Path | None, sums: Sums | None) -> Meta:
        file = file | {name: change[name] for name in _SET_BY_CLIENT if name in change}
        file |= {"modifiedTime": _now(), "version": str(int(file["version"]) + 1)}
        if content is not None and sums is not None:
            file |= {"size": str(content.stat().st_size), **sums.record()}
            content.replace(self.content(file["id"]))
        _write_json(self.folder / "meta" / f"{file['id']}.json", file)
        self.files[file["id"]] = file
        return file

    def _load(self) -> None:
        for path in (self.folder / "meta").glob("*.json"):
            file = json.loads(path.read_text())
            self.files[file["id"]] = file
        for path in (self.folder / "sessions").glob("*.json"):
            session = Session(**json.loads(path.read_text()))
            self.sessions[session.session_id] = session
        reserved = self.folder / "reserved"
        self._reserved = set(reserved.read_text().split()) if reserved.exists() else set()

    def _root(self) -> str:
        """Return the id of the folder that stores live in; make it at the first start."""
        for file in self.files.values():
            if file["name"] == ROOT_NAME and file["parents"] == ["root"]:
                return str(file["id"])
        return str(self.create({"name": ROOT_NAME, "mimeType": FOLDER})["id"])

    def _lag_is_over(self, file_id: str, now: float) -> bool:
        return self._made_at.get(file_id, -self.list_lag_s) + self.list_lag_s <= now

    def _path(self, file: Meta) -> str:
        names = [file["name"]]
        parent = self.files.get(file["parents"][0])
        while parent and parent["id"] != self.root_id:
            names.append(parent["name"])
            parent = self.files.get(parent["parents"][0])
        return "/".join(reversed(names))


def sums_of(path: Path) -> Sums:
    """Return the checksums of a file."""
    sums = Sums()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sums.update(block)
    return sums


def _write_json(path: Path, record: Any) -> None:
    temp = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    temp.write_text(json.dumps(record))
    temp.replace(path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
