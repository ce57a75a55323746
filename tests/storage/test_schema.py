from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from audio.params import PARAMS
from storage.errors import ExampleError, SchemaMismatchError
from storage.schema import (
    COLUMNS,
    FOOTER,
    LEVEL_COLUMNS,
    LEVELS_OF_KIND,
    SCHEMA,
    SMALL_COLUMNS,
    Example,
    check_footer,
)
from tests.storage.examples import example, flat


def test_every_column_has_a_description_of_its_own() -> None:
    descriptions = [field.metadata[b"description"].decode() for field in SCHEMA]
    assert all(len(text) > 15 and text.endswith(".") for text in descriptions)
    assert len(set(descriptions)) == len(COLUMNS) == len(SCHEMA)


def test_an_example_has_exactly_the_columns() -> None:
    assert {field.name for field in fields(Example)} == {column.name for column in COLUMNS}
    assert set(SMALL_COLUMNS) | set(LEVEL_COLUMNS) == set(SCHEMA.names)


def test_only_columns_that_every_kind_has_forbid_nulls() -> None:
    required = {column.name for column in COLUMNS if not column.nullable}
    assert required & set(LEVEL_COLUMNS) == set.intersection(*map(set, LEVELS_OF_KIND.values()))


@pytest.mark.parametrize("kind", sorted(LEVELS_OF_KIND))
def test_a_valid_example_of_each_kind_is_accepted(kind: str) -> None:
    assert example(kind=kind).kind == kind


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "dance"}, "kind must be one of human, made, song; got 'dance'"),
        ({"split": "dev"}, "split must be one of train, valid, test, mixed; got 'dev'"),
        ({"voice_id": ""}, "voice_id must not be empty"),
        ({"bed_id": None}, "a human example needs pair_id, mashup_id and bed_id"),
        ({"slice": -1}, "slice and start_s must be >= 0"),
        ({"start_s": float("nan")}, "slice and start_s must be >= 0"),
        ({"valid_frames": 257}, "valid_frames must be 1..256; got 257"),
        ({"confidence": 1.5}, "confidence must be 0..1"),
        ({"beats": (float("inf"),)}, "beats must be finite"),
        ({"mashup": None}, "a human example needs mashup levels"),
        ({"voice_part": flat(1)}, "a human example has no voice_part levels"),
        ({"bed": flat(1).astype(np.float32)}, "bed must be uint8 .*; got float32"),
        ({"voice": flat(1)[:100]}, r"voice must be uint8 \(256, 1025\); got uint8 \(100, 1025\)"),
    ],
)
def test_an_example_that_breaks_a_rule_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ExampleError, match=message):
        replace(example(), **change)


def test_a_song_belongs_to_no_pair() -> None:
    with pytest.raises(ExampleError, match="a song has no pair_id, mashup_id or bed_id"):
        replace(example(kind="song"), pair_id="p:1")


def test_our_own_footer_is_accepted() -> None:
    check_footer(SCHEMA.metadata, where="ours")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("mashup.schema_version", "old.parquet has schema version 99; this program reads 1"),
        ("mashup.params_digest", f"audio parameters 99 .*this program has {PARAMS.digest}"),
    ],
)
def test_another_format_is_refused_with_both_values(key: str, message: str) -> None:
    footer = {name.encode(): value.encode() for name, value in FOOTER.items()}
    with pytest.raises(SchemaMismatchError, match=message):
        check_footer({**footer, key.encode(): b"99"}, where="old.parquet")


def test_a_foreign_file_is_refused() -> None:
    with pytest.raises(SchemaMismatchError, match="schema version none"):
        check_footer(None, where="foreign.parquet")
