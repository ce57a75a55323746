"""The ledger's SQL tables; columns are named like the fields of `storage/records.py`.

Units, shards and snapshots carry `data_format`, so that a change of schema or audio parameters
starts a dataset of its own, and `workplace`, because pieces and spool lie on one machine.
"""

# ruff: noqa: ARG002  (SQLAlchemy hands every conversion its dialect)

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

LEDGER_VERSION = 1  # of these tables; a ledger with a higher one is refused


class UtcTime(sa.TypeDecorator[datetime]):
    """A moment as ISO 8601 text in UTC: sorts as text, the same in every database."""

    impl = sa.String(40)
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
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)

TRACKS = sa.Table(
    "tracks",
    METADATA,
    sa.Column("track_id", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("artist", sa.String),
    sa.Column("title", sa.String),
    sa.Column("song_key", sa.String, nullable=False, index=True),
    sa.Column("source_key", sa.String, nullable=False, index=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("raw_title", sa.String, nullable=False),
    sa.Column("companion", sa.String),
    sa.Column("channel", sa.String),
    sa.Column("description", sa.String),
    sa.Column("url", sa.String),
    sa.Column("version", Words, nullable=False),
    sa.Column("licence", sa.String),
    sa.Column("audio_key", sa.String),
    sa.Column("duration_s", sa.Float),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("reason", sa.String),
    sa.Column("first_seen_at", UtcTime, nullable=False),
)

SOURCE_FILES = sa.Table(
    "source_files",
    METADATA,
    sa.Column("path", sa.String, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("mtime_ns", sa.BigInteger, nullable=False),
    sa.Column("track_id", sa.String, nullable=False),
)

PAIRS = sa.Table(
    "pairs",
    METADATA,
    sa.Column("pair_id", sa.String, primary_key=True),
    sa.Column("mashup_id", sa.String, nullable=False, index=True),
    sa.Column("voice_id", sa.String, nullable=False),
    sa.Column("bed_id", sa.String, nullable=False),
    sa.Column("split", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("reason", sa.String),
    sa.Column("confidence", sa.Float),
    sa.Column("ear_version", sa.Integer),
    sa.Column("location", sa.JSON(none_as_null=True)),
    sa.Column("evidence", sa.JSON(none_as_null=True)),
    sa.Column("updated_at", UtcTime, nullable=False),
)

SHARDS = sa.Table(
    "shards",
    METADATA,
    sa.Column("shard_id", sa.String, primary_key=True),
    sa.Column("data_format", sa.String, nullable=False),
    sa.Column("workplace", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("key", sa.String, unique=True),
    sa.Column("file_id", sa.String),
    sa.Column("session", sa.String),
    sa.Column("md5", sa.String),
    sa.Column("sha256", sa.String),
    sa.Column("size", sa.BigInteger),
    sa.Column("rows", sa.BigInteger),
    sa.Column("groups", Runs, nullable=False),
)

UNITS = sa.Table(
    "units",
    METADATA,
    sa.Column("unit_key", sa.String, primary_key=True),
    sa.Column("data_format", sa.String, primary_key=True),
    sa.Column("workplace", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("split", sa.String, nullable=False),
    sa.Column("piece", sa.String),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("shard_id", sa.ForeignKey(SHARDS.c.shard_id), index=True),
)

SNAPSHOTS = sa.Table(
    "snapshots",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data_format", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("file_id", sa.String),
    sa.Column("body", sa.Text),  # null once the store has it
)

SKIPS = sa.Table(
    "skips",
    METADATA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("stage", sa.String, primary_key=True),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("first_at", UtcTime, nullable=False),
    sa.Column("last_at", UtcTime, nullable=False),
)

MASHUPS_MADE = sa.Table(
    "mashups_made",
    METADATA,
    sa.Column("made_id", sa.String, primary_key=True),
    sa.Column("voice_id", sa.String, nullable=False),
    sa.Column("bed_id", sa.String, nullable=False),
    sa.Column("champion", sa.String, nullable=False),
    sa.Column("scores", sa.JSON, nullable=False),
    sa.Column("keys", sa.JSON, nullable=False),
    sa.Column("made_at", UtcTime, nullable=False),
)

CHAMPIONS = sa.Table(
    "champions",
    METADATA,
    sa.Column("checkpoint_key", sa.String, primary_key=True),
    sa.Column("snapshot", sa.String, nullable=False),
    sa.Column("scores", sa.JSON, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("promoted_at", UtcTime, nullable=False),
)
