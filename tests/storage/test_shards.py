from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage import shards
from storage.errors import DamagedFileError, ExampleError, SchemaMismatchError
from storage.schema import SCHEMA, SLICE_BYTES
from storage.shards import (
    DamagedPieceError,
    GroupRun,
    Piece,
    ShardUnit,
    build_shard,
    levels_of,
    open_parquet,
    piece_name,
    read_group,
    table_of,
    units_in,
    write_piece,
)
from tests.storage.examples import example, level_of, unit_examples, watched_memory


def _pieces(folder: Path, **rows: int) -> list[tuple[str, Path]]:
    """Write human pieces with so many rows each, and return what `build_shard` wants."""
    listed = [(unit, folder / piece_name(unit)) for unit in rows]
    for unit, path in listed:
        write_piece(path, unit_examples(unit, rows[unit]))
    return listed


def _ids(path: Path) -> list[str]:
    return [str(name) for name in pq.read_table(path, columns=["example_id"]).column(0).to_pylist()]


def test_a_piece_holds_all_rows_and_says_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "piece.parquet"
    piece = write_piece(path, unit_examples("u", 20, kind="made", split="test"))
    assert piece == Piece("made", "test", 20, path.stat().st_size)
    assert _ids(path) == [f"u/{n}" for n in range(20)]


def test_small_columns_come_back_as_they_went_in(tmp_path: Path) -> None:
    write_piece(tmp_path / "p", [example("u/3")])
    row = pq.read_table(tmp_path / "p").drop(["mashup", "voice", "bed"]).to_pylist()[0]
    assert row == {
        "example_id": "u/3",
        "kind": "human",
        "split": "train",
        "pair_id": "u",
        "mashup_id": "m:1",
        "voice_id": "v:u",
        "bed_id": "b:1",
        "slice": 3,
        "start_s": 15.0,
        "valid_frames": 200,
        "bpm": 120.0,
        "beats": [0.25, 0.75],
        "confidence": 0.5,
        "gain_db": -3.0,
        "voice_part": None,
        "bed_part": None,
    }


def test_levels_come_back_without_a_copy(tmp_path: Path) -> None:
    sent = [example("u/0", kind="song", noisy=True), example("u/1", kind="song", noisy=True)]
    table = table_of(sent)
    levels = levels_of(table.slice(1), "voice")
    assert levels is not None
    assert np.array_equal(levels[0], sent[1].voice)
    buffer = table.column("voice").chunk(0).buffers()[2]
    assert levels.__array_interface__["data"][0] == buffer.address + SLICE_BYTES


def test_levels_that_a_kind_lacks_are_none() -> None:
    assert levels_of(table_of([example(kind="song")]), "bed") is None


@pytest.mark.parametrize("rows", [[b"x" * SLICE_BYTES, b"short"], [b"x" * SLICE_BYTES, None]])
def test_levels_of_another_length_are_damage(rows: list[bytes | None]) -> None:
    with pytest.raises(DamagedFileError, match=f"not {SLICE_BYTES} bytes"):
        levels_of(pa.table({"bed": rows}), "bed")


def test_a_unit_has_one_kind_and_one_split(tmp_path: Path) -> None:
    mixed = [example("u/0", split="train"), example("u/1", split="test")]
    with pytest.raises(ExampleError, match=r"u/1 is \('human', 'test'\).*one kind and one split"):
        write_piece(tmp_path / "p", mixed)
    assert list(tmp_path.iterdir()) == []


def test_a_unit_has_no_example_twice(tmp_path: Path) -> None:
    with pytest.raises(ExampleError, match="two examples of one unit are called 'u/0'"):
        write_piece(tmp_path / "p", [example("u/0"), example("u/0")])


def test_a_unit_without_examples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExampleError, match="no examples for p: a unit needs at least one slice"):
        write_piece(tmp_path / "p", [])


def test_writing_takes_a_few_examples_at_a_time(tmp_path: Path) -> None:
    with watched_memory() as pool:
        write_piece(tmp_path / "p", unit_examples("u", 60, noisy=True))
        assert pool.max_memory() < 2 * shards.PIECE_BATCH_ROWS * 3 * SLICE_BYTES


def test_building_a_shard_holds_a_few_row_groups_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "GROUP_RAW_BYTES", 4 * 3 * SLICE_BYTES)  # four human rows
    pieces = [(f"u{n}", tmp_path / f"u{n}") for n in range(15)]
    for unit, path in pieces:
        write_piece(path, unit_examples(unit, 4, noisy=True))
    with watched_memory() as pool:
        build_shard(tmp_path / "s", pieces)
        assert pool.max_memory() < 5 * shards.GROUP_RAW_BYTES  # a third of all


def test_a_shard_holds_all_pieces_in_even_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "GROUP_RAW_BYTES", 4 * 3 * SLICE_BYTES)  # four human rows
    runs = build_shard(tmp_path / "s", _pieces(tmp_path, a=3, b=2, c=5))
    assert runs == (GroupRun("human", "train", (4, 4, 2)),)
    assert _ids(tmp_path / "s") == [
        f"{u}/{n}" for u, k in (("a", 3), ("b", 2), ("c", 5)) for n in range(k)
    ]
    with open_parquet(tmp_path / "s") as file:
        groups = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert groups == [4, 4, 2]


def test_a_row_group_holds_one_kind_and_one_split(tmp_path: Path) -> None:
    kinds = {"a": ("human", "test"), "b": ("human", "train"), "c": ("human", "train")}
    for unit, (kind, split) in (kinds | {"d": ("song", "train")}).items():
        write_piece(tmp_path / unit, unit_examples(unit, 2, kind=kind, split=split))
    runs = build_shard(tmp_path / "s", [(unit, tmp_path / unit) for unit in "abcd"])
    assert runs == (
        GroupRun("human", "test", (2,)),
        GroupRun("human", "train", (4,)),
        GroupRun("song", "train", (2,)),
    )


def test_a_shard_keeps_every_level(tmp_path: Path) -> None:
    write_piece(tmp_path / "p", unit_examples("u", 9, kind="made", noisy=True))
    build_shard(tmp_path / "s", [("u", tmp_path / "p")])
    assert pq.read_table(tmp_path / "s").equals(pq.read_table(tmp_path / "p"))


def test_a_shard_lists_its_units(tmp_path: Path) -> None:
    build_shard(tmp_path / "s", _pieces(tmp_path, a=3, b=1))
    with open_parquet(tmp_path / "s") as file:
        units = units_in(file.metadata, where="s")
    assert units == (ShardUnit("a", "human", "train", 3), ShardUnit("b", "human", "train", 1))


def test_a_piece_is_no_shard(tmp_path: Path) -> None:
    write_piece(tmp_path / "p", [example()])
    with (
        open_parquet(tmp_path / "p") as file,
        pytest.raises(DamagedFileError, match="it is a piece, not a shard"),
    ):
        units_in(file.metadata, where="p")


def test_columns_keep_their_descriptions_in_the_file(tmp_path: Path) -> None:
    build_shard(tmp_path / "s", _pieces(tmp_path, a=1))
    with open_parquet(tmp_path / "s") as file:
        stored = {field.name: field.metadata[b"description"] for field in file.schema_arrow}
    assert stored == {field.name: field.metadata[b"description"] for field in SCHEMA}


def test_a_missing_piece_names_its_unit_and_leaves_no_shard(tmp_path: Path) -> None:
    pieces = _pieces(tmp_path, a=1, b=1)
    pieces[1][1].unlink()
    with pytest.raises(DamagedPieceError, match="piece of b cannot be read") as caught:
        build_shard(tmp_path / "spool" / "s", pieces)
    assert caught.value.unit_key == "b"
    assert list((tmp_path / "spool").iterdir()) == []


@pytest.mark.parametrize("damage", [b"", b"PAR1 no parquet PAR1"])
def test_a_file_that_is_no_parquet_is_damage(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "s").write_bytes(damage)
    with pytest.raises(DamagedFileError, match="no readable Parquet file"):
        open_parquet(tmp_path / "s")


def test_one_flipped_bit_in_a_row_group_is_damage(tmp_path: Path) -> None:
    write_piece(tmp_path / "p", [example("u/0", noisy=True)])
    build_shard(tmp_path / "s", [("u", tmp_path / "p")])
    data = bytearray((tmp_path / "s").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "s").write_bytes(data)
    with open_parquet(tmp_path / "s") as file, pytest.raises(DamagedFileError, match="row group 0"):
        read_group(file, 0, SCHEMA.names)


def test_a_file_with_other_audio_parameters_is_refused(tmp_path: Path) -> None:
    footer = {**SCHEMA.metadata, b"mashup.params_digest": b"0123"}
    pq.write_table(table_of([example()]).replace_schema_metadata(footer), tmp_path / "s")
    with pytest.raises(SchemaMismatchError, match="audio parameters 0123"):
        open_parquet(tmp_path / "s")


def test_flat_levels_are_what_the_helper_says() -> None:
    assert np.unique(example("u/7").voice).tolist() == [level_of("u/7", "voice")]
