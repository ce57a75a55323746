"""The part of the ledger about recordings, pairs, and what was set aside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sqlalchemy as sa

from storage.database import Database, records, upsert, values_of
from storage.errors import LedgerError
from storage.records import PairRecord, SkipRecord, TrackRecord, TrackState, utc_now
from storage.tables import PAIRS, SKIPS, SOURCE_FILES, TRACKS

_PAIR_FIELDS = [column.name for column in PAIRS.columns if not column.primary_key]


class TrackBook:
    """Recordings by track id, and the local files that were recognised as one of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, tracks: Iterable[TrackRecord]) -> tuple[str, ...]:
        """Remember tracks; those that are known stay as they are. Return the ids that are new."""
        with self._database.write() as connection:
            new = (track for track in tracks if upsert(connection, TRACKS, values_of(track)))
            return tuple(track.track_id for track in new)

    def save(self, track: TrackRecord) -> None:
        """Remember a track with all its fields; only `first_seen_at` keeps its first value."""
        changing = [name for name in values_of(track) if name not in ("track_id", "first_seen_at")]
        with self._database.write() as connection:
            upsert(connection, TRACKS, values_of(track), update=changing)

    def mark(self, track_id: str, state: str, *, reason: str | None = None) -> None:
        """Set a track's state and the reason for it; `LedgerError` for an unknown track."""
        self._change(track_id, state=state, reason=reason)

    def keep_audio(self, track_id: str, *, audio_key: str, duration_s: float) -> None:
        """Note where the two minutes of a track lie in the store; `LedgerError` if unknown."""
        self._change(
            track_id,
            audio_key=audio_key,
            duration_s=duration_s,
            state=TrackState.KEPT,
            reason=None,
        )

    def get(self, track_id: str) -> TrackRecord | None:
        """Return a track, or None if it is unknown."""
        found = self._select(TRACKS.c.track_id == track_id)
        return found[0] if found else None

    def require(self, track_id: str) -> TrackRecord:
        """Return a track; `LedgerError` if it is unknown."""
        track = self.get(track_id)
        if track is None:
            raise _unknown("track", track_id)
        return track

    def list(self, *, kind: str | None = None, state: str | None = None) -> tuple[TrackRecord, ...]:
        """Return the tracks of a kind and state, oldest first."""
        return self._select(
            TRACKS.c.kind == kind if kind else sa.true(),
            TRACKS.c.state == state if state else sa.true(),
        )

    def ids(self, *, prefix: str, besides: str | None = None) -> frozenset[str]:
        """Return the ids that start with `prefix`, but for tracks in the state `besides`."""
        query = sa.select(TRACKS.c.track_id).where(
            TRACKS.c.track_id.startswith(prefix, autoescape=True),
            TRACKS.c.state != besides if besides else sa.true(),
        )
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def with_song_key(self, song_key: str) -> tuple[TrackRecord, ...]:
        """Return all recordings of one song."""
        return self._select(TRACKS.c.song_key == song_key)

    def with_source_key(self, source_key: str) -> tuple[TrackRecord, ...]:
        """Return the tracks that a source knows under this key."""
        return self._select(TRACKS.c.source_key == source_key)

    def remember_file(self, path: str, *, size: int, mtime_ns: int, track_id: str) -> None:
        """Note that the local file of this path, size and time is this track."""
        values = {"path": path, "size": size, "mtime_ns": mtime_ns, "track_id": track_id}
        with self._database.write() as connection:
            upsert(connection, SOURCE_FILES, values, update=["size", "mtime_ns", "track_id"])

    def find_file(self, path: str, *, size: int, mtime_ns: int) -> str | None:
        """Return the track id of a local file, or None if it is new or was changed."""
        query = sa.select(SOURCE_FILES.c.track_id).where(
            SOURCE_FILES.c.path == path,
            SOURCE_FILES.c.size == size,
            SOURCE_FILES.c.mtime_ns == mtime_ns,
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def _select(self, *conditions: sa.ColumnElement[bool]) -> tuple[TrackRecord, ...]:
        order = (TRACKS.c.first_seen_at, TRACKS.c.track_id)
        query = sa.select(TRACKS).where(*conditions).order_by(*order)
        with self._database.read() as connection:
            return records(connection, TrackRecord, query)

    def _change(self, track_id: str, **values: object) -> None:
        statement = sa.update(TRACKS).where(TRACKS.c.track_id == track_id).values(**values)
        with self._database.write() as connection:
            if not connection.execute(statement).rowcount:
                raise _unknown("track", track_id)


class PairBook:
    """Mashups with their two songs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, pair: PairRecord) -> bool:
        """Remember a new pair; one that is known stays as it is. Return whether it is new."""
        with self._database.write() as connection:
            return upsert(connection, PAIRS, values_of(pair))

    def save(self, pair: PairRecord) -> None:
        """Remember a pair; what was known of it is replaced."""
        fresh = replace(pair, updated_at=utc_now())
        with self._database.write() as connection:
            upsert(connection, PAIRS, values_of(fresh), update=_PAIR_FIELDS)

    def renew(self, pair: PairRecord, *, after: PairRecord) -> bool:
        """Replace a pair unless somebody changed it since `after` was read; return whether."""
        values = values_of(replace(pair, updated_at=utc_now()))
        same = (PAIRS.c.pair_id == pair.pair_id) & (PAIRS.c.updated_at == after.updated_at)
        with self._database.write() as connection:
            return connection.execute(sa.update(PAIRS).where(same).values(values)).rowcount > 0

    def get(self, pair_id: str) -> PairRecord | None:
        """Return a pair, or None if it is unknown."""
        found = self._select(PAIRS.c.pair_id == pair_id)
        return found[0] if found else None

    def require(self, pair_id: str) -> PairRecord:
        """Return a pair; `LedgerError` if it is unknown."""
        pair = self.get(pair_id)
        if pair is None:
            raise _unknown("pair", pair_id)
        return pair

    def list(self, *, state: str | None = None, split: str | None = None) -> tuple[PairRecord, ...]:
        """Return the pairs of a state and split, by id."""
        return self._select(
            PAIRS.c.state == state if state else sa.true(),
            PAIRS.c.split == split if split else sa.true(),
        )

    def of_mashup(self, mashup_id: str) -> tuple[PairRecord, ...]:
        """Return the pairs that were tried for one mashup."""
        return self._select(PAIRS.c.mashup_id == mashup_id)

    def heard_before(self, ear_version: int, *, state: str) -> tuple[PairRecord, ...]:
        """Return pairs of `state` that ears older than `ear_version` judged, or none yet."""
        older = sa.or_(PAIRS.c.ear_version.is_(None), PAIRS.c.ear_version < ear_version)
        return self._select(PAIRS.c.state == state, older)

    def _select(self, *conditions: sa.ColumnElement[bool]) -> tuple[PairRecord, ...]:
        query = sa.select(PAIRS).where(*conditions).order_by(PAIRS.c.pair_id)
        with self._database.read() as connection:
            return records(connection, PairRecord, query)


class SkipBook:
    """What was set aside, once per key and stage however often it happens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, key: str, stage: str, reason: str) -> bool:
        """Note why `key` was set aside at `stage`; return whether that is news."""
        skip = SkipRecord(key, stage, reason)
        query = sa.select(SKIPS.c.reason).where(SKIPS.c.key == key, SKIPS.c.stage == stage)
        with self._database.write() as connection:
            known = connection.execute(query).scalar_one_or_none()
            upsert(connection, SKIPS, values_of(skip), update=["reason", "last_at"])
        return known != reason

    def get(self, key: str, stage: str) -> SkipRecord | None:
        """Return what is known of a key that was set aside at a stage, or None."""
        query = sa.select(SKIPS).where(SKIPS.c.key == key, SKIPS.c.stage == stage)
        with self._database.read() as connection:
            found = records(connection, SkipRecord, query)
        return found[0] if found else None

    def clear(self, key: str, stage: str) -> None:
        """Forget a skip, because the key came through."""
        statement = sa.delete(SKIPS).where(SKIPS.c.key == key, SKIPS.c.stage == stage)
        with self._database.write() as connection:
            connection.execute(statement)

    def list(self, *, stage: str | None = None) -> tuple[SkipRecord, ...]:
        """Return what was set aside, by stage and key."""
        query = sa.select(SKIPS).where(SKIPS.c.stage == stage if stage else sa.true())
        with self._database.read() as connection:
            return records(connection, SkipRecord, query.order_by(SKIPS.c.stage, SKIPS.c.key))


def _unknown(what: str, key: str) -> LedgerError:
    return LedgerError(f"no {what} {key!r} in the ledger: add it first")
