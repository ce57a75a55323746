"""Shards are plain Parquet: whoever has another tool reads the levels as they lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset
import pytest

from storage.schema import LEVELS_OF_KIND, SCHEMA, SLICE_SHAPE, SMALL_COLUMNS, Example
from storage.shards import build_shard, write_piece
from tests.storage.examples import unit_examples

ROWS = 5


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold rows of two kinds, so that some columns are null in some row groups."""
    folder = tmp_path_factory.mktemp("shard")
    for kind in ("made", "song"):
        write_piece(folder / kind, unit_examples(kind, ROWS, kind=kind, noisy=True))
    build_shard(folder / "shard.parquet", [(kind, folder / kind) for kind in ("made", "song")])
    return folder / "shard.parquet"


def _by_arrow(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pyarrow.dataset.dataset(path).to_table().to_pylist()
    return rows


def _by_duckdb(path: Path) -> list[dict[str, Any]]:
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed")
    with duckdb.connect() as connection:
        found = connection.execute("select * from read_parquet(?)", [str(path)])
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _by_polars(path: Path) -> list[dict[str, Any]]:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    rows: list[dict[str, Any]] = polars.read_parquet(path).to_dicts()
    return rows


def _by_datasets(path: Path) -> list[dict[str, Any]]:
    datasets = pytest.importorskip("datasets", reason="HF datasets is not installed")
    cache = str(path.parent / "hf")
    return list(
        datasets.load_dataset(
            "parquet", data_files=str(path), split="train", streaming=True, cache_dir=cache
        )
    )


@pytest.mark.parametrize("read", [_by_arrow, _by_duckdb, _by_polars, _by_datasets])
def test_another_tool_reads_every_column_of_every_row(shard: Path, read: Any) -> None:
    rows = read(shard)
    expected = [*unit_examples("made", ROWS, kind="made", noisy=True)]
    expected += unit_examples("song", ROWS, kind="song", noisy=True)
    assert [list(row) for row in rows] == [SCHEMA.names] * 2 * ROWS
    for row, example in zip(rows, expected, strict=True):
        assert {name: _plain(row[name]) for name in SMALL_COLUMNS} == _small(example)
        for name in LEVELS_OF_KIND["made"]:
            assert _same_levels(row[name], getattr(example, name))


def _small(example: Example) -> dict[str, Any]:
    return {name: _plain(getattr(example, name)) for name in SMALL_COLUMNS}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _same_levels(found: bytes | None, expected: Any) -> bool:
    if found is None or expected is None:
        return found is expected
    return np.array_equal(np.frombuffer(found, np.uint8).reshape(SLICE_SHAPE), expected)
