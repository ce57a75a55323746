"""How well beat, bar, tempo and key are heard: `python -m benchmarks.beats [--songs N] [--json]`.

Songs of known truth (see `benchmarks.beat_cases`) are heard by this project and, in the same run,
by librosa: `beat_track`, `feature.tempo`, and Krumhansl's profiles on its chroma for the key. Seeds
200 and up were never used to tune; 60 to 99 and 300 to 459 were.

A tempo is judged against the mean one; half, double and their like are counted as octave errors
and no others. Beats are right where mir_eval's F-measure at 20 ms is 0.9 or more, bars where nine
in ten true downbeats have one within 30 ms.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import librosa
import mir_eval
import numpy as np
from numpy.typing import NDArray

from audio.beats import track_beats
from audio.errors import NoBeatError
from audio.key import chroma, estimate_key
from benchmarks.beat_cases import PITCHES, RATE_HZ, STATES, BeatCase, band_cases, corpus_cases
from benchmarks.ear_cases import corpus_folder

STRICT_S, LAX_S, DOWNBEAT_S = 0.020, 0.070, 0.030
RIGHT_F, RIGHT_SHARE = 0.9, 0.9
OCTAVES = (1 / 3, 1 / 2, 2 / 3, 3 / 2, 2.0, 3.0)
# Krumhansl and Kessler 1982
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a listener says of a recording; no beats and 0 BPM where it hears none."""

    bpm: float
    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64]
    key: str


@dataclass(slots=True)
class Tally:
    """What was counted for one listener and one kind of song; a list entry each a song."""

    tempo_errors: list[float] = field(default_factory=list)
    octave_errors: list[bool] = field(default_factory=list)
    f_lax: list[float] = field(default_factory=list)
    f_strict: list[float] = field(default_factory=list)
    offsets_ms: list[float] = field(default_factory=list)
    bars_right: list[bool] = field(default_factory=list)
    key_scores: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    sound_s: float = 0.0

    def count(self, case: BeatCase, heard: Heard) -> None:
        """Judge one song."""
        ratio = heard.bpm / case.bpm
        self.tempo_errors.append(abs(ratio - 1))
        self.octave_errors.append(any(abs(ratio / octave - 1) < 0.02 for octave in OCTAVES))
        for scores, reach_s in ((self.f_lax, LAX_S), (self.f_strict, STRICT_S)):
            f_measure = mir_eval.beat.f_measure(case.beats_s, heard.beats_s, reach_s)
            scores.append(float(f_measure) if len(heard.beats_s) else 0.0)
        self.offsets_ms.append(1000 * float(np.median(nearest_s(heard.beats_s, case.beats_s))))
        off_s = nearest_s(heard.downbeats_s, case.downbeats_s)
        self.bars_right.append(bool(np.mean(off_s < DOWNBEAT_S) >= RIGHT_SHARE))
        self.key_scores.append(float(mir_eval.key.weighted_score(case.key, heard.key)))

    def row(self, listener: str, state: str) -> Row:
        """Sum up."""
        errors = np.array(self.tempo_errors)
        return Row(
            listener=listener,
            state=state,
            songs=len(errors),
            tempo_fine=_share(errors < 5e-4),
            tempo_near=_share(errors < 5e-3),
            octave_errors=_share(self.octave_errors),
            f_lax=round(float(np.mean(self.f_lax)), 3),
            f_strict=round(float(np.mean(self.f_strict)), 3),
            beats_right=_share(np.array(self.f_strict) >= RIGHT_F),
            offset_ms=round(float(np.median(self.offsets_ms)), 2),
            bars_right=_share(self.bars_right),
            key_score=round(float(np.mean(self.key_scores)), 3),
            cpu_s_per_minute=round(60 * self.cpu_s / self.sound_s, 3),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; shares of 1, milliseconds."""

    listener: str
    state: str
    songs: int
    tempo_fine: float
    tempo_near: float
    octave_errors: float
    f_lax: float
    f_strict: float
    beats_right: float
    offset_ms: float
    bars_right: float
    key_score: float
    cpu_s_per_minute: float


def hear(audio: NDArray[np.float32]) -> Heard:
    """What this project hears."""
    key = estimate_key(chroma(audio))
    named = f"{PITCHES[key.tonic]} {key.mode}"
    try:
        beats = track_beats(audio)
    except NoBeatError:
        return Heard(0.0, np.zeros(0), np.zeros(0), named)
    return Heard(beats.bpm, beats.beats_s, beats.downbeats_s, named)


def hear_by_librosa(audio: NDArray[np.float32]) -> Heard:
    """What librosa hears: it knows no downbeats, so every fourth beat is one."""
    bpm = float(librosa.feature.tempo(y=audio, sr=RATE_HZ)[0])
    _, beats_s = librosa.beat.beat_track(y=audio, sr=RATE_HZ, units="time")
    classes = librosa.feature.chroma_cqt(y=audio, sr=RATE_HZ).mean(axis=1)
    fits = {
        f"{PITCHES[tonic]} {mode}": float(np.corrcoef(classes, np.roll(profile, tonic))[0, 1])
        for mode, profile in (("major", MAJOR), ("minor", MINOR))
        for tonic in range(12)
    }
    return Heard(bpm, beats_s, beats_s[::4], max(fits, key=lambda key: fits[key]))


LISTENERS: dict[str, Callable[[NDArray[np.float32]], Heard]] = {
    "ours": hear,
    "librosa": hear_by_librosa,
}


def nearest_s(found_s: NDArray[np.float64], true_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the nearest found moment is from each true one; infinitely where none was found."""
    if len(found_s) == 0:
        return np.full(len(true_s), np.inf)
    return np.abs(found_s[:, None] - true_s).min(axis=0)


def _share(flags: NDArray[np.bool_] | list[bool]) -> float:
    return round(float(np.mean(flags)), 4)


def measure(cases: list[BeatCase], tallies: dict[tuple[str, str], Tally]) -> None:
    """Let each listener hear each case, one after the other."""
    for case in cases:
        for name, listener in LISTENERS.items():
            tally = tallies.setdefault((name, case.state), Tally())
            start_s = time.process_time()
            heard = listener(case.audio)
            tally.cpu_s += time.process_time() - start_s
            tally.sound_s += len(case.audio) / RATE_HZ
            tally.count(case, heard)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, default=20, help="songs of the band")
    parser.add_argument("--first", type=int, default=200, help="seed of the first")
    parser.add_argument("--json", action="store_true", help="one JSON list instead of a table")
    options = parser.parse_args()
    tallies: dict[tuple[str, str], Tally] = {}
    measure(list(corpus_cases(corpus_folder())), tallies)
    for seed in range(options.first, options.first + options.songs):
        measure(list(band_cases(seed)), tallies)
    rows = [
        tallies[name, state].row(name, state)
        for state in ("corpus", *STATES)
        for name in LISTENERS
        if (name, state) in tallies
    ]
    print(json.dumps([asdict(row) for row in rows], indent=2) if options.json else table(rows))


def table(rows: list[Row]) -> str:
    """The rows as lines of text."""
    lines = [
        "songs      listener  n   tempo .05% .5%  octave   F 70 ms  20 ms   right  median ms"
        "   bars    key   CPU s/min"
    ]
    lines += [
        f"{row.state:10} {row.listener:8} {row.songs:3d}"
        f" {row.tempo_fine:9.1%} {row.tempo_near:6.1%} {row.octave_errors:6.1%}"
        f" {row.f_lax:8.3f} {row.f_strict:7.3f} {row.beats_right:7.1%} {row.offset_ms:8.1f}"
        f" {row.bars_right:8.1%} {row.key_score:6.3f} {row.cpu_s_per_minute:8.2f}"
        for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
