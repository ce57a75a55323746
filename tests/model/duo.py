"""Two short songs of the band, listened to once for all tests that need a mashup."""

from __future__ import annotations

from functools import cache

from audio.band import BandSong, play
from model.baselines import BandSplitRule
from model.conduct import conduct
from model.plan import Plan
from model.render import Mashup, render
from model.songs import AnalysedSong, analyse

SINGER, PLAYER = 31, 34  # seeds: 116 and 109 BPM
DURATION_S = 48.0
MASHUP_S = 30.0


@cache
def song(seed: int) -> BandSong:
    return play(seed, duration_s=DURATION_S)


@cache
def heard(seed: int) -> AnalysedSong:
    return analyse(song(seed).mix, name=f"{song(seed).artist} - {song(seed).title}")


@cache
def plan() -> Plan:
    return conduct(heard(SINGER), heard(PLAYER), voice="A", seconds=MASHUP_S)


@cache
def mashup() -> Mashup:
    return render(plan(), heard(SINGER), heard(PLAYER), mask_maker=BandSplitRule())
