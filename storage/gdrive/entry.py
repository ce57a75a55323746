"""What Drive says of one file or folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FOLDER_MIME = "application/vnd.google-apps.folder"
FIELDS = "id,name,mimeType,size,md5Checksum,sha256Checksum,parents,createdTime,trashed,driveId"


@dataclass(frozen=True, slots=True)
class DriveFile:
    """One file or folder; Google's own documents have neither size nor md5."""

    file_id: str
    name: str
    is_folder: bool
    size: int | None  # bytes
    md5: str | None  # hex
    sha256: str | None  # hex; files that are old may have none
    parents: tuple[str, ...]
    created: str  # RFC 3339, UTC: sorts as text
    trashed: bool
    drive_id: str | None  # of the Shared Drive it lies on


def parse_file(record: Mapping[str, Any]) -> DriveFile:
    """Return the record that Drive answered with as a `DriveFile`."""
    size = record.get("size")
    return DriveFile(
        file_id=record["id"],
        name=record.get("name", ""),
        is_folder=record.get("mimeType") == FOLDER_MIME,
        size=None if size is None else int(size),
        md5=record.get("md5Checksum"),
        sha256=record.get("sha256Checksum"),
        parents=tuple(record.get("parents", ())),
        created=record.get("createdTime", ""),
        trashed=bool(record.get("trashed", False)),
        drive_id=record.get("driveId"),
    )


def age(file: DriveFile) -> tuple[str, str]:
    """Return what to sort by to have the oldest first, the same way on every machine."""
    return file.created, file.file_id
