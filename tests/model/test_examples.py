from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from audio.decode import to_analysis
from audio.params import PARAMS, RENDER_RATE_HZ
from audio.spectrogram import from_levels
from model.errors import ShapeError
from model.examples import SongLabel, human_examples, made_examples, song_examples
from storage.schema import Example
from tests.model.songs import LABEL, played, stems, sung


def test_seven_seconds_give_a_slice_and_a_rest() -> None:
    song = sung(7.0, seed=0)
    rows = list(human_examples(song, song, song, replace(LABEL, confidence=0.5, gain_db=-3.0)))
    assert [(r.example_id, r.slice, r.valid_frames) for r in rows] == [
        ("human:p:0000", 0, 256),
        ("human:p:0001", 1, 302 - 256),
    ]
    assert rows[1].start_s == pytest.approx(PARAMS.slice_s)
    assert (rows[0].confidence, rows[0].gain_db, rows[0].split) == (0.5, -3.0, "train")


def test_a_rest_shorter_than_a_second_is_dropped() -> None:
    song = sung(6.5, seed=0)
    assert [r.slice for r in human_examples(song, song, song, LABEL)] == [0]


def test_beats_are_counted_from_the_slice() -> None:
    song = sung(8.0, seed=0)
    label = replace(LABEL, beats_s=(0.5, 5.0, PARAMS.slice_s + 0.25))
    rows = list(human_examples(song, song, song, label))
    assert [[round(b, 3) for b in r.beats] for r in rows] == [[0.5, 5.0], [0.25]]


def test_slices_in_which_no_song_sounds_are_left_out() -> None:
    mashup = played(12.0, seed=0)
    voice = sung(12.0, seed=1)
    voice[:, : round(6.2 * RENDER_RATE_HZ)] = 0.0
    rows = list(human_examples(mashup, voice, np.zeros_like(voice), LABEL))
    assert [r.slice for r in rows] == [1]


def test_the_parts_of_a_made_row_add_up_to_their_song(rows: list[Example]) -> None:
    row = rows[0]
    voice, part = from_levels(row.voice), from_levels(row.voice_part)
    song = stems(5.94, seed=0)
    rest = next(
        iter(
            made_examples(
                song.mix(),
                song.mix(),
                song.mix(),
                voice_part=song.vocals,
                bed_part=song.instrumental,
                label=LABEL,
            )
        )
    )
    together = part + from_levels(rest.bed_part)
    loud = voice > 1e-2
    assert float((together[loud] / voice[loud]).median()) == pytest.approx(1.0, abs=0.06)


def test_a_song_gives_rows_for_pretraining() -> None:
    song = to_analysis(sung(6.0, seed=0))
    plain, louder = (
        list(song_examples(song, SongLabel(song_id="s", split="valid", gain_db=gain_db)))
        for gain_db in (0.0, 10 * PARAMS.db_per_level)
    )
    assert [(r.kind, r.voice_id, r.split, r.mashup) for r in plain] == [
        ("song", "s", "valid", None)
    ]
    heard = (plain[0].voice > 0) & (plain[0].voice < 245)
    assert abs(louder[0].voice[heard].astype(int) - plain[0].voice[heard] - 10).max() <= 1


def test_songs_that_were_not_warped_to_the_mashup_are_refused() -> None:
    song = sung(6.0, seed=0)
    with pytest.raises(ShapeError, match="warp songs to the mashup"):
        list(human_examples(song, song[:, :-1], song, LABEL))
