"""The steps of ingestion after one another, on songs that the band plays."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from audio.decode import decode, read_tags
from audio.params import EXCERPT_S, RENDER_RATE_HZ
from audio.timemap import Segment
from steps.prepare import Unprepared, unprepared
from steps.workbench import Workbench
from storage.snapshots import newest_snapshot
from storage.verify import verify
from tests.steps.conftest import SmallWorld, open_bench
from tests.steps.line import ingest


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory, small_world: SmallWorld) -> Workbench:
    bench = open_bench(tmp_path_factory.mktemp("ingested"))
    report = ingest(bench, small_world.sources)
    assert report.set_aside == ()
    return bench


def example_ids(bench: Workbench) -> list[str]:
    snapshot = newest_snapshot(bench.store)
    assert snapshot is not None
    paths = [bench.store.local_path(shard.key) for shard in snapshot.shards]
    return [
        example_id
        for path in paths
        for example_id in pq.read_table(path, columns=["example_id"])["example_id"].to_pylist()
    ]


def test_songs_mashups_and_multitracks_become_examples_of_three_kinds(
    ingested: Workbench,
) -> None:
    snapshot = newest_snapshot(ingested.store)
    assert snapshot is not None
    # 40 s are 6.7 slices of 5.9 s, and 28 s are 4.7: two songs, one mashup, two made pairs.
    assert snapshot.count() == {
        ("human", "train"): 5,
        ("song", "train"): 14,
        ("made", "train"): 14,
    }


def test_a_second_run_finds_nothing_new_and_changes_nothing(
    ingested: Workbench, small_world: SmallWorld
) -> None:
    before = sorted(file.key for file in ingested.store.list())
    report = ingest(ingested, small_world.sources)
    assert (report.counts, report.new_examples) == ({}, 0)
    assert sorted(file.key for file in ingested.store.list()) == before


def test_both_songs_are_located_in_their_roles(
    ingested: Workbench, small_world: SmallWorld
) -> None:
    (pair,) = ingested.ledger.pairs.list()
    names = {
        role: ingested.ledger.tracks.require(track_id).artist
        for role, track_id in (("voice", pair.voice_id), ("bed", pair.bed_id))
    }
    assert names == {"voice": small_world.voice.artist, "bed": small_world.bed.artist}
    assert pair.location is not None
    truth = small_world.recipe.bed.segments[0]
    found = Segment(**pair.location["bed"]["segments"][0])
    middle_s = (found.mashup_start_s + found.mashup_end_s) / 2
    assert found.song_time(middle_s) == pytest.approx(truth.song_time(middle_s), abs=0.030)
    assert found.tempo_ratio == pytest.approx(truth.tempo_ratio, rel=1e-3)
    assert pair.location["bed"]["semitones"] == round(small_world.recipe.bed.semitones)


def test_two_minutes_of_each_track_are_kept_as_tagged_mp3(
    ingested: Workbench, small_world: SmallWorld
) -> None:
    (track,) = ingested.ledger.tracks.with_song_key(
        ingested.ledger.tracks.require(ingested.ledger.pairs.list()[0].voice_id).song_key
    )[:1]
    assert track.audio_key is not None
    path = ingested.store.local_path(track.audio_key)
    assert path is not None
    tags = read_tags(path)
    assert (tags["artist"], tags["title"]) == (small_world.voice.artist, small_world.voice.title)
    assert decode(path).shape[1] <= EXCERPT_S * RENDER_RATE_HZ


def test_after_a_run_nothing_is_left_to_prepare(ingested: Workbench) -> None:
    assert unprepared(ingested) == Unprepared(pairs=[], songs=[], made=[])


def test_a_killed_run_is_carried_on_with_every_example_exactly_once(
    tmp_path: Path, small_world: SmallWorld
) -> None:
    program = (
        "import sys; from pathlib import Path; from steps.sources import Sources;"
        "from tests.steps.conftest import open_bench; from tests.steps.line import ingest;"
        "ingest(open_bench(Path(sys.argv[1])), Sources(*map(Path, sys.argv[2:])))"
    )
    folders = [
        str(each)
        for each in (
            small_world.sources.mashups,
            small_world.sources.songs,
            small_world.sources.multitracks,
        )
    ]
    run = subprocess.Popen([sys.executable, "-c", program, str(tmp_path), *folders])
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("work/pieces/*.parquet")) and time.monotonic() < deadline:
        assert run.poll() is None, "the run ended before it could be killed"
        time.sleep(0.02)
    run.kill()
    run.wait()
    bench = open_bench(tmp_path)
    ingest(bench, small_world.sources)
    counted = Counter(example_ids(bench))
    assert (len(counted), set(counted.values())) == (33, {1})
    assert verify(bench.store, bench.ledger).problems == ()
