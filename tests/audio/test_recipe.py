from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from audio.band import BandSong
from audio.errors import AudioError
from audio.made import Recipe
from audio.recipe import SongFacts, Taste, band_facts, fold_ratio, random_recipe, sung_spans


def _facts(bpm: float, key: tuple[int, str] | None, duration_s: float = 200.0) -> SongFacts:
    downbeats_s = tuple(np.arange(0.4, duration_s, 240 / bpm).tolist())
    return SongFacts(duration_s, bpm, downbeats_s, key, sung_s=((20.0, 60.0), (100.0, 150.0)))


VOICE, BED = _facts(95.0, (9, "minor")), _facts(128.0, (4, "major"))


def _draw(seed: int, *, cuts: bool = False) -> Recipe:
    rng = np.random.default_rng(seed)
    return random_recipe(rng, VOICE, BED, duration_s=60.0, taste=Taste(cuts=cuts))


def test_a_seed_gives_one_recipe_and_another_seed_another() -> None:
    assert _draw(5) == _draw(5)
    assert _draw(5) != _draw(6)


@pytest.mark.parametrize("cuts", [False, True])
def test_tempi_meet_within_taste(cuts: bool) -> None:
    for seed in range(40):
        recipe = _draw(seed, cuts=cuts)
        bed_ratio = recipe.bed.segments[0].tempo_ratio
        voice_ratio = recipe.voice.segments[0].tempo_ratio
        assert abs(bed_ratio - 1) <= 0.12
        assert abs(voice_ratio - 1) <= 0.25
        assert recipe.bpm == pytest.approx(BED.bpm * bed_ratio)
        assert fold_ratio(recipe.bpm / VOICE.bpm) == pytest.approx(voice_ratio)


@pytest.mark.parametrize("cuts", [False, True])
def test_downbeats_of_both_songs_meet_those_of_the_mashup(cuts: bool) -> None:
    for seed in range(20):
        recipe = _draw(seed, cuts=cuts)
        grid = np.array(recipe.downbeats_s)
        for facts, treatment in ((VOICE, recipe.voice), (BED, recipe.bed)):
            for segment in treatment.segments:
                heard = segment.mashup_time(np.array(facts.downbeats_s))
                heard = heard[(heard >= 0) & (heard <= 60)]
                near = np.abs(grid[:, None] - heard).min(axis=1)
                inside = (grid > segment.mashup_start_s) & (grid < segment.mashup_end_s)
                assert near[inside][::2].max() < 1e-6  # a folded voice meets every second bar


def test_segments_lie_within_song_and_mashup_and_do_not_overlap() -> None:
    for seed in range(40):
        recipe = _draw(seed, cuts=True)
        for treatment in (recipe.voice, recipe.bed):
            for segment in treatment.segments:
                assert -1e-9 <= segment.mashup_start_s < segment.mashup_end_s <= 60.0
                assert -1e-9 <= segment.song_start_s < segment.song_end_s <= 200.0 + 1e-9
            for before, after in pairwise(treatment.segments):
                assert before.mashup_end_s <= after.mashup_start_s + 1e-9


def test_cuts_rearrange_and_their_absence_does_not() -> None:
    assert all(len(_draw(seed).bed.segments) == 1 for seed in range(10))
    counts = [len(_draw(seed, cuts=True).bed.segments) for seed in range(10)]
    assert min(counts) >= 2
    starts = [s.song_start_s for seed in range(10) for s in _draw(seed, cuts=True).bed.segments]
    assert len(set(starts)) < len(starts)  # loops repeat a place


@pytest.mark.parametrize("voice_tonic", range(12))
def test_shifts_bring_the_keys_together(voice_tonic: int) -> None:
    """A minor is C major's relative; a fifth apart where three semitones do not reach."""
    voice = _facts(120.0, (voice_tonic, "minor"))
    bed = _facts(120.0, (0, "major"))
    for seed in range(10):
        recipe = random_recipe(np.random.default_rng(seed), voice, bed, duration_s=30.0)
        apart = (voice_tonic + 3 + recipe.voice.semitones - recipe.bed.semitones) % 12
        assert apart in (0, 5, 7)
        assert abs(recipe.voice.semitones) <= 3
        assert abs(recipe.bed.semitones) <= 1


def test_unknown_keys_give_shifts_of_all_sizes() -> None:
    song = _facts(120.0, None)
    rngs = [np.random.default_rng(seed) for seed in range(60)]
    shifts = {random_recipe(rng, song, song, duration_s=30.0).voice.semitones for rng in rngs}
    assert shifts == {-3, -2, -1, 0, 1, 2, 3}


def test_the_voice_is_taken_where_somebody_sings() -> None:
    for seed in range(20):
        segment = _draw(seed).voice.segments[0]
        sung = sum(
            max(0.0, min(end, segment.song_end_s) - max(start, segment.song_start_s))
            for start, end in VOICE.sung_s
        )
        assert sung >= 25.0


def test_a_short_song_ends_early() -> None:
    short = _facts(120.0, None, duration_s=20.0)
    recipe = random_recipe(np.random.default_rng(0), short, BED, duration_s=60.0)
    segment = recipe.voice.segments[-1]
    assert segment.song_end_s == pytest.approx(20.0)
    assert segment.mashup_end_s < 30.0


def test_facts_of_the_band_are_its_truth(folk_song: BandSong) -> None:
    facts = band_facts(folk_song)
    assert (facts.duration_s, facts.bpm, facts.key) == (24.0, 112.0, (5, "minor"))
    assert facts.downbeats_s == tuple(folk_song.downbeats_s)
    sung = sung_spans(folk_song.vocals, sample_rate_hz=44_100)
    assert sung
    assert min(start for start, _ in sung) >= facts.sung_s[0][0] - 1.0


def test_silence_is_nowhere_sung() -> None:
    assert sung_spans(np.zeros((2, 88_200), np.float32), sample_rate_hz=44_100) == ()


@pytest.mark.parametrize(
    ("voice", "bed", "duration_s", "message"),
    [
        (VOICE, BED, 1.0, "at least 2 s, got duration_s=1.0"),
        (VOICE, BED, float("inf"), "got duration_s=inf"),
        (SongFacts(100.0, 0.0), BED, 30.0, "voice song needs its tempo in BPM, got 0"),
        (VOICE, SongFacts(100.0, float("nan")), 30.0, "bed song needs its tempo in BPM, got nan"),
        (VOICE, SongFacts(0.5, 100.0), 30.0, "bed song must last at least 2 s, got 0.5"),
    ],
)
def test_what_no_mashup_can_be_made_of_is_refused(
    voice: SongFacts, bed: SongFacts, duration_s: float, message: str
) -> None:
    with pytest.raises(AudioError, match=message):
        random_recipe(np.random.default_rng(0), voice, bed, duration_s=duration_s)
