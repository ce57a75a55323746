"""Files as they are in the wild: each bad one is set aside with its reason, the rest goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.band import play
from audio.params import RENDER_RATE_HZ
from catalog.errors import CatalogError, SourceError
from steps.collect import collect
from steps.sources import Sources
from steps.workbench import Workbench
from storage.records import TrackState
from tests.steps.line import ingest


def write(path: Path, sound: np.ndarray) -> None:
    soundfile.write(path, sound.T, RENDER_RATE_HZ)


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    folder = tmp_path / "songs"
    folder.mkdir()
    write(folder / "Good Band - Good Song.wav", play(3, duration_s=12.0).mix)
    return folder


def reasons(bench: Workbench) -> dict[str, str]:
    aside = {
        track.source_key: track.reason or ""
        for track in bench.ledger.tracks.list(state=TrackState.SET_ASIDE)
    }
    return aside | {skip.key: skip.reason for skip in bench.ledger.skips.list()}


def test_every_bad_file_has_its_reason_and_the_good_one_is_prepared(
    bench: Workbench, songs: Path
) -> None:
    good = (songs / "Good Band - Good Song.wav").read_bytes()
    (songs / "no audio.mp3").write_text("<html>not found</html>")
    (songs / "empty.mp3").write_bytes(b"")
    (songs / "cut header.wav").write_bytes(good[:20])
    write(songs / "silent.wav", np.zeros((2, 12 * RENDER_RATE_HZ), np.float32))
    write(songs / "three seconds.wav", play(4, duration_s=3.0).mix)
    report = ingest(bench, Sources(songs=songs))
    assert report.total_examples == 2
    found = reasons(bench)
    assert set(found) == {
        "no audio.mp3",
        "empty.mp3",
        "cut header.wav",
        "silent.wav",
        "three seconds.wav",
    }
    assert "expected sound, got silence" in found["silent.wav"]
    assert "expected at least 10 s of sound, got 2." in found["three seconds.wav"]
    assert "expected audio that ffmpeg can read" in found["no audio.mp3"]


def test_reasons_stay_and_are_no_news_on_the_next_night(bench: Workbench, songs: Path) -> None:
    (songs / "no audio.mp3").write_text("<html>not found</html>")
    first, second = (ingest(bench, Sources(songs=songs)) for _ in range(2))
    assert [len(report.set_aside) for report in (first, second)] == [1, 0]
    assert set(reasons(bench)) == {"no audio.mp3"}


def test_a_file_that_was_mended_comes_through(bench: Workbench, songs: Path) -> None:
    (songs / "late.wav").write_bytes(b"")
    ingest(bench, Sources(songs=songs))
    write(songs / "late.wav", play(5, duration_s=12.0).mix)
    report = ingest(bench, Sources(songs=songs))
    assert (report.new_examples, reasons(bench)) == (2, {})


def test_two_files_with_one_name_are_two_tracks_and_one_sound_is_one(
    bench: Workbench, songs: Path
) -> None:
    for folder, seed in (("first", 6), ("second", 7)):
        (songs / folder).mkdir()
        write(songs / folder / "Same - Name.wav", play(seed, duration_s=12.0).mix)
    (songs / "copy.wav").write_bytes((songs / "first" / "Same - Name.wav").read_bytes())
    ingest(bench, Sources(songs=songs))
    tracks = bench.ledger.tracks.list(kind="song")
    assert len(tracks) == 3
    assert len({track.audio_key for track in tracks}) == 3


def test_a_title_with_a_path_in_it_stays_a_title(bench: Workbench, songs: Path) -> None:
    listing = songs / "list.json"
    listing.write_text(
        '[{"path": "Good Band - Good Song.wav", "title": "../../../etc/passwd\\u0000 <b>"}]'
    )
    ingest(bench, Sources(songs=listing))
    (track,) = bench.ledger.tracks.list()
    assert track.audio_key is not None
    assert ".." not in track.audio_key.split("/")
    path = bench.store.local_path(track.audio_key)
    assert path is not None
    assert path.parent.name == "audio"


def test_a_mashup_without_its_songs_waits_for_them(bench: Workbench, songs: Path) -> None:
    mashups = songs.parent / "mashups"
    mashups.mkdir()
    write(mashups / "Some One - A vs. Any One - B (Mashup).wav", play(8, duration_s=12.0).mix)
    ingest(bench, Sources(mashups=mashups, songs=songs))
    (skip,) = bench.ledger.skips.list(stage="match")
    assert "catalogue" in skip.reason


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (Sources(), "nothing to ingest: name mashups, songs, multitracks or YouTube addresses"),
        (Sources(songs=Path("nowhere")), "but nothing is there; check the path"),
    ],
)
def test_sources_that_cannot_be_used_are_said_at_once(
    bench: Workbench, sources: Sources, words: str
) -> None:
    with pytest.raises(SourceError, match=words):
        collect(bench, sources)


def test_a_folder_without_any_audio_or_pair_is_an_error(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "notes.txt.bak").write_text("no audio here")
    for sources in (Sources(songs=tmp_path), Sources(multitracks=tmp_path)):
        with pytest.raises(CatalogError, match="found none"):
            collect(bench, sources)
