"""Offers what lies in a folder or in a list: mashups and songs, or multitracks.

Titles in a list are text and never become paths. A `path` in a list is the user's own and may lead
anywhere; a folder is only read downwards, without following links to folders.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from catalog.errors import SourceError
from catalog.records import Entry, Skipped, TrackKind

# Endings of files that the bundled ffmpeg reads as audio; video files are decoded for their sound.
AUDIO_ENDINGS = frozenset(
    {
        *(".aac", ".aif", ".aiff", ".ac3", ".amr", ".ape", ".au", ".caf", ".dsf", ".flac", ".m4a"),
        *(".m4b", ".mka", ".mkv", ".mov", ".mp2", ".mp3", ".mp4", ".mpc", ".oga", ".ogg", ".opus"),
        *(".ra", ".spx", ".tta", ".voc", ".w64", ".wav", ".webm", ".wma", ".wv"),
    }
)
LIST_ENDINGS = frozenset({".json", ".txt"})
_TEMPORARY_ENDINGS = (".part", ".tmp", ".crdownload", ".ytdl", "~")
_ROLES = ("vocals", "instrumental")


class Listed(NamedTuple):
    """What a source offers, and what it had to set aside."""

    entries: list[Entry]
    skipped: list[Skipped]


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a list, as the user wrote it."""

    path: str
    title: str | None = None
    artist: str | None = None
    channel: str | None = None
    description: str | None = None
    url: str | None = None
    licence: str | None = None


def list_entries(location: Path, kind: TrackKind) -> Listed:
    """What a folder, a `.json` list or a `.txt` list offers, in a stable order.

    Parameters
    ----------
    location : a folder, searched downwards; or a list file, whose paths are relative to its folder:
        `.json` holds objects with `path`, `title` and optional `artist`, `channel`, `description`,
        `url`, `licence`; `.txt` a path a line, a title after a tab or `|`, `#` for comments
    kind : what the files are to the line

    Raises
    ------
    SourceError : where the location does not exist, cannot be read, or offers no audio at all
    """
    if location.is_dir():
        return _some_or_error(_list_folder(location, kind), location)
    if not location.exists():
        raise SourceError(
            f"expected a folder, or a .json or .txt list, at {location}, but nothing is there; "
            "check the path"
        )
    if location.suffix.lower() not in LIST_ENDINGS:
        raise SourceError(
            f"expected a folder, or a .json or .txt list, got the file {location}; "
            "give the folder that it lies in"
        )
    rows = _read_json(location) if location.suffix.lower() == ".json" else _read_text(location)
    return _some_or_error(_list_rows(rows, location.parent, kind), location)


def _some_or_error(listed: Listed, location: Path) -> Listed:
    if listed.entries or listed.skipped:
        return listed
    raise SourceError(
        f"expected audio files in {location}, found none; files that end in "
        f"{', '.join(sorted(AUDIO_ENDINGS))} are read"
    )


def _list_folder(folder: Path, kind: TrackKind) -> Listed:
    entries = [
        Entry(path.relative_to(folder).as_posix(), kind, path.stem, path)
        for path in audio_files(folder)
    ]
    return Listed(entries, [])


def audio_files(folder: Path) -> list[Path]:
    """Audio files below a folder, sorted; hidden and temporary ones and linked folders left out."""
    found: list[Path] = []
    for parent, folders, files in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(parent, name) for name in files if _is_audio(name)]
    return sorted((path for path in found if path.is_file()), key=lambda path: path.as_posix())


def _is_audio(name: str) -> bool:
    if name.startswith((".", "~")) or name.endswith(_TEMPORARY_ENDINGS):
        return False
    return Path(name).suffix.lower() in AUDIO_ENDINGS


def _list_rows(rows: Iterable[_Row | Skipped], folder: Path, kind: TrackKind) -> Listed:
    listed = Listed([], [])
    for row in rows:
        if isinstance(row, Skipped):
            listed.skipped.append(row)
            continue
        path = folder / row.path
        problem = _problem_with(path)
        if problem is not None:
            listed.skipped.append(Skipped(row.path, problem))
            continue
        listed.entries.append(
            Entry(
                source_key=row.path,
                kind=kind,
                raw_title=_raw_title(row, path),
                path=path,
                channel=row.channel,
                description=row.description,
                url=row.url,
                licence=row.licence,
            )
        )
    return listed


def _problem_with(path: Path) -> str | None:
    """Why a listed path cannot be taken, or None; whether it decodes is for `audio` to say."""
    try:
        if not path.exists():
            return f"expected a file at {path}, but nothing is there; correct the list"
        if not path.is_file():
            return f"expected an audio file at {path}, got a folder or device; list its files"
        if not os.access(path, os.R_OK):
            return f"the file {path} may not be read; change its permissions"
    except (OSError, ValueError) as problem:  # too long, or holds a NUL
        return f"not a path that this system can open: {problem}"
    return None


def _raw_title(row: _Row, path: Path) -> str:
    title = row.title or path.stem
    return f"{row.artist} - {title}" if row.artist and row.title else title


def _read_json(location: Path) -> list[_Row | Skipped]:
    try:
        items = json.loads(_text(location))
    except json.JSONDecodeError as problem:
        raise SourceError(
            f"expected a JSON list of objects with `path` and `title` in {location}, "
            f"got text that is not JSON: {problem}"
        ) from problem
    if not isinstance(items, list):
        raise SourceError(
            f"expected a JSON list of objects with `path` and `title` in {location}, "
            f"got {type(items).__name__}; put the objects in [ ]"
        )
    return [_row_of(item, number) for number, item in enumerate(items, start=1)]


def _row_of(item: object, number: int) -> _Row | Skipped:
    """A list's object as a row; what is not text is left out, a missing path sets it aside."""
    fields = item if isinstance(item, dict) else {}
    texts = {
        name: fields[name]
        for name in _Row.__dataclass_fields__
        if isinstance(fields.get(name), str) and fields[name].strip()
    }
    if "path" not in texts:
        return Skipped(f"item {number}", "expected an object with a `path` to an audio file")
    return _Row(**texts)


def _read_text(location: Path) -> list[_Row | Skipped]:
    rows: list[_Row | Skipped] = []
    for line in _text(location).splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        separator = "\t" if "\t" in line else "|"
        path, _, title = line.partition(separator)
        rows.append(_Row(path.strip(), title.strip() or None))
    return rows


def _text(location: Path) -> str:
    try:
        return location.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise SourceError(f"expected a readable UTF-8 text in {location}: {problem}") from problem


def list_multitracks(folder: Path) -> Listed:
    """Pairs of `NAME_vocals.*` and `NAME_instrumental.*` below a folder, sorted by name.

    Raises
    ------
    SourceError : where the folder does not exist or holds neither a pair nor a half of one
    """
    if not folder.is_dir():
        raise SourceError(f"expected a folder of multitracks at {folder}, but there is none")
    halves: dict[tuple[Path, str], dict[str, Path]] = {}
    for path in audio_files(folder):
        name, _, role = path.stem.rpartition("_")
        if name and role.lower() in _ROLES:
            halves.setdefault((path.parent, name), {}).setdefault(role.lower(), path)
    if not halves:
        raise SourceError(
            f"expected pairs like NAME_vocals.wav and NAME_instrumental.wav in {folder}, found none"
        )
    return _paired(folder, halves)


def _paired(folder: Path, halves: dict[tuple[Path, str], dict[str, Path]]) -> Listed:
    listed = Listed([], [])
    for (parent, name), roles in sorted(halves.items()):
        key = (parent / name).relative_to(folder).as_posix()
        missing = next((role for role in _ROLES if role not in roles), None)
        if missing is None:
            entry = Entry(key, TrackKind.MULTITRACK, name, roles["vocals"], roles["instrumental"])
            listed.entries.append(entry)
            continue
        (present,) = roles.values()
        reason = f"expected {name}_{missing}.* beside {present.name}, but it is not there"
        listed.skipped.append(Skipped(present.relative_to(folder).as_posix(), reason))
    return listed
