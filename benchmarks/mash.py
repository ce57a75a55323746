"""How well two songs keep time in a mashup: `python -m benchmarks.mash [--pairs N] [--json]`.

Neighbouring songs of the band are conducted, and their true beats are followed through the plan's
segments to the mashup's timeline: what is measured is the conductor's own timing, before the
renderer settles the rest by ear. Of two songs that count differently, the beats of the slower are
looked for among those of the faster. Seeds 200 and up were never used to tune.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from audio.band import BandSong, play
from audio.timemap import Segment
from model.conduct import conduct
from model.songs import AnalysedSong, analyse

SONG_S, MASHUP_S = 120.0, 60.0
NEAR_S, DOWNBEAT_S = 0.020, 0.030
RIGHT_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class PairTiming:
    """How far two songs of a mashup are off each other."""

    a: str
    b: str
    offset_ms: float
    beats_near: float
    downbeats_near: float


@dataclass(frozen=True, slots=True)
class Summary:
    """All pairs; shares of 1."""

    pairs: int
    median_offset_ms: float
    pairs_near: float
    beats_near: float
    pairs_with_downbeats: float


@dataclass(frozen=True, slots=True)
class _Heard:
    """A song and what was heard in it."""

    song: BandSong
    analysed: AnalysedSong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--first", type=int, default=200, help="seed of the first song")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args()
    timings = []
    before = _hear(options.first)
    for seed in range(options.first + 1, options.first + options.pairs + 1):
        after = _hear(seed)
        timings.append(time_pair(before, after))
        before = after
    report = {"pairs": [asdict(each) for each in timings], "all": asdict(summed_up(timings))}
    print(json.dumps(report, indent=2) if options.json else table(timings))


def time_pair(a: _Heard, b: _Heard) -> PairTiming:
    """Conduct two songs and compare where their true beats fall."""
    plan = conduct(a.analysed, b.analysed, seconds=MASHUP_S)
    offsets_s = _offsets_s(
        mashup_times(a.song.beats_s, plan.a.segments), mashup_times(b.song.beats_s, plan.b.segments)
    )
    down_s = _offsets_s(
        mashup_times(a.song.downbeats_s, plan.a.segments),
        mashup_times(b.song.downbeats_s, plan.b.segments),
    )
    return PairTiming(
        a.analysed.name,
        b.analysed.name,
        round(1000 * float(np.median(offsets_s)), 2),
        round(float(np.mean(offsets_s < NEAR_S)), 3),
        round(float(np.mean(down_s < DOWNBEAT_S)), 3),
    )


def summed_up(timings: Sequence[PairTiming]) -> Summary:
    """Sum up all pairs."""
    offsets_ms = np.array([each.offset_ms for each in timings])
    return Summary(
        pairs=len(timings),
        median_offset_ms=round(float(np.median(offsets_ms)), 2),
        pairs_near=round(float(np.mean(offsets_ms < 1000 * NEAR_S)), 3),
        beats_near=round(float(np.mean([each.beats_near for each in timings])), 3),
        pairs_with_downbeats=round(
            float(np.mean([each.downbeats_near >= RIGHT_SHARE for each in timings])), 3
        ),
    )


def mashup_times(song_s: NDArray[np.float64], segments: Sequence[Segment]) -> NDArray[np.float64]:
    """When moments of a song are heard in its mashup, in order; never, once or often."""
    heard = []
    for each in segments:
        inside_s = song_s[(song_s >= each.song_start_s) & (song_s < each.song_end_s)]
        heard.append(np.asarray(each.mashup_time(inside_s)))
    return np.sort(np.concatenate(heard))


def table(timings: Sequence[PairTiming]) -> str:
    """All pairs and their sum as lines of text."""
    total = summed_up(timings)
    lines = ["median ms  beats within 20 ms  downbeats within 30 ms  songs"]
    lines += [
        f"{each.offset_ms:9.1f} {each.beats_near:16.1%} {each.downbeats_near:22.1%}"
        f"  {each.a} x {each.b}"
        for each in timings
    ]
    lines.append(
        f"{total.pairs} pairs: median {total.median_offset_ms:.1f} ms, {total.pairs_near:.1%} of"
        f" pairs and {total.beats_near:.1%} of beats within 20 ms, downbeats meet in"
        f" {total.pairs_with_downbeats:.1%}"
    )
    return "\n".join(lines)


def _hear(seed: int) -> _Heard:
    song = play(seed, duration_s=SONG_S)
    return _Heard(song, analyse(song.mix, name=f"band {seed}"))


def _offsets_s(a_s: NDArray[np.float64], b_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each beat of the slower song is from the faster's nearest, where both are heard."""
    few, many = sorted((a_s, b_s), key=lambda beats_s: -float(np.median(np.diff(beats_s))))
    offsets_s = np.abs(many[:, None] - few).min(axis=0)
    is_heard = offsets_s <= 0.51 * float(np.median(np.diff(many)))  # else the faster pauses there
    return np.asarray(offsets_s[is_heard])


if __name__ == "__main__":
    main()
