"""Parquet on the local disk: pieces (one track's rows), shards (many pieces), and their row groups.

A piece is written once by the task that prepares a track, uncompressed because it lives for
minutes. A shard copies pieces into row groups that hold one kind and one split each, so that a
reader can choose rows by choosing row groups.

Encodings were measured on 98 slices of real music, one core, levels as stored: zstd-1 keeps 0.651
of the bytes, writes 390 and reads 735 MB/s; zstd-3 0.646, 191, 623; lz4 0.771, 759, 2380; none
1, 1388, 2791. Differences along frequency would save 14 % more, but then no other tool could read
the levels as they lie.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from storage.errors import DamagedFileError, ExampleError
from storage.files import atomic_path
from storage.schema import (
    LEVEL_COLUMNS,
    LEVELS_OF_KIND,
    SCHEMA,
    SLICE_BYTES,
    SLICE_SHAPE,
    SMALL_COLUMNS,
    Example,
    Levels,
    check_footer,
)

GROUP_RAW_BYTES = 12 << 20  # levels in a row group before compression: about 8 MB on the disk
PIECE_BATCH_ROWS = 8  # rows in memory while a piece is written

_UNITS_KEY = "mashup.units"
_DICTIONARY_COLUMNS = ["kind", "split", "pair_id", "mashup_id", "voice_id", "bed_id"]
_ENCODING: Mapping[str, object] = {
    "use_dictionary": _DICTIONARY_COLUMNS,
    "write_statistics": list(SMALL_COLUMNS),
    "write_page_checksum": True,  # a flipped bit is noticed at every reading
}


@dataclass(frozen=True, slots=True)
class Piece:
    """What one piece holds."""

    kind: str
    split: str
    rows: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ShardUnit:
    """One unit inside a shard, as the shard's footer lists it."""

    unit_key: str
    kind: str
    split: str
    rows: int


@dataclass(frozen=True, slots=True)
class GroupRun:
    """Consecutive row groups of one kind and split; `rows` counts each group's rows."""

    kind: str
    split: str
    rows: tuple[int, ...]


class DamagedPieceError(DamagedFileError):
    """A piece is missing or cannot be read; its unit must be prepared again."""

    def __init__(self, unit_key: str, reason: object) -> None:
        super().__init__(f"the piece of {unit_key} cannot be read: {reason}")
        self.unit_key = unit_key


def piece_name(unit_key: str) -> str:
    """Return the file name of a unit's piece: the same for the same unit, safe everywhere."""
    return f"{hashlib.sha256(unit_key.encode()).hexdigest()[:32]}.parquet"


def write_piece(path: Path, examples: Iterable[Example]) -> Piece:
    """Write the examples of one unit to `path`, whole or not at all, a few rows at a time.

    Raises
    ------
    ExampleError
        There are no examples, or they differ in kind or split, or two have one id.
    DiskFullError
        The disk is full; nothing was left behind.
    """
    rows = _checked(examples)
    first = next(rows, None)
    if first is None:
        raise ExampleError(f"no examples for {path.name}: a unit needs at least one slice")
    count = 0
    with atomic_path(path) as temp:
        with pq.ParquetWriter(temp, SCHEMA, compression="none", **_ENCODING) as writer:
            batch = [first, *islice(rows, PIECE_BATCH_ROWS - 1)]
            while batch:
                writer.write_table(table_of(batch))
                count += len(batch)
                batch = list(islice(rows, PIECE_BATCH_ROWS))
        size = temp.stat().st_size
    return Piece(first.kind, first.split, count, size)


def build_shard(path: Path, pieces: Sequence[tuple[str, Path]]) -> tuple[GroupRun, ...]:
    """Copy pieces, given as (unit key, path) and ordered by kind and split, into one shard.

    Memory stays at a few row groups however many pieces there are.

    Raises
    ------
    DamagedPieceError
        A piece is missing or unreadable; it names the unit.
    DiskFullError
        The disk is full; nothing was left behind.
    """
    units: list[ShardUnit] = []
    return write_shard(path, _read_pieces(pieces, units), units)


def write_shard(
    path: Path, tables: Iterable[pa.Table], units: Sequence[ShardUnit]
) -> tuple[GroupRun, ...]:
    """Write one shard from tables that are ordered by kind and split, whole or not at all.

    `units` are the units in their order; it may fill while `tables` is read.

    Raises
    ------
    DiskFullError
        The disk is full; nothing was left behind.
    """
    groups: list[tuple[str, str, int]] = []
    with (
        atomic_path(path) as temp,
        pq.ParquetWriter(
            temp, SCHEMA, compression="zstd", compression_level=1, **_ENCODING
        ) as writer,
    ):
        for group in _regroup(tables):
            writer.write_table(group, row_group_size=group.num_rows)
            groups.append((*_kind_and_split(group), group.num_rows))
        listed = [[unit.unit_key, unit.kind, unit.split, unit.rows] for unit in units]
        writer.add_key_value_metadata({_UNITS_KEY: json.dumps(listed)})
    return runs_of(groups)


def runs_of(groups: Iterable[tuple[str, str, int]]) -> tuple[GroupRun, ...]:
    """Fold (kind, split, rows) of consecutive row groups into runs."""
    return tuple(
        GroupRun(kind, split, tuple(rows for *_, rows in members))
        for (kind, split), members in groupby(groups, key=lambda group: group[:2])
    )


def units_in(metadata: pq.FileMetaData, *, where: str) -> tuple[ShardUnit, ...]:
    """Return the units that a shard's footer lists."""
    check_footer(metadata.metadata, where=where)
    listed = (metadata.metadata or {}).get(_UNITS_KEY.encode())
    if listed is None:
        raise DamagedFileError(f"{where} lists no units: it is a piece, not a shard")
    return tuple(ShardUnit(*unit) for unit in json.loads(listed))


def open_parquet(path: Path, *, verify_pages: bool = True) -> pq.ParquetFile:
    """Open a piece or shard; refuse what is damaged or of another format.

    Parameters
    ----------
    verify_pages
        Compare the checksum of every page that is read: a seventh of the reading time.

    Raises
    ------
    DamagedFileError
        The file is no Parquet file, or its footer is broken.
    SchemaMismatchError
        It was written with another schema version or other audio parameters.
    """
    try:
        file = pq.ParquetFile(path, page_checksum_verification=verify_pages)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise DamagedFileError(f"{path} is no readable Parquet file: {error}") from error
    try:
        check_footer(file.metadata.metadata, where=str(path))
    except Exception:
        file.close()
        raise
    return file


def read_group(file: pq.ParquetFile, group: int, columns: Sequence[str]) -> pa.Table:
    """Read some columns of one row group; `DamagedFileError` where its bytes are broken."""
    try:
        return file.read_row_group(group, columns=list(columns), use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise DamagedFileError(f"row group {group} cannot be read: {error}") from error


def table_of(examples: Sequence[Example]) -> pa.Table:
    """Return examples of one kind as a table of `SCHEMA`."""
    columns = [
        _levels_array([getattr(example, field.name) for example in examples])
        if field.name in LEVEL_COLUMNS
        else pa.array([getattr(example, field.name) for example in examples], field.type)
        for field in SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def levels_of(table: pa.Table, name: str) -> Levels | None:
    """View a level column as `(rows, 256, 1025)` without copying it; None where it is null.

    Raises
    ------
    DamagedFileError
        A row is null where others are not, or has another length.
    """
    column = table.column(name)
    if column.null_count == len(column):
        return None
    views = [_view(chunk, name) for chunk in column.chunks if len(chunk)]
    return views[0] if len(views) == 1 else np.concatenate(views)


def _view(chunk: pa.BinaryArray, name: str) -> Levels:
    _, offset_buffer, data = chunk.buffers()
    offsets: NDArray[np.int32] = np.frombuffer(offset_buffer, np.int32)
    offsets = offsets[chunk.offset : chunk.offset + len(chunk) + 1]
    if chunk.null_count or np.any(np.diff(offsets) != SLICE_BYTES):
        raise DamagedFileError(f"column {name} holds rows that are not {SLICE_BYTES} bytes long")
    flat: Levels = np.frombuffer(data, np.uint8, len(chunk) * SLICE_BYTES, int(offsets[0]))
    return flat.reshape(len(chunk), *SLICE_SHAPE)


def _levels_array(levels: Sequence[Levels | None]) -> pa.BinaryArray:
    """Pack equally long levels behind computed offsets: no Python object per row."""
    present = [rows for rows in levels if rows is not None]
    if not present:
        return pa.nulls(len(levels), pa.binary())
    offsets = np.arange(len(present) + 1, dtype=np.int32) * SLICE_BYTES
    data = np.ascontiguousarray(np.stack(present))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.BinaryArray.from_buffers(pa.binary(), len(present), buffers)


def _checked(examples: Iterable[Example]) -> Iterator[Example]:
    """Pass examples on while they share kind and split and their ids differ."""
    seen: set[str] = set()
    expected: tuple[str, str] | None = None
    for example in examples:
        found = (example.kind, example.split)
        expected = expected or found
        if found != expected:
            raise ExampleError(
                f"{example.example_id} is {found}, the examples before it are {expected}: "
                "a unit holds one kind and one split"
            )
        if example.example_id in seen:
            raise ExampleError(f"two examples of one unit are called {example.example_id!r}")
        seen.add(example.example_id)
        yield example


def _read_pieces(pieces: Sequence[tuple[str, Path]], units: list[ShardUnit]) -> Iterator[pa.Table]:
    """Yield the row groups of all pieces, and append each unit to `units` as it passes."""
    for unit_key, path in pieces:
        try:
            with open_parquet(path) as file:
                for group in range(file.num_row_groups):
                    table = read_group(file, group, SCHEMA.names)
                    yield table
                units.append(ShardUnit(unit_key, *_kind_and_split(table), file.metadata.num_rows))
        except (FileNotFoundError, DamagedFileError) as error:
            raise DamagedPieceError(unit_key, error) from error


def _regroup(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Cut a stream of tables into row groups of one kind and split and of even size."""
    for (kind, _), members in groupby(tables, key=_kind_and_split):
        limit = GROUP_RAW_BYTES // (SLICE_BYTES * len(LEVELS_OF_KIND[kind]))
        held: list[pa.Table] = []
        for table in members:
            held.append(table)
            while sum(part.num_rows for part in held) >= limit:
                joined = pa.concat_tables(held)
                yield joined.slice(0, limit)
                rest = joined.slice(limit)
                held = [rest] if rest.num_rows else []
        if held:
            yield pa.concat_tables(held)


def _kind_and_split(table: pa.Table) -> tuple[str, str]:
    return table.column("kind")[0].as_py(), table.column("split")[0].as_py()
