"""Snapshots: immutable lists of all stored shards, and the only thing that readers trust.

A snapshot's name carries a number and the hash of its content, so that neither a half-written one
nor a changed one can be mistaken for it. Each lists everything, so readers need just one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from audio.params import PARAMS
from storage.errors import ChecksumError, DamagedFileError, MissingFileError
from storage.files import md5_bytes
from storage.ledger import Ledger
from storage.records import ShardRecord
from storage.schema import SCHEMA_VERSION, check_format
from storage.shards import GroupRun
from storage.stores import Store, Upload

logger = logging.getLogger(__name__)

SNAPSHOT_PREFIX = "snapshots/"
_NAME = re.compile(r"snapshots/(\d{6,})-([0-9a-f]{20})\.json")


@dataclass(frozen=True, slots=True)
class ShardEntry:
    """One shard of a snapshot: where it lies, what it must weigh, and what its row groups hold."""

    key: str
    file_id: str
    md5: str
    size: int
    rows: int
    groups: tuple[GroupRun, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a reader needs to know about the dataset at one moment."""

    name: str
    shards: tuple[ShardEntry, ...]

    @property
    def rows(self) -> int:
        return sum(shard.rows for shard in self.shards)

    def count(self) -> dict[tuple[str, str], int]:
        """Return the examples of each kind and split."""
        counted: Counter[tuple[str, str]] = Counter()
        for shard in self.shards:
            for run in shard.groups:
                counted[run.kind, run.split] += sum(run.rows)
        return dict(counted)


def is_snapshot_name(key: str) -> bool:
    """Tell whether a key is that of a snapshot."""
    return _NAME.fullmatch(key) is not None


def snapshot_names(store: Store) -> tuple[str, ...]:
    """Return the names of all snapshots in the store, newest first."""
    names = {file.key for file in store.list(SNAPSHOT_PREFIX) if is_snapshot_name(file.key)}
    return tuple(sorted(names, key=lambda name: (number_of(name), name), reverse=True))


def newest_snapshot(store: Store) -> Snapshot | None:
    """Return the newest snapshot that is whole, or None if the store has none.

    Raises
    ------
    SchemaMismatchError
        It was made with another schema version or other audio parameters.
    """
    for name in snapshot_names(store):
        try:
            return load_snapshot(store, name)
        except DamagedFileError as error:
            logger.warning("%s The one before it is used.", error)
    return None


def load_snapshot(store: Store, name: str) -> Snapshot:
    """Read one snapshot by name.

    Raises
    ------
    MissingFileError
        The store has no snapshot of that name.
    DamagedFileError
        Its content does not match the hash in its name.
    SchemaMismatchError
        It was made with another schema version or other audio parameters.
    """
    match = _NAME.fullmatch(name)
    if not match:
        raise MissingFileError(
            f"{name!r} is no snapshot name; expected one like "
            "snapshots/000001-0123456789abcdef0123.json. List them with `python -m flows verify`."
        )
    body = store.read_bytes(name)
    found = _short_hash(body)
    if found != match[2]:
        raise DamagedFileError(
            f"snapshot {name} was changed or is incomplete: its content has the hash {found}, "
            f"its name says {match[2]}. Delete it, or restore it from a backup."
        )
    return _parse(name, json.loads(body))


def compose(shards: Sequence[ShardRecord]) -> str:
    """Return the body of a snapshot of `shards`: the same text for the same shards."""
    entries = [asdict(_entry(shard)) for shard in shards]
    body = {
        "schema_version": SCHEMA_VERSION,
        "params": asdict(PARAMS),
        "params_digest": PARAMS.digest,
        "rows": sum(entry["rows"] for entry in entries),
        "shards": entries,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def name_snapshot(number: int, body: str) -> str:
    """Return the key of a snapshot: its number and the hash of its content."""
    return f"{SNAPSHOT_PREFIX}{number:06d}-{_short_hash(body.encode())}.json"


def number_of(name: str) -> int:
    """Return the number in a snapshot's name."""
    return int(name.removeprefix(SNAPSHOT_PREFIX).partition("-")[0])


def publish(ledger: Ledger, store: Store) -> str | None:
    """Write a snapshot of all stored shards if it says anything new; return the newest name.

    Snapshots that an earlier run numbered but could not write go first.

    Raises
    ------
    ChecksumError
        The store has other bytes than those that were sent.
    """
    ledger.snapshots.draft(compose, name_snapshot)
    for snapshot in ledger.snapshots.unpublished():
        data = (snapshot.body or "").encode()
        reserved = snapshot.file_id or store.reserve_id()
        file_id = ledger.snapshots.settle_file_id(snapshot.number, reserved)
        stored = store.write_bytes(snapshot.name, data, upload=Upload(file_id))
        if stored.md5 != md5_bytes(data):
            raise ChecksumError(f"{store.url} stored {snapshot.name} wrongly; run again")
        ledger.snapshots.set_published(snapshot.number)
        logger.info("published %s", snapshot.name)
    newest = ledger.snapshots.newest()
    return newest.name if newest else None


def _parse(name: str, body: dict[str, Any]) -> Snapshot:
    check_format(
        version=str(body["schema_version"]),
        digest=body["params_digest"],
        params=json.dumps(body["params"], sort_keys=True),
        where=f"snapshot {name}",
    )
    return Snapshot(name, tuple(_parse_entry(entry) for entry in body["shards"]))


def _parse_entry(entry: dict[str, Any]) -> ShardEntry:
    runs = (GroupRun(run["kind"], run["split"], tuple(run["rows"])) for run in entry["groups"])
    return ShardEntry(**{**entry, "groups": tuple(runs)})


def _entry(shard: ShardRecord) -> ShardEntry:
    if not (shard.key and shard.file_id and shard.md5 and shard.size and shard.rows):
        raise AssertionError(f"shard {shard.shard_id} is stored but incomplete: {shard}")
    runs = tuple(GroupRun(*run) for run in shard.groups)
    return ShardEntry(shard.key, shard.file_id, shard.md5, shard.size, shard.rows, runs)


def _short_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:20]
