"""Several shards into one: their units in the order of a new shard, their rows untouched.

Each shard holds its units in the order (kind, split, unit key), so that merging streams them like
sorted runs: of each shard a row group or two is in memory.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from storage.errors import DamagedFileError
from storage.schema import SCHEMA
from storage.shards import (
    GroupRun,
    ShardUnit,
    open_parquet,
    read_group,
    units_in,
    write_shard,
)


def merge_shards(
    path: Path, parts: Sequence[Path], expected: Sequence[str]
) -> tuple[GroupRun, ...]:
    """Write one shard that holds the units of `parts`, which must be `expected`, in that order.

    Raises
    ------
    DamagedFileError
        A part cannot be read, or the parts hold other units than expected.
    DiskFullError
        The disk is full; nothing was left behind.
    """
    units: list[ShardUnit] = []
    with ExitStack() as stack:
        runs = [_Run(stack.enter_context(open_parquet(part)), part.name) for part in parts]
        merged = heapq.merge(*runs, key=lambda each: each.order)
        return write_shard(path, _tables(merged, units, expected), units)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one unit, or a part of them."""

    unit: ShardUnit
    table: pa.Table
    is_last: bool

    @property
    def order(self) -> tuple[str, str, str]:
        return self.unit.kind, self.unit.split, self.unit.unit_key


class _Run:
    """The units of one shard, one after another."""

    def __init__(self, file: pq.ParquetFile, name: str) -> None:
        self._file, self._name = file, name

    def __iter__(self) -> Iterator[_Rows]:
        waiting = deque(units_in(self._file.metadata, where=self._name))
        missing = waiting[0].rows if waiting else 0
        for group in range(self._file.num_row_groups):
            table = read_group(self._file, group, SCHEMA.names)
            while table.num_rows and waiting:
                taken = min(missing, table.num_rows)
                missing -= taken
                yield _Rows(waiting[0], table.slice(0, taken), is_last=not missing)
                table = table.slice(taken)
                if not missing:
                    waiting.popleft()
                    missing = waiting[0].rows if waiting else 0
        if waiting:
            raise DamagedFileError(f"{self._name} has fewer rows than its footer lists")


def _tables(
    merged: Iterator[_Rows], units: list[ShardUnit], expected: Sequence[str]
) -> Iterator[pa.Table]:
    """Yield tables as they come, and append each unit to `units` when it is complete."""
    for rows in merged:
        yield rows.table
        if rows.is_last:
            units.append(rows.unit)
    found = [unit.unit_key for unit in units]
    if found != list(expected):
        raise DamagedFileError(
            f"the parts of a merge hold {len(found)} units, the ledger expects {len(expected)}: "
            "run `python -m flows verify`"
        )
