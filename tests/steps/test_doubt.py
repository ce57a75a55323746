"""Two songs of one name: what names leave open, the ears settle, and nobody is asked in vain."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from audio.band import play
from audio.decode import encode_mp3
from steps.sources import Sources
from steps.workbench import Workbench
from storage.records import PairState
from tests.steps.conftest import SmallWorld
from tests.steps.line import ingest


@pytest.mark.slow
def test_the_ears_settle_which_of_two_songs_of_one_name_is_meant(
    bench: Workbench, small_world: SmallWorld, tmp_path: Path
) -> None:
    (mashup,) = (small_world.sources.mashups or tmp_path).iterdir()
    voice, bed = small_world.voice, small_world.bed
    folders = Sources(tmp_path / "mashups", tmp_path / "songs")
    for folder in (folders.mashups, folders.songs):
        assert folder is not None
        folder.mkdir()
    shutil.copy(mashup, tmp_path / "mashups" / f"{voice.title} x {bed.title}.mp3")
    for song, title in ((voice, voice.title), (bed, bed.title), (play(3, duration_s=40.0), None)):
        name = f"{song.artist} - {title or bed.title}.mp3"
        encode_mp3(tmp_path / "songs" / name, song.mix, tags={})
    report = ingest(bench, folders)
    (pair,) = bench.ledger.pairs.list()
    heard = {bench.ledger.tracks.require(each).artist for each in (pair.voice_id, pair.bed_id)}
    assert (pair.state, heard) == (PairState.LOCATED, {voice.artist, bed.artist})
    assert (report.counts["locate"], bench.ledger.reviews.list()) == ({"done": 1}, ())
    assert len((pair.evidence or {})["proposals"]) == 2
