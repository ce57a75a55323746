"""What a track costs as the dataset grows: `python -m benchmarks.growth [--tracks N] [--json]`.

Measured here: bytes of a song's examples in a shard (real songs from MASHUP_CORPUS, else one that
the band plays), rows and bytes of the ledger, its copy and its snapshots, and the requests of one
full shard and of one night on a loopback Drive. The CPU seconds of preparing come from
`python -m benchmarks.prepare`. What these mean for 9,000 and 1,000,000 tracks stands in
docs/architecture.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from audio.analysis import decode_analysis, lufs_on_both_sides
from audio.band import play
from audio.decode import encode_mp3
from audio.params import EXCERPT_S, TARGET_LUFS
from benchmarks.ear_cases import corpus_folder
from benchmarks.prepare import REAL_SONGS
from model.examples import SongLabel, song_examples
from storage.commit import commit, prepare_unit
from storage.compact import FULL_BYTES
from storage.exports import keep_records
from storage.folder import FolderStore
from storage.gdrive.store import DriveStore
from storage.ledger import Ledger
from storage.options import DriveOptions
from storage.records import ShardRecord, ShardState, TrackRecord, TrackState, UnitRecord
from storage.shards import build_shard, write_piece
from storage.snapshots import compose
from tests.loopback.drive import LoopbackDrive, serve_drive
from tests.storage.examples import unit_examples


@dataclass(frozen=True, slots=True)
class Growth:
    """Costs of one track, of one full shard, and of one night."""

    rows_per_track: float
    shard_bytes_per_track: float
    ledger_bytes_per_track: float
    copy_bytes_per_track: float  # of the ledger, in the store
    ledger_ms_per_track: float  # to note a track and its unit
    snapshot_bytes_per_shard: float
    requests_per_shard_up: int
    requests_per_shard_down: int
    requests_per_night: int  # with one small shard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=9000, help="tracks in the measured ledger")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        growth = measure(Path(folder), options.tracks)
    if options.json:
        print(json.dumps(asdict(growth)))
        return
    for name, value in asdict(growth).items():
        print(f"{name.replace('_', ' '):28} {value:14,.2f}")


def measure(folder: Path, tracks: int) -> Growth:
    rows, shard_bytes = measure_examples(folder)
    up, down, night = measure_requests(folder)
    began = time.process_time()
    url = f"sqlite:///{folder / 'ledger.db'}"
    with Ledger(url) as ledger:
        fill(ledger, tracks)
        seconds = time.process_time() - began
        store = FolderStore(folder / "store")
        copied = store.stat(keep_records(ledger, store, folder / "work"))
    return Growth(
        rows_per_track=rows,
        shard_bytes_per_track=shard_bytes,
        ledger_bytes_per_track=(folder / "ledger.db").stat().st_size / tracks,
        copy_bytes_per_track=(copied.size if copied else 0) / tracks,
        ledger_ms_per_track=1000 * seconds / tracks,
        snapshot_bytes_per_shard=measure_snapshot(),
        requests_per_shard_up=up,
        requests_per_shard_down=down,
        requests_per_night=night,
    )


def measure_examples(folder: Path) -> tuple[float, float]:
    """Return rows and shard bytes of one song's two minutes, the mean of a few songs."""
    rows, pieces = 0, []
    for number, path in enumerate(songs(folder)):
        sound = decode_analysis(path, duration_s=EXCERPT_S)
        gain_db = TARGET_LUFS - lufs_on_both_sides(sound)
        label = SongLabel(song_id=str(number), split="train", bpm=None, gain_db=gain_db)
        piece = folder / f"{number}.parquet"
        rows += write_piece(piece, song_examples(sound, label)).rows
        pieces.append((str(number), piece))
    build_shard(folder / "shard.parquet", pieces)
    return rows / len(pieces), (folder / "shard.parquet").stat().st_size / len(pieces)


def songs(folder: Path) -> Iterator[Path]:
    corpus = corpus_folder()
    if corpus:
        yield from (corpus / name for name in REAL_SONGS)
        return
    encode_mp3(folder / "band.mp3", play(1, duration_s=EXCERPT_S).mix, tags={})
    yield folder / "band.mp3"


def fill(ledger: Ledger, tracks: int) -> None:
    """Note as much of each track as the line does: the track with its texts, and its unit."""
    dice = random.Random(0)
    words = [f"{dice.getrandbits(24):x}" for _ in range(5000)]
    for number in range(tracks):
        artist, title = (" ".join(dice.choices(words, k=3)) for _ in range(2))
        track = TrackRecord(
            f"yt:{number:011d}",
            "song",
            artist,
            title,
            f"{artist} {title}",
            f"{number:011d}",
            f"https://www.youtube.com/watch?v={number:011d}",
            raw_title=f"{artist} - {title} (Official Video)",
            channel=artist,
            description=" ".join(dice.choices(words, k=80)),
            audio_key=f"audio/{artist} - {title} [yt-{number:011d}].mp3",
            duration_s=214.0,
            state=TrackState.KEPT,
        )
        ledger.tracks.save(track)
        ledger.units.record(UnitRecord(f"song:{track.track_id}", "song", "train", None, 21, 0))


def measure_snapshot() -> float:
    """Return the bytes that one full shard adds to a snapshot."""
    groups = (("song", "train", (47,) * 33),)
    shards = [
        ShardRecord(
            f"{number:020d}",
            ShardState.STORED,
            f"shards/552e163707f09744/{number:020d}.parquet",
            f"1{number:032d}",
            None,
            f"{number:032d}",
            None,
            FULL_BYTES,
            1551,
            groups,
        )
        for number in range(101)
    ]
    return (len(compose(shards)) - len(compose(shards[:1]))) / 100


def measure_requests(folder: Path) -> tuple[int, int, int]:
    """Return the requests to bring one full shard up and down, and of a night's small commit."""
    with serve_drive(folder / "drive") as drive:
        options = DriveOptions(api_root=drive.api_root, state_dir=folder / "state")
        store = DriveStore(drive.store_url, options)
        night(store, folder, "first")
        source = folder / "shard.bin"
        source.write_bytes(os.urandom(FULL_BYTES))
        up = asked(drive, lambda: store.put(source, "shards/552e163707f09744/full.parquet"))
        source.unlink()
        down = asked(
            drive, lambda: store.fetch("shards/552e163707f09744/full.parquet", folder / "back")
        )
        return up, down, asked(drive, lambda: night(store, folder, "second"))


def night(store: DriveStore, folder: Path, unit: str) -> None:
    """Commit one small shard and a copy of the ledger."""
    with Ledger(f"sqlite:///{folder / 'night.db'}") as ledger:
        prepare_unit(ledger, folder / "work", unit, unit_examples(unit, 2))
        ledger.skips.record(unit, "night", "so that the copies differ")
        commit(ledger, store, folder / "work")
        keep_records(ledger, store, folder / "work")


def asked(drive: LoopbackDrive, work: Callable[[], object]) -> int:
    before = len(drive.asked())
    work()
    return len(drive.asked()) - before


if __name__ == "__main__":
    main()
