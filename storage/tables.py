"""The ledger's SQL tables; columns are named like the fields of `storage/records.py`.

Units, shards and snapshots carry `data_format`, so that a change of schema or audio parameters
starts a dataset of its own, and `workplace`, because pieces and spool lie in one work folder.
"""

# ruff: noqa: ARG002  (SQLAlchemy hands every conversion its dialect)

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

LEDGER_VERSION = 2  # of these tables; a ledger with a higher one is refused


class Text(sa.TypeDecorator[str]):
    """Text that sorts by code point in every database, without the NUL that Postgres refuses."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(sa.String(collation=collation))

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return value.replace("\0", "") if value else value


class UtcTime(sa.TypeDecorator[datetime]):
    """A moment as ISO 8601 text in UTC: sorts as text, the same in every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        return value.astimezone(UTC).isoformat(timespec="microseconds") if value else None

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:
        return datetime.fromisoformat(value) if value else None


class Words(sa.TypeDecorator[tuple[str, ...]]):
    """A tuple of words as a JSON list."""

    impl = sa.JSON
    cache_ok = True

    def process_result_value(
        self, value: list[str] | None, dialect: sa.Dialect
    ) -> tuple[str, ...] | None:
        return tuple(value or ())


class Runs(sa.TypeDecorator[tuple[tuple[str, str, tuple[int, ...]], ...]]):
    """Runs of (kind, split, rows of each row group) as JSON lists."""

    impl = sa.JSON
    cache_ok = True

    def process_result_value(
        self, value: list[tuple[str, str, list[int]]] | None, dialect: sa.Dialect
    ) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
        return tuple((kind, split, tuple(rows)) for kind, split, rows in value or ())


METADATA = sa.MetaData()

META = sa.Table(
    "meta",
    METADATA,
    sa.Column("key", Text, primary_key=True),
    sa.Column("value", Text, nullable=False),
)

TRACKS = sa.Table(
    "tracks",
    METADATA,
    sa.Column("track_id", Text, primary_key=True),
    sa.Column("kind", Text, nullable=False),
    sa.Column("artist", Text),
    sa.Column("title", Text),
    sa.Column("song_key", Text, nullable=False, index=True),
    sa.Column("source_key", Text, nullable=False, index=True),
    sa.Column("source", Text, nullable=False),
    sa.Column("raw_title", Text, nullable=False),
    sa.Column("companion", Text),
    sa.Column("channel", Text),
    sa.Column("description", Text),
    sa.Column("url", Text),
    sa.Column("version", Words, nullable=False),
    sa.Column("licence", Text),
    sa.Column("audio_key", Text),
    sa.Column("duration_s", sa.Float),
    sa.Column("state", Text, nullable=False),
    sa.Column("reason", Text),
    sa.Column("first_seen_at", UtcTime, nullable=False),
)

SOURCE_FILES = sa.Table(
    "source_files",
    METADATA,
    sa.Column("path", Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    sa.Column("track_id", Text, nullable=False),
)

LISTINGS = sa.Table(
    "listings",
    METADATA,
    sa.Column("url", Text, primary_key=True),
    sa.Column("title", Text, nullable=False),
    sa.Column("filters", sa.JSON, nullable=False),
    sa.Column("listed_at", UtcTime, nullable=False),
)

LISTED = sa.Table(
    "listed",
    METADATA,
    sa.Column("url", sa.ForeignKey(LISTINGS.c.url), primary_key=True),
    sa.Column("key", Text, primary_key=True),
    sa.Column("first_at", UtcTime, nullable=False),
    sa.Column("removed_at", UtcTime),  # null while the address shows it
    sa.Index("ix_listed_key", "key"),
)

PAIRS = sa.Table(
    "pairs",
    METADATA,
    sa.Column("pair_id", Text, primary_key=True),
    sa.Column("mashup_id", Text, nullable=False, index=True),
    sa.Column("voice_id", Text, nullable=False),
    sa.Column("bed_id", Text, nullable=False),
    sa.Column("split", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("reason", Text),
    sa.Column("confidence", sa.Float),
    sa.Column("ear_version", sa.Integer),
    sa.Column("location", sa.JSON(none_as_null=True)),
    sa.Column("evidence", sa.JSON(none_as_null=True)),
    sa.Column("updated_at", UtcTime, nullable=False),
)

REVIEWS = sa.Table(
    "reviews",
    METADATA,
    sa.Column("mashup_id", Text, primary_key=True),
    sa.Column("proposals", sa.JSON, nullable=False),
    sa.Column("reason", Text, nullable=False),
    sa.Column("state", Text, nullable=False, index=True),
    sa.Column("answer", sa.JSON, nullable=False),
    sa.Column("asked_at", UtcTime, nullable=False),
    sa.Column("answered_at", UtcTime),
)

SHARDS = sa.Table(
    "shards",
    METADATA,
    sa.Column("shard_id", Text, primary_key=True),
    sa.Column("data_format", Text, nullable=False),
    sa.Column("workplace", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("key", Text, unique=True),
    sa.Column("file_id", Text),
    sa.Column("session", Text),
    sa.Column("md5", Text),
    sa.Column("sha256", Text),
    sa.Column("size", sa.BigInteger),
    sa.Column("rows", sa.BigInteger),
    sa.Column("groups", Runs, nullable=False),
)

UNITS = sa.Table(
    "units",
    METADATA,
    sa.Column("unit_key", Text, primary_key=True),
    sa.Column("data_format", Text, primary_key=True),
    sa.Column("workplace", Text, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("split", Text, nullable=False),
    sa.Column("piece", Text),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("state", Text, nullable=False, index=True),
    sa.Column("shard_id", sa.ForeignKey(SHARDS.c.shard_id), index=True),
)

SNAPSHOTS = sa.Table(
    "snapshots",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data_format", Text, nullable=False),
    sa.Column("name", Text, nullable=False, unique=True),
    sa.Column("file_id", Text),
    sa.Column("body", Text),  # null once the store has it
)

SKIPS = sa.Table(
    "skips",
    METADATA,
    sa.Column("key", Text, primary_key=True),
    sa.Column("stage", Text, primary_key=True),
    sa.Column("reason", Text, nullable=False),
    sa.Column("first_at", UtcTime, nullable=False),
    sa.Column("last_at", UtcTime, nullable=False),
)

MASHUPS_MADE = sa.Table(
    "mashups_made",
    METADATA,
    sa.Column("made_id", Text, primary_key=True),
    sa.Column("voice_id", Text, nullable=False),
    sa.Column("bed_id", Text, nullable=False),
    sa.Column("champion", Text, nullable=False),
    sa.Column("scores", sa.JSON, nullable=False),
    sa.Column("keys", sa.JSON, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
)

CHAMPIONS = sa.Table(
    "champions",
    METADATA,
    sa.Column("checkpoint_key", Text, primary_key=True),
    sa.Column("snapshot", Text, nullable=False),
    sa.Column("scores", sa.JSON, nullable=False),
    sa.Column("reason", Text, nullable=False),
    sa.Column("promoted_at", UtcTime, nullable=False),
)

EXPORTS = sa.Table(
    "exports",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", Text, nullable=False, unique=True),
    sa.Column("file_id", Text),
    sa.Column("md5", Text, nullable=False),
    sa.Column("stored", sa.Boolean, nullable=False),
)

CLAIMS = sa.Table(
    "claims",
    METADATA,
    sa.Column("key", Text, primary_key=True),
    sa.Column("workplace", Text, nullable=False),
    sa.Column("until", UtcTime, nullable=False),
)

WORKPLACES = sa.Table(
    "workplaces",
    METADATA,
    sa.Column("workplace", Text, primary_key=True),
    sa.Column("seen_at", UtcTime, nullable=False),
)

MERGES = sa.Table(
    "merges",
    METADATA,
    sa.Column("shard_id", sa.ForeignKey(SHARDS.c.shard_id), primary_key=True),  # the small one
    sa.Column("merged_id", sa.ForeignKey(SHARDS.c.shard_id), nullable=False, index=True),
)

PINS = sa.Table(
    "pins",
    METADATA,
    sa.Column("holder", Text, primary_key=True),
    sa.Column("snapshot", Text, nullable=False),
    sa.Column("pinned_at", UtcTime, nullable=False),
)

TRASH = sa.Table(
    "trash",
    METADATA,
    sa.Column("key", Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("noticed_at", UtcTime, nullable=False),
)
