"""Compare what the snapshots promise with what the store holds; nothing is repaired."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from storage.errors import DamagedFileError, MissingFileError, SchemaMismatchError
from storage.ledger import Ledger
from storage.ranges import open_stored
from storage.shards import units_in
from storage.snapshots import ShardEntry, Snapshot, load_snapshot, snapshot_names
from storage.stores import Store
from storage.verify_files import Problem, check_files, check_ledger, check_records, check_units


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was compared, and what was found wrong."""

    snapshots: int
    shards: int
    examples: int  # of the newest snapshot
    units: int  # of the newest snapshot
    problems: tuple[Problem, ...]
    waiting: int = 0  # files that nothing needs, kept for a while (storage/retention.py)

    @property
    def ok(self) -> bool:
        return not self.problems

    def rows(self) -> list[dict[str, str]]:
        """Return the table of problems."""
        return [asdict(problem) for problem in self.problems]

    def headline(self) -> str:
        """Say in one line what was compared and found."""
        waiting = f"; {self.waiting} files wait to be deleted" if self.waiting else ""
        return (
            f"{self.snapshots} snapshots, {self.shards} shards, {self.units} units and "
            f"{self.examples} examples compared: {len(self.problems) or 'no'} problems{waiting}"
        )


def verify(store: Store, ledger: Ledger) -> VerifyReport:
    """Check every snapshot, each shard that one lists, and that the newest lists nothing twice.

    Of a shard's rows only the ids are read; its md5 is what the store reports, or is computed
    where the store is a folder. Files that nobody knows and files that the ledger believes in are
    reported too. Nothing is changed.
    """
    problems: list[Problem] = []
    names = snapshot_names(store)
    snapshots = [found for name in names if (found := _load(store, name, problems))]
    entries = {shard.key: shard for snapshot in snapshots for shard in snapshot.shards}
    whole = {key for key, shard in entries.items() if _is_whole(store, shard, problems)}
    newest = snapshots[0].shards if snapshots else ()
    contents = [_read_contents(store, shard, problems) for shard in newest if shard.key in whole]
    problems += _find_doubles(contents)
    problems += check_files(ledger, store, names, entries)
    published = {shard.key for shard in newest}
    held = {unit_key for content in contents for unit_key in content.units}
    problems += check_ledger(ledger, store, published)
    problems += check_units(ledger, held, published & whole)
    problems += check_records(store)
    return VerifyReport(
        snapshots=len(snapshots),
        shards=len(entries),
        examples=sum(shard.rows for shard in newest),
        units=len(held),
        problems=tuple(problems),
        waiting=len(ledger.trash.list()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Contents:
    """What a shard's footer and id column say."""

    key: str
    units: tuple[str, ...]
    ids: NDArray[np.uint64]  # hashes of the example ids


def _load(store: Store, name: str, problems: list[Problem]) -> Snapshot | None:
    try:
        return load_snapshot(store, name)
    except SchemaMismatchError as error:
        problems.append(Problem("format", name, str(error)))
    except (DamagedFileError, MissingFileError) as error:
        problems.append(Problem("damaged", name, str(error)))
    return None


def _is_whole(store: Store, shard: ShardEntry, problems: list[Problem]) -> bool:
    """Tell whether the store holds the shard with the size and md5 of its entry."""
    found = store.stat(shard.key, file_id=shard.file_id)
    if found is None:
        problems.append(Problem("missing", shard.key, "Restore it from a backup."))
        return False
    if (found.size, found.md5) == (shard.size, shard.md5):
        return True
    text = (
        f"expected {shard.size} bytes with md5 {shard.md5}, got {found.size} with {found.md5}. "
        "Restore it from a backup."
    )
    problems.append(Problem("damaged", shard.key, text))
    return False


def _read_contents(store: Store, shard: ShardEntry, problems: list[Problem]) -> _Contents:
    listed = [rows for run in shard.groups for rows in run.rows]
    try:
        with open_stored(store, shard) as file:
            units = tuple(unit.unit_key for unit in units_in(file.metadata, where=shard.key))
            ids = file.read(columns=["example_id"], use_threads=False).column(0).to_pylist()
            found = range(file.num_row_groups)
            groups = [file.metadata.row_group(number).num_rows for number in found]
    except DamagedFileError as error:
        problems.append(Problem("damaged", shard.key, str(error)))
        return _Contents(shard.key, (), _hash_all([]))
    if groups != listed:
        text = f"its snapshot entry says the row groups {listed}, it has {groups}"
        problems.append(Problem("damaged", shard.key, text))
    return _Contents(shard.key, units, _hash_all(ids))


def _find_doubles(contents: Sequence[_Contents]) -> Iterator[Problem]:
    """Report units that are in several shards, and shards that share example ids."""
    shards_of_unit = Counter(unit_key for content in contents for unit_key in content.units)
    for unit_key, times in shards_of_unit.items():
        if times > 1:
            yield Problem("doubled", unit_key, f"this unit is {times} times in the snapshot")
    every_id = np.concatenate([_hash_all([]), *(content.ids for content in contents)])
    ids, times_seen = np.unique(every_id, return_counts=True)
    for content in contents:
        doubled = np.count_nonzero(np.isin(content.ids, ids[times_seen > 1]))
        if doubled:
            text = f"{doubled} of its {len(content.ids)} example ids are not unique"
            yield Problem("doubled", content.key, text)


def _hash_all(ids: Iterable[str]) -> NDArray[np.uint64]:
    """Return 64 bits for each id: a million tracks then fit in memory."""
    digests = b"".join(hashlib.blake2b(name.encode(), digest_size=8).digest() for name in ids)
    return np.frombuffer(digests, np.uint64)
