from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from audio.errors import AudioError
from audio.params import PARAMS, SpectrogramParams
from audio.spectrogram import (
    audio_levels,
    from_levels,
    istft,
    params_at,
    slices,
    stft,
    to_levels,
)
from tests.audio.sounds import noise, sine

RENDER = params_at(44_100)


@pytest.mark.parametrize("params", [PARAMS, RENDER])
def test_a_full_scale_sine_reads_one_in_its_bin(params: SpectrogramParams) -> None:
    bin_hz = params.sample_rate_hz / params.n_fft
    audio = sine(100 * bin_hz, 1.0, amplitude=1.0, rate_hz=params.sample_rate_hz)
    magnitude = stft(audio[0], params=params).abs()
    assert magnitude.shape == (1 + audio.shape[1] // params.hop_samples, params.n_bins)
    middle = magnitude[5:-5]
    assert middle.argmax(dim=1).unique().tolist() == [100]
    torch.testing.assert_close(middle[:, 100], torch.ones(len(middle)), atol=1e-4, rtol=0)


@pytest.mark.parametrize("params", [PARAMS, RENDER])
def test_a_frame_is_centred_at_its_number_times_the_hop(params: SpectrogramParams) -> None:
    audio = np.zeros(40 * params.hop_samples, np.float32)
    audio[17 * params.hop_samples] = 1.0
    energy = stft(audio, params=params).abs().sum(dim=1)
    assert int(energy.argmax()) == 17
    torch.testing.assert_close(energy[16], energy[18])


def test_render_parameters_keep_frame_times_and_bin_widths() -> None:
    assert (RENDER.n_fft, RENDER.hop_samples) == (4096, 1024)
    assert RENDER.frame_s == PARAMS.frame_s
    assert RENDER.sample_rate_hz / RENDER.n_fft == PARAMS.sample_rate_hz / PARAMS.n_fft


@pytest.mark.parametrize("rate_hz", [48_000, 11_025, 0])
def test_a_rate_without_matching_frames_is_refused(rate_hz: int) -> None:
    with pytest.raises(AudioError, match="multiple of 22050 Hz"):
        params_at(rate_hz)


@pytest.mark.parametrize("samples", [1, 512, 22_050, 30_001])
def test_istft_gives_the_samples_back(samples: int) -> None:
    audio = noise(1.0)[:, :samples]
    back = istft(stft(audio), audio.shape[1])
    torch.testing.assert_close(back, torch.from_numpy(audio), atol=1e-5, rtol=0)


def test_stereo_is_each_side_by_itself() -> None:
    audio = noise(0.5)
    torch.testing.assert_close(stft(audio)[1], stft(audio[1]))


def test_levels_are_linear_in_db_between_floor_and_top() -> None:
    level_db = torch.tensor([-200.0, -114.0, -113.7, 0.0, 6.0, 40.0])
    levels = to_levels(10 ** (level_db / 20))
    assert levels.tolist() == [0, 0, 1, 242, 255, 255]
    assert to_levels(torch.zeros(3)).tolist() == [0, 0, 0]


def test_every_level_survives_a_round_trip() -> None:
    levels = torch.arange(256, dtype=torch.uint8)
    magnitudes = from_levels(levels)
    assert magnitudes[0] == 0.0
    assert torch.equal(to_levels(magnitudes), levels)
    assert torch.equal(from_levels(levels.numpy()), magnitudes)


@given(st.floats(-113.0, 5.9))
def test_quantising_errs_by_half_a_level_at_most(level_db: float) -> None:
    magnitude = torch.tensor([10 ** (level_db / 20)])
    error_db = 20 * torch.log10(from_levels(to_levels(magnitude)) / magnitude)
    assert error_db.abs() <= PARAMS.db_per_level / 2 + 1e-3


@pytest.mark.parametrize("params", [PARAMS, RENDER])
def test_audio_levels_are_the_levels_of_the_stft(params: SpectrogramParams) -> None:
    audio = noise(4.0)[0]
    expected = to_levels(stft(audio, params=params).abs(), params=params)
    levels = audio_levels(audio, params=params)
    assert levels.dtype == torch.uint8
    difference = (levels.int() - expected.int()).abs()
    assert difference.max() <= 1  # rounding where a value lies between two levels
    assert difference.float().mean() < 1e-4


def test_a_gain_is_added_to_every_level() -> None:
    audio = noise(2.0)[0]
    louder = audio_levels(audio, gain_db=-7.5)
    difference = (louder.int() - audio_levels(audio * np.float32(10 ** (-7.5 / 20))).int()).abs()
    assert difference.max() <= 1
    assert difference.float().mean() < 1e-4
    with pytest.raises(AudioError, match="a finite gain"):
        audio_levels(audio, gain_db=float("inf"))


def test_slices_hold_every_frame_once_and_tell_what_is_filled_up() -> None:
    levels = torch.randint(1, 256, (600, PARAMS.n_bins), dtype=torch.uint8)
    pieces = list(slices(levels))
    assert [valid for _, valid in pieces] == [256, 256, 88]
    assert all(piece.shape == (256, 1025) and piece.dtype == np.uint8 for piece, _ in pieces)
    kept = np.concatenate([piece[:valid] for piece, valid in pieces])
    np.testing.assert_array_equal(kept, levels.numpy())
    assert not pieces[-1][0][88:].any()


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros(0, np.float32), "channels, samples"),
        (np.zeros((1, 2, 3), np.float32), "channels, samples"),
        (np.full(5000, np.nan, np.float32), "finite samples"),
        (np.full(5000, np.inf, np.float32), "finite samples"),
    ],
)
def test_what_has_no_spectrum_is_refused(audio: np.ndarray, message: str) -> None:
    for transform in (stft, audio_levels):
        with pytest.raises(AudioError, match=message):
            transform(audio)


def test_levels_are_of_mono_audio_only() -> None:
    with pytest.raises(AudioError, match="mono"):
        audio_levels(noise(0.1))
