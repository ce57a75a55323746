"""The Parquet schema of an example: each column once, with its meaning, and its footer's guard.

Nothing is read or written here; `storage/shards.py` does that.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audio.params import PARAMS
from storage.errors import ExampleError, SchemaMismatchError

SCHEMA_VERSION = 1
SLICE_SHAPE = (PARAMS.slice_frames, PARAMS.n_bins)
SLICE_BYTES = PARAMS.slice_frames * PARAMS.n_bins

Levels = NDArray[np.uint8]  # (256 frames, 1025 bins) log-magnitude levels of audio/params.py

KINDS = ("human", "made", "song")
SPLITS = ("train", "valid", "test", "mixed")
LEVEL_COLUMNS = ("mashup", "voice", "bed", "voice_part", "bed_part")
LEVELS_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "human": ("mashup", "voice", "bed"),
    "made": LEVEL_COLUMNS,
    "song": ("voice",),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its Parquet type, and its meaning in words."""

    name: str
    type: pa.DataType
    description: str
    nullable: bool = False


COLUMNS = (
    Column("example_id", pa.string(), "Unique name of this row in the whole dataset."),
    Column(
        "kind",
        pa.string(),
        "human: a mashup found, songs located in it by ear; made: mixed from multitracks, "
        "targets exact; song: one song alone, for pretraining.",
    ),
    Column(
        "split",
        pa.string(),
        "train, valid or test, a function of the songs; mixed: songs of different splits, unused.",
    ),
    Column("pair_id", pa.string(), "The mashup with its two songs; null for a song.", True),
    Column("mashup_id", pa.string(), "Track id of the mashup; null for a song.", True),
    Column("voice_id", pa.string(), "Track id of the song that sings, or of the song alone."),
    Column("bed_id", pa.string(), "Track id of the song that plays; null for a song.", True),
    Column("slice", pa.int32(), "Position of this slice in its track, from 0."),
    Column("start_s", pa.float64(), "Seconds from the start of the excerpt to the first frame."),
    Column("valid_frames", pa.int32(), "Frames that hold sound; those after are padding, level 0."),
    Column("bpm", pa.float32(), "Tempo of the mashup or song in beats a minute.", True),
    Column("beats", pa.list_(pa.float32()), "Seconds of the beats, from the start of the slice."),
    Column(
        "confidence",
        pa.float32(),
        "0 to 1: how sure it is that voice and bed are aligned with the mashup; 1 if made or song.",
    ),
    Column(
        "gain_db",
        pa.float32(),
        "Decibels added to the excerpt before its levels were taken, to reach equal loudness.",
    ),
    Column("mashup", pa.binary(), "Levels of the mashup; null for a song.", True),
    Column(
        "voice",
        pa.binary(),
        "Levels of the song that sings, stretched and transposed onto the mashup's timeline.",
    ),
    Column(
        "bed",
        pa.binary(),
        "Levels of the song that plays, on the mashup's timeline; null for a song.",
        True,
    ),
    Column(
        "voice_part",
        pa.binary(),
        "Made only: levels of the share of the voice song that is in the mashup, phase-sensitive.",
        True,
    ),
    Column(
        "bed_part",
        pa.binary(),
        "Made only: levels of the share of the bed song that is in the mashup, phase-sensitive.",
        True,
    ),
)

SMALL_COLUMNS = tuple(column.name for column in COLUMNS if column.name not in LEVEL_COLUMNS)

_VERSION_KEY = "mashup.schema_version"
_PARAMS_KEY = "mashup.spectrogram_params"
_DIGEST_KEY = "mashup.params_digest"

FOOTER: Mapping[str, str] = {
    _VERSION_KEY: str(SCHEMA_VERSION),
    _PARAMS_KEY: json.dumps(asdict(PARAMS), sort_keys=True),
    _DIGEST_KEY: PARAMS.digest,
}

SCHEMA = pa.schema(
    [
        pa.field(
            column.name,
            column.type,
            nullable=column.nullable,
            metadata={"description": column.description},
        )
        for column in COLUMNS
    ],
    metadata=dict(FOOTER),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Example:
    """One row: a slice of a mashup with its two songs, or of a song alone.

    The columns of the same names say what each field means. Levels are uint8 arrays
    `(256 frames, 1025 bins)`.

    Raises
    ------
    ExampleError
        A field breaks a rule of its column, or the kind needs levels that are missing.
    """

    example_id: str
    kind: str
    split: str
    voice_id: str
    slice: int
    start_s: float
    valid_frames: int
    voice: Levels
    confidence: float = 1.0
    gain_db: float = 0.0
    bpm: float | None = None
    beats: tuple[float, ...] = ()
    pair_id: str | None = None
    mashup_id: str | None = None
    bed_id: str | None = None
    mashup: Levels | None = None
    bed: Levels | None = None
    voice_part: Levels | None = None
    bed_part: Levels | None = None

    def __post_init__(self) -> None:
        for check in (_name_fault, _number_fault, _levels_fault):
            if fault := check(self):
                raise ExampleError(f"bad example {self.example_id!r}: {fault}")


def check_footer(metadata: Mapping[bytes, bytes] | None, *, where: str) -> None:
    """Refuse a file of another schema version or of other audio parameters.

    Raises
    ------
    SchemaMismatchError
        With both values, and what to do.
    """
    found = {key.decode(): value.decode() for key, value in (metadata or {}).items()}
    check_format(
        version=found.get(_VERSION_KEY, "none"),
        digest=found.get(_DIGEST_KEY, "none"),
        params=found.get(_PARAMS_KEY, "none"),
        where=where,
    )


def check_format(*, version: str, digest: str, params: str, where: str) -> None:
    """Compare a schema version and parameter digest with this program's; see `check_footer`."""
    if version != FOOTER[_VERSION_KEY]:
        raise SchemaMismatchError(
            f"{where} has schema version {version}; this program reads {SCHEMA_VERSION}. "
            "Use the version of Song Masher that wrote it, or ingest again into another store."
        )
    if digest != FOOTER[_DIGEST_KEY]:
        raise SchemaMismatchError(
            f"{where} was made with audio parameters {digest} ({params}); this program has "
            f"{PARAMS.digest} ({FOOTER[_PARAMS_KEY]}). Restore those numbers in audio/params.py, "
            "or ingest again into another store."
        )


def _name_fault(example: Example) -> str | None:
    if example.kind not in KINDS:
        return f"kind must be one of {', '.join(KINDS)}; got {example.kind!r}"
    if example.split not in SPLITS:
        return f"split must be one of {', '.join(SPLITS)}; got {example.split!r}"
    if not (example.example_id and example.voice_id):
        return "example_id and voice_id must not be empty"
    ids = (example.pair_id, example.mashup_id, example.bed_id)
    if example.kind != "song" and not all(ids):
        return f"a {example.kind} example needs pair_id, mashup_id and bed_id; got {ids}"
    if example.kind == "song" and any(ids):
        return f"a song has no pair_id, mashup_id or bed_id; got {ids}"
    return None


def _number_fault(example: Example) -> str | None:
    if example.slice < 0 or not 0 <= example.start_s < math.inf:
        return f"slice and start_s must be >= 0; got {example.slice} and {example.start_s}"
    if not 1 <= example.valid_frames <= PARAMS.slice_frames:
        return f"valid_frames must be 1..{PARAMS.slice_frames}; got {example.valid_frames}"
    if not 0 <= example.confidence <= 1:
        return f"confidence must be 0..1; got {example.confidence}"
    if not all(map(math.isfinite, (example.gain_db, example.bpm or 0.0, *example.beats))):
        return f"gain_db, bpm and beats must be finite; got {example.gain_db} and {example.bpm}"
    return None


def _levels_fault(example: Example) -> str | None:
    for name in LEVEL_COLUMNS:
        levels: Levels | None = getattr(example, name)
        needed = name in LEVELS_OF_KIND[example.kind]
        if needed != (levels is not None):
            return f"a {example.kind} example {'needs' if needed else 'has no'} {name} levels"
        if levels is not None and (levels.dtype != np.uint8 or levels.shape != SLICE_SHAPE):
            return f"{name} must be uint8 {SLICE_SHAPE}; got {levels.dtype} {levels.shape}"
    return None
