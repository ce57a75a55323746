"""Batches of mashups: which pairs are chosen, and what is left in the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from audio.decode import read_tags
from steps.collect import collect
from steps.generate import choose_pairs, mash_pair, owes_mashups, publish_page, spread
from steps.listen import listen, unheard
from steps.outcome import State
from steps.sources import Sources
from steps.workbench import Workbench
from storage.records import TrackRecord
from tests.steps.conftest import SmallWorld


def track(name: str) -> TrackRecord:
    return TrackRecord(name, "song", None, name, name, name, f"/{name}.mp3")


def test_a_song_comes_again_only_when_all_others_had_their_turn() -> None:
    a, b, c, d = (track(name) for name in "abcd")
    ranked = [(0.9, a, b), (0.8, a, c), (0.7, c, d), (0.6, b, d)]
    assert [each[0] for each in spread(ranked, 3)] == [0.9, 0.7, 0.8]


def test_a_batch_leaves_mp3_picture_report_and_page(
    bench: Workbench, small_world: SmallWorld
) -> None:
    collect(bench, Sources(songs=small_world.sources.songs))
    for item in unheard(bench):
        assert listen(bench, item).state is State.DONE
    (pair,) = choose_pairs(bench, 4)
    outcome = mash_pair(bench, pair, duration_s=20.0)
    batch = publish_page(bench, [outcome])
    (record,) = batch.made
    paths = {kind: bench.store.local_path(record.keys[kind]) for kind in ("mp3", "png", "json")}
    assert all(path is not None and path.stat().st_size > 1000 for path in paths.values())
    assert record.scores["lufs"] == pytest.approx(-14.0, abs=0.5)
    assert record.scores["clipped_samples"] == 0
    mp3 = paths["mp3"]
    assert isinstance(mp3, Path)
    assert small_world.voice.title in read_tags(mp3)["title"]
    page = bench.store.read_bytes("mashups/index.html").decode()
    assert small_world.voice.title in page
    assert small_world.bed.title in page
    assert choose_pairs(bench, 4) == []
    assert (owes_mashups(bench, 1), owes_mashups(bench, 2)) == (False, True)
