from __future__ import annotations

import pytest
import torch

from audio.decode import to_analysis
from audio.spectrogram import stft
from model.baselines import BandSplitRule, BedOnly, HpssSplit, OracleMask, Sum, baselines
from model.errors import ShapeError
from model.masks import phase_sensitive_part
from tests.model.songs import played, stems, sung


def test_sum_and_bed_only_are_exact() -> None:
    x = torch.rand(3, 1025)
    assert Sum().masks(x, x).voice.unique().tolist() == [1.0]
    assert BedOnly().masks(x, x).voice.unique().tolist() == [0.0]
    assert BedOnly().masks(x, x).bed.unique().tolist() == [1.0]


def test_the_band_split_gives_each_frequency_to_one_song() -> None:
    masks = BandSplitRule().masks(torch.ones(1, 1025), torch.ones(1, 1025))
    torch.testing.assert_close(masks.voice + masks.bed, torch.ones(1, 1025))
    heard = {hz: float(masks.voice[0, round(hz / 10.7666)]) for hz in (60, 1000, 9000)}
    assert heard == {60: 0.0, 1000: 1.0, 9000: 0.0}


def test_the_hpss_split_hears_tones_of_one_song_and_strikes_of_the_other() -> None:
    tone, strikes = (stft(to_analysis(x)).abs() for x in (sung(3, seed=0), played(3, seed=1)))
    masks = HpssSplit().masks(tone + strikes, tone + strikes)
    loud = (tone > 0.02) & (torch.arange(1025) > 25)
    assert float(masks.voice[loud].mean()) > 0.8
    assert float(masks.bed[loud].mean()) < 0.2


def test_the_hpss_split_lets_silence_be() -> None:
    assert not HpssSplit().masks(torch.zeros(40, 1025), torch.zeros(40, 1025)).voice.any()


def test_the_oracle_beats_every_rule() -> None:
    song = stems(2.0, seed=3)
    mixture, vocals, instrumental = (
        stft(to_analysis(x)) for x in (song.mix(), song.vocals, song.instrumental)
    )
    parts = (phase_sensitive_part(x, mixture) for x in (vocals, instrumental))
    makers = [OracleMask(*parts), *baselines()]
    errors = {}
    for maker in makers:
        masks = maker.masks(mixture.abs(), mixture.abs())
        made = masks.voice * mixture - vocals, masks.bed * mixture - instrumental
        errors[maker.name] = sum(float(error.abs().square().sum()) for error in made)
    assert min(errors, key=lambda name: errors[name]) == "oracle_mask"
    assert errors["oracle_mask"] < errors["sum"] / 10


@pytest.mark.parametrize("maker", baselines(), ids=lambda maker: maker.name)
def test_songs_that_are_not_aligned_are_refused(maker: Sum) -> None:
    with pytest.raises(ShapeError, match="two aligned spectrograms"):
        maker.masks(torch.ones(2, 1025), torch.ones(3, 1025))
