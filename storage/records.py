"""What the ledger remembers, one small record per table row; plain values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

Json = Mapping[str, Any]


def utc_now() -> datetime:
    """Return the present moment with its time zone."""
    return datetime.now(UTC)


class TrackState(StrEnum):
    """How far a recording came."""

    KNOWN = "known"  # named, its audio not kept yet
    KEPT = "kept"  # its two minutes lie in the store
    SET_ASIDE = "set_aside"  # with a reason
    UNWANTED = "unwanted"  # filters refused it; looked at again when they change


class PairState(StrEnum):
    """How far a mashup with its two songs came."""

    MATCHED = "matched"  # by name; the ears have not listened yet
    LOCATED = "located"  # both songs found in the mashup
    UNVERIFIED = "unverified"  # not found by the ears of `ear_version`; kept out of training
    SET_ASIDE = "set_aside"  # with a reason


class ReviewState(StrEnum):
    """What a person said to a question about a mashup's songs."""

    OPEN = "open"  # nobody answered yet
    ACCEPTED = "accepted"  # one of the proposals is right
    REJECTED = "rejected"  # all that was proposed is wrong; other proposals may come
    NONE = "none"  # no songs can be named: the mashup is set aside


class UnitState(StrEnum):
    """How far the examples of one unit came."""

    PREPARED = "prepared"  # its piece lies in the work folder
    PLANNED = "planned"  # it belongs to a shard that is not stored yet
    STORED = "stored"  # its shard lies in the store
    MISSING = "missing"  # its piece was lost; it must be prepared again


class ShardState(StrEnum):
    """How far a shard came."""

    PLANNED = "planned"  # its units are chosen
    BUILT = "built"  # its file lies in the spool
    STORED = "stored"  # its file lies in the store, md5 compared
    MERGED = "merged"  # a larger shard holds its units; its file goes after a delay


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """A recording; `source` is where it came from (path or URL), `source_key` its name there.

    `raw_title`, `channel` and `description` are what the source says, word for word: titles are
    read again when the reading gets better.
    """

    track_id: str
    kind: str
    artist: str | None
    title: str | None
    song_key: str
    source_key: str
    source: str
    raw_title: str = ""
    companion: str | None = None  # of a multitrack: the instrumental beside the vocals
    channel: str | None = None
    description: str | None = None
    url: str | None = None
    version: tuple[str, ...] = ()
    licence: str | None = None
    audio_key: str | None = None  # its two minutes in the store
    duration_s: float | None = None
    state: str = TrackState.KNOWN
    reason: str | None = None
    first_seen_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True)
class PairRecord:
    """A mashup with its two songs, how they were matched, and where the ears found them."""

    pair_id: str
    mashup_id: str
    voice_id: str
    bed_id: str
    split: str
    state: str = PairState.MATCHED
    reason: str | None = None
    confidence: float | None = None
    ear_version: int | None = None
    location: Json | None = None
    evidence: Json | None = None  # of the match by name
    updated_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """A question to a person about one mashup: proposals with their reasons, and the answer.

    What was ever answered stays in `answer`, also when newer proposals open the question again.
    """

    mashup_id: str
    proposals: Sequence[Json]
    reason: str
    state: str = ReviewState.OPEN
    answer: Json = field(default_factory=dict)
    asked_at: datetime = field(default_factory=utc_now)
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """The examples of one pair or track, from its piece to its shard."""

    unit_key: str
    kind: str
    split: str
    piece: str | None  # file name in the work folder's `pieces/`; None once it is in the store
    rows: int
    size_bytes: int  # of the piece
    state: str = UnitState.PREPARED
    shard_id: str | None = None


@dataclass(frozen=True, slots=True)
class ShardRecord:
    """A shard, from its plan to the store."""

    shard_id: str
    state: str
    key: str | None = None
    file_id: str | None = None  # reserved before the upload where stores name files by id
    session: str | None = None  # of an upload under way
    md5: str | None = None
    sha256: str | None = None
    size: int | None = None
    rows: int | None = None
    groups: tuple[tuple[str, str, tuple[int, ...]], ...] = ()  # runs of (kind, split, rows)


@dataclass(frozen=True, slots=True)
class SnapshotRecord:
    """A snapshot; `body` is kept until the store has it."""

    number: int
    name: str  # its key in the store
    file_id: str | None
    body: str | None


@dataclass(frozen=True, slots=True)
class SkipRecord:
    """Something that was set aside, at which stage, and why."""

    key: str
    stage: str
    reason: str
    first_at: datetime = field(default_factory=utc_now)
    last_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True)
class MashupRecord:
    """A mashup that this project made."""

    made_id: str
    voice_id: str
    bed_id: str
    champion: str  # the checkpoint or baseline that made it
    scores: Json
    keys: Json  # mp3, picture and report in the store
    made_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True)
class ChampionRecord:
    """A checkpoint that was promoted, what it was trained on, and how it scored."""

    checkpoint_key: str
    snapshot: str
    scores: Json
    reason: str
    promoted_at: datetime = field(default_factory=utc_now)
