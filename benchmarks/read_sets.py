"""Sets of shards to read, for `benchmarks.read`: a small real one, and any size of it repeated.

The spectrograms are of songs that the band plays, each row cut at another place, so that they
compress as music does. A large set names the same few files by many keys; from `LinkedStore` it is
fetched like from a store elsewhere, but by hard links, so that 50 GB need no 50 GB of disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from audio.params import PARAMS
from storage.commit import commit, prepare_unit
from storage.folder import FolderStore
from storage.ledger import Ledger
from storage.schema import Example, Levels
from storage.snapshots import Snapshot, newest_snapshot

SONGS, SONG_S = 4, 60.0
ROWS_PER_UNIT = 20
SHARD_BYTES = 190_000_000  # of uncompressed levels: three shards of 600 rows


def write_set(root: Path, *, rows: int) -> Snapshot:
    """Write `rows` examples through the line's own commit into a folder store and return them."""
    store = FolderStore(root / "store")
    songs = play_songs()
    chance = np.random.default_rng(0)
    with Ledger(f"sqlite:///{root / 'ledger.db'}") as ledger:
        for unit in range(rows // ROWS_PER_UNIT):
            examples = unit_examples(f"pair{unit}", songs, chance)
            prepare_unit(ledger, root / "work", f"pair{unit}", examples)
        commit(ledger, store, root / "work", shard_bytes=SHARD_BYTES)
    return newest_in(store)


def newest_in(store: FolderStore) -> Snapshot:
    """Return the newest snapshot of a store that has one."""
    found = newest_snapshot(store)
    if found is None:
        raise RuntimeError(f"no snapshot in {store.url}")
    return found


def play_songs() -> list[Levels]:
    """Return the levels of a few songs."""
    # Those who only read need none of the libraries that play.
    from audio.band import play
    from audio.decode import to_analysis
    from audio.spectrogram import audio_levels

    songs = (play(number, duration_s=SONG_S).mix for number in range(SONGS))
    return [audio_levels(to_analysis(song)).numpy() for song in songs]


def unit_examples(unit: str, songs: list[Levels], chance: np.random.Generator) -> Iterator[Example]:
    """Yield rows of three songs, each from a random place on."""
    for number in range(ROWS_PER_UNIT):
        mashup, voice, bed = (_cut(songs[n], chance) for n in chance.permutation(len(songs))[:3])
        yield Example(
            example_id=f"{unit}/{number}",
            kind="human",
            split="train",
            pair_id=unit,
            mashup_id="m",
            voice_id="v",
            bed_id="b",
            slice=number,
            start_s=number * PARAMS.slice_s,
            valid_frames=PARAMS.slice_frames,
            bpm=120.0,
            beats=tuple(0.5 * beat for beat in range(12)),
            confidence=0.8,
            gain_db=-3.0,
            mashup=mashup,
            voice=voice,
            bed=bed,
        )


def _cut(song: Levels, chance: np.random.Generator) -> Levels:
    start = int(chance.integers(len(song) - PARAMS.slice_frames))
    return song[start : start + PARAMS.slice_frames]


def repeated(snapshot: Snapshot, *, size_bytes: float) -> Snapshot:
    """Return a snapshot of that size which names the same files again and again."""
    times = max(1, round(size_bytes / sum(shard.size for shard in snapshot.shards)))
    shards = [
        replace(shard, key=f"again/{time}/{shard.key}")
        for time in range(times)
        for shard in snapshot.shards
    ]
    return Snapshot(f"{snapshot.name} x{times}", tuple(shards))


class LinkedStore(FolderStore):
    """A store elsewhere, as the cache sees it, whose files are fetched by hard links."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.fetched_bytes = 0

    def local_path(self, key: str) -> Path | None:  # noqa: ARG002
        return None

    def fetch(self, key: str, target: Path, *, file_id: str | None = None) -> Path:  # noqa: ARG002
        source = self.root / key.split("/", maxsplit=2)[2]
        target.hardlink_to(source)
        self.fetched_bytes += source.stat().st_size
        return target
