from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audio.decode import decode
from audio.errors import AudioError, SilentAudioError
from audio.presence import matching_gains, presence
from tests.audio.sounds import RATE_HZ, music, noise, sine

SECONDS = 12
VOICE = music(SECONDS, seed=1)
BED = music(SECONDS, seed=2) + noise(SECONDS, seed=2)
OTHER = music(SECONDS, seed=3) + noise(SECONDS, seed=3)
VOICE_GAINS = np.array([1, 1, 0, 0.5, 2, 1, 0.7, 0, 0, 1.5, 1, 0.3], np.float32)
BED_GAINS = np.array([1, 0.5, 1, 1, 1, 0, 1, 0.2, 1, 1, 0.6, 1], np.float32)
SUNG = VOICE * np.repeat(VOICE_GAINS, RATE_HZ)
PLAYED = BED * np.repeat(BED_GAINS, RATE_HZ)


def energy_per_second(audio: np.ndarray) -> np.ndarray:
    return (audio.mean(axis=0).reshape(SECONDS, RATE_HZ) ** 2).sum(axis=1)


TRUE_VOICE = energy_per_second(SUNG) / (energy_per_second(SUNG) + energy_per_second(PLAYED))


def test_presence_follows_who_is_heard_when() -> None:
    result = presence(SUNG + PLAYED, VOICE, BED, sample_rate_hz=RATE_HZ)
    assert result.voice.shape == result.bed.shape == (SECONDS,)
    assert np.corrcoef(result.voice, TRUE_VOICE)[0, 1] > 0.9
    assert np.corrcoef(result.bed, 1 - TRUE_VOICE)[0, 1] > 0.9
    assert result.unexplained < 0.1


def test_shares_add_up() -> None:
    result = presence(SUNG + PLAYED + OTHER, VOICE, BED, sample_rate_hz=RATE_HZ)
    assert result.voice_share + result.bed_share + result.unexplained == pytest.approx(1.0)
    assert 0 < result.unexplained < 1


def test_unrelated_songs_explain_nothing() -> None:
    result = presence(SUNG + PLAYED, OTHER, music(SECONDS, seed=4), sample_rate_hz=RATE_HZ)
    assert result.unexplained > 0.9


def test_a_song_that_is_not_there_has_no_share() -> None:
    result = presence(PLAYED, VOICE, BED, sample_rate_hz=RATE_HZ)
    assert result.voice_share < 0.03
    assert result.bed_share > 0.95


def test_mirrored_roles_give_mirrored_shares() -> None:
    one = presence(SUNG + PLAYED, VOICE, BED, sample_rate_hz=RATE_HZ)
    two = presence(SUNG + PLAYED, BED, VOICE, sample_rate_hz=RATE_HZ)
    np.testing.assert_allclose(one.voice, two.bed, atol=1e-9)
    assert one.unexplained == pytest.approx(two.unexplained)


@pytest.mark.parametrize("gain", [1e-3, 10.0])
def test_loudness_does_not_change_the_shares(gain: float) -> None:
    one = presence(SUNG + PLAYED, VOICE, BED, sample_rate_hz=RATE_HZ)
    two = presence(
        (SUNG + PLAYED) * np.float32(gain), VOICE, BED * np.float32(0.2), sample_rate_hz=RATE_HZ
    )
    np.testing.assert_allclose(one.voice, two.voice, atol=1e-3)


def test_more_misalignment_explains_less() -> None:
    unexplained = [
        presence(
            SUNG + PLAYED,
            np.roll(VOICE, late, axis=1),
            np.roll(BED, late, axis=1),
            sample_rate_hz=RATE_HZ,
        ).unexplained
        for late in (0, 441, 2205, 8820)
    ]
    assert unexplained == sorted(unexplained)
    assert unexplained[1] < 0.25  # 10 ms are forgiven
    assert unexplained[3] > 0.5


def test_seconds_are_whole_and_mono_works_too() -> None:
    length = round(3.4 * RATE_HZ)
    result = presence(
        PLAYED[0, :length], VOICE[0, :length], BED[0, :length], sample_rate_hz=RATE_HZ
    )
    assert result.bed.shape == (3,)
    assert result.bed.min() > 0.9


def test_one_song_in_both_roles_is_counted_once() -> None:
    result = presence(PLAYED, BED, BED, sample_rate_hz=RATE_HZ)
    assert result.voice_share + result.bed_share == pytest.approx(1.0, abs=0.02)


def test_silent_seconds_and_silent_songs_have_no_share() -> None:
    gap = PLAYED.copy()
    gap[:, 3 * RATE_HZ : 6 * RATE_HZ] = 0
    result = presence(gap, np.zeros_like(gap), BED, sample_rate_hz=RATE_HZ)
    assert (result.bed[4], result.voice_share) == (0.0, 0.0)
    assert np.isfinite(result.bed).all()


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(AudioError, match="one length"):
        presence(PLAYED, VOICE[:, :-1], BED, sample_rate_hz=RATE_HZ)
    with pytest.raises(SilentAudioError, match="mashup with sound"):
        presence(np.zeros_like(PLAYED), VOICE, BED, sample_rate_hz=RATE_HZ)


@pytest.mark.corpus
def test_presence_follows_real_singing_over_another_song(corpus: Path) -> None:
    folder = corpus / "multitracks"
    lithium, vocals, bed, other = (
        decode(folder / f"{name}.mp3", start_s=60, duration_s=SECONDS)
        for name in (
            "lithium_instrumental",
            "lithium_vocals",
            "sodium_instrumental",
            "potassium_instrumental",
        )
    )
    sung, played = (vocals * np.repeat(VOICE_GAINS, RATE_HZ), bed * np.repeat(BED_GAINS, RATE_HZ))
    truth = energy_per_second(sung) / (energy_per_second(sung) + energy_per_second(played))
    result = presence(sung + played, vocals + lithium, bed, sample_rate_hz=RATE_HZ)
    assert np.corrcoef(result.voice, truth)[0, 1] > 0.9
    wrong = presence(sung + played, other, other[:, ::-1], sample_rate_hz=RATE_HZ)
    assert (result.unexplained < 0.1, wrong.unexplained > 0.9) == (True, True)


def test_the_gain_of_a_kept_part_is_found_though_the_rest_of_its_song_is_missing() -> None:
    # Two notes of each song; the mashup keeps the higher one of the first at half its level.
    kept, lost = sine(1200.0, 8.0), sine(220.0, 8.0)
    other = sine(500.0, 8.0)
    found = matching_gains(0.5 * kept + 0.8 * other, kept + lost, other, sample_rate_hz=RATE_HZ)
    assert (found.voice, found.bed) == pytest.approx((0.5, 0.8), abs=0.02)
