"""The small JSON file beside each downloaded audio file: its facts, size, duration and hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from catalog.youtube.records import VideoFacts


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A checked audio file in its final place."""

    path: Path
    container: str
    size_bytes: int
    duration_s: float
    sha256: str
    facts: VideoFacts
    client: str
    thumbnail: Path | None = None
    attempts: int = 1
    throttled: bool = False  # a 429 was heard on the way: open the breaker
    reused: bool = False  # it lay there already: nothing was requested


def write_sidecar(path: Path, downloaded: Downloaded) -> None:
    """Write `downloaded` to `path`, whole or not at all."""
    told = {
        "facts": asdict(downloaded.facts),
        "file": downloaded.path.name,
        "size_bytes": downloaded.size_bytes,
        "duration_s": downloaded.duration_s,
        "sha256": downloaded.sha256,
        "client": downloaded.client,
        "thumbnail": downloaded.thumbnail.name if downloaded.thumbnail else None,
    }
    temporary = path.with_suffix(".json.unfinished")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(told, file, default=str, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_sidecar(path: Path) -> Downloaded | None:
    """Return what `path` tells, or None where it is absent or not readable."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        thumbnail = path.parent / told["thumbnail"] if told["thumbnail"] else None
        return Downloaded(
            path=path.parent / told["file"],
            container=Path(told["file"]).suffix.lstrip("."),
            size_bytes=int(told["size_bytes"]),
            duration_s=float(told["duration_s"]),
            sha256=str(told["sha256"]),
            facts=_facts(told["facts"]),
            client=str(told["client"]),
            thumbnail=thumbnail,
            reused=True,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # as good as no download: it is fetched again


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _facts(told: dict[str, Any]) -> VideoFacts:
    day = told.pop("uploaded")
    chapters = tuple(told.pop("chapters"))
    uploaded = dt.date.fromisoformat(day) if day else None
    return VideoFacts(**told, uploaded=uploaded, chapters=chapters)
