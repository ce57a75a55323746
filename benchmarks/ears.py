"""How well songs are heard in mashups: `python -m benchmarks.ears [--cases N] [--json]`.

Makes mashups of the real songs in MASHUP_CORPUS (see `benchmarks.ear_cases`), looks for both songs
of each and, in its place, for one that is not there, and prints a table beside the rival: plain
cross-correlation of onsets, as `docs/experiments.md` describes it.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass, field

import numpy as np
import scipy.fft

from audio.features import FLUX_STEP, SongFeatures, extract
from audio.locate import Location, locate_pair
from audio.onsets import FLUX_RATE_HZ
from audio.pitch import paired, retimed
from benchmarks.ear_cases import Case, Part, corpus_folder, load_songs, make_case

NEAR_S, RIGHT_S, RIGHT_RATIO = 0.1, 0.02, 1e-3
RIVAL_RATIOS = tuple(np.linspace(0.997, 1.003, 13))
RIVAL_ACCEPT = 1.07


@dataclass(slots=True)
class Tally:
    """What was counted for one kind of song over all cases."""

    tried: int = 0
    located: int = 0
    right: int = 0
    errors_ms: list[float] = field(default_factory=list)
    sounding: int = 0
    covered: int = 0
    rival_right: int = 0
    rival_wrong: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; shares of 1, milliseconds."""

    songs: str
    tried: int
    located: float
    right: float
    median_error_ms: float
    p95_error_ms: float
    coverage: float
    rival_right: float
    rival_wrong: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a run measured."""

    rows: list[Row]
    false_locations: int
    absent_tried: int
    highest_absent_clarity: float
    roles_right: float
    cpu_s_per_song: float
    rival_cpu_s_per_song: float


@dataclass(slots=True)
class Bench:
    """Runs cases one by one and keeps count."""

    features: dict[str, SongFeatures]
    voices: Tally = field(default_factory=Tally)
    beds: Tally = field(default_factory=Tally)
    absent_clarity: list[float] = field(default_factory=list)
    false_locations: int = 0
    roles_right: int = 0
    cpu_s: float = 0.0
    rival_cpu_s: float = 0.0

    def hear(self, case: Case, absent: str) -> None:
        """Look for both songs of a case, then for an absent one beside the bed."""
        mashup = extract(case.audio)
        voice, bed = self.features[case.voice.song], self.features[case.bed.song]
        start_s = time.process_time()
        pair = locate_pair(mashup, voice, bed)
        self.cpu_s += time.process_time() - start_s
        self.roles_right += pair.roles.voice == "a"
        for tally, part, location in (
            (self.voices, case.voice, pair.a),
            (self.beds, case.bed, pair.b),
        ):
            count(tally, part, location)
            self._hear_by_rival(tally, mashup, part)
        other = locate_pair(mashup, self.features[absent], bed).a
        self.absent_clarity.append(other.clarity)
        self.false_locations += other.located

    def _hear_by_rival(self, tally: Tally, mashup: SongFeatures, part: Part) -> None:
        start_s = time.process_time()
        offset_s = rival_offset_s(mashup, self.features[part.song])
        self.rival_cpu_s += time.process_time() - start_s
        if offset_s is not None:
            is_right = min(abs(offset_s - segment.song_time(0.0)) for segment in part.segments)
            tally.rival_right += is_right < NEAR_S
            tally.rival_wrong += is_right >= NEAR_S

    def report(self) -> Report:
        songs = 2 * self.voices.tried
        return Report(
            rows=[row("voices", self.voices), row("beds", self.beds)],
            false_locations=self.false_locations,
            absent_tried=len(self.absent_clarity),
            highest_absent_clarity=round(max(self.absent_clarity), 2),
            roles_right=round(self.roles_right / self.voices.tried, 4),
            cpu_s_per_song=round(self.cpu_s / songs, 3),
            rival_cpu_s_per_song=round(self.rival_cpu_s / songs, 3),
        )


def count(tally: Tally, part: Part, location: Location) -> None:
    """Judge one location against the truth, half second by half second where the song sounds."""
    tally.tried += 1
    tally.located += location.located
    tally.right += is_right(part, location)
    for half in np.flatnonzero(part.sounding):
        moment_s = half / 2 + 0.25
        true = [
            each for each in part.segments if each.mashup_start_s <= moment_s < each.mashup_end_s
        ]
        if not true:
            continue
        tally.sounding += 1
        for found in location.segments:
            if found.mashup_start_s <= moment_s < found.mashup_end_s:
                error_s = abs(found.song_time(moment_s) - true[0].song_time(moment_s))
                if error_s < NEAR_S:
                    tally.covered += 1
                    tally.errors_ms.append(1000 * float(error_s))


def is_right(part: Part, location: Location) -> bool:
    """Ratio within 0.1 %, semitone exact, middle of the longest segment within 20 ms."""
    if not location.located:
        return False
    longest = max(location.segments, key=lambda segment: segment.duration_s)
    middle_s = (longest.mashup_start_s + longest.mashup_end_s) / 2
    error_s = min(
        abs(longest.song_time(middle_s) - each.song_time(middle_s)) for each in part.segments
    )
    ratio_error = abs(location.tempo_ratio / part.tempo_ratio - 1)
    return bool(
        error_s < RIGHT_S and ratio_error < RIGHT_RATIO and location.semitones == part.semitones
    )


def row(name: str, tally: Tally) -> Row:
    errors_ms = np.array(tally.errors_ms or [np.nan])
    return Row(
        songs=name,
        tried=tally.tried,
        located=round(tally.located / tally.tried, 4),
        right=round(tally.right / tally.tried, 4),
        median_error_ms=round(float(np.median(errors_ms)), 2),
        p95_error_ms=round(float(np.percentile(errors_ms, 95)), 2),
        coverage=round(tally.covered / max(1, tally.sounding), 4),
        rival_right=round(tally.rival_right / tally.tried, 4),
        rival_wrong=round(tally.rival_wrong / tally.tried, 4),
    )


def rival_offset_s(mashup: SongFeatures, song: SongFeatures) -> float | None:
    """Plain onset cross-correlation at the tempi's ratio times {1/2, 1, 2} within 0.3 %."""
    if not mashup.tempi or not song.tempi:
        return None
    rate_hz = FLUX_RATE_HZ / 4
    mine, other = (_onsets(each) for each in (mashup, song))
    size = scipy.fft.next_fast_len(2 * len(mine) + len(other) + 2, real=True)
    spectrum = scipy.fft.rfft(other, size, axis=0)
    best, best_share, best_offset_s = 0.0, 0.0, 0.0
    for factor in (0.5, 1.0, 2.0):
        base = factor * mashup.tempi[0].bpm / song.tempi[0].bpm
        for ratio in (base * step for step in RIVAL_RATIOS if 0.6 < base < 1.6):
            warped = retimed(mine, ratio)
            product = (spectrum * np.conj(scipy.fft.rfft(warped, size, axis=0))).sum(axis=1)
            curve = scipy.fft.irfft(product, size)
            peak = int(curve.argmax())
            height = float(curve[peak]) / ratio
            if height > best:
                curve[max(0, peak - 10) : peak + 11] = 0
                best, best_share = height, height * ratio / float(curve.max())
                best_offset_s = (peak if peak < len(other) else peak - size) / rate_hz
    return best_offset_s if best_share >= RIVAL_ACCEPT else None


def _onsets(features: SongFeatures) -> np.ndarray:
    """Onset strengths (frames, bands) at 43 Hz, each band standardized."""
    flux = features.flux.astype(np.float32) * FLUX_STEP
    slow = paired(paired(flux, axis=0), axis=0)
    return np.asarray((slow - slow.mean(axis=0)) / (slow.std(axis=0) + 1e-6))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20, help="seeds 0 to N-1")
    parser.add_argument("--first", type=int, default=0, help="seed of the first case")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args()
    songs = load_songs(corpus_folder())
    bench = Bench({song.name: extract(song.mix) for song in songs})
    for seed in range(options.first, options.first + options.cases):
        case = make_case(seed, songs)
        absent = [s.name for s in songs if s.name not in (case.voice.song, case.bed.song)]
        bench.hear(case, absent[seed % len(absent)])
    report = bench.report()
    print(json.dumps(asdict(report), indent=2) if options.json else table(report))


def table(report: Report) -> str:
    """The report as lines of text."""
    lines = [
        "songs   tried located  right  median ms  p95 ms  coverage | rival right wrong",
        *(
            f"{each.songs:7} {each.tried:5d} {each.located:7.1%} {each.right:6.1%}"
            f" {each.median_error_ms:10.2f} {each.p95_error_ms:7.2f} {each.coverage:9.1%}"
            f" | {each.rival_right:11.1%} {each.rival_wrong:5.1%}"
            for each in report.rows
        ),
        f"absent songs located: {report.false_locations} of {report.absent_tried}"
        f" (clearest {report.highest_absent_clarity})",
        f"roles right: {report.roles_right:.1%}",
        f"CPU s per song: {report.cpu_s_per_song:.2f} (rival {report.rival_cpu_s_per_song:.2f})",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
