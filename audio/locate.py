"""Where in a mashup is this song, how fast, how high: the ears' answer, with its confidence.

Speed, key and place come from `search`, cuts and loops from `diagonals`, milliseconds from
`refine`. Of a pair, the clearer song is located first and taken out of the mashup, so that the
other, mostly the voice, is heard better. What is not heard clearly is unverified, never rejected.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from audio.diagonals import Run, find_runs
from audio.explained import without
from audio.features import SongFeatures
from audio.pitch import contrast, raised, retimed
from audio.refine import Line, refine, sharpened
from audio.roles import Roles, assign_roles
from audio.search import (
    BEAT_RATIOS,
    SONG_TEMPI,
    Find,
    SongSearch,
    beat_ratios,
    best_find,
    distinct_ratios,
    picture,
    refined,
    wide_ratios,
)
from audio.tempo import MIN_CONFIDENCE
from audio.timemap import Segment

FAST_HALVINGS, WIDE_HALVINGS = 1, 2  # pitch pictures at 21.5 and 10.8 frames a second
CLEAR_Z = 18.0  # beats agreed and the song was found: no need to try every speed
SECOND_LOOKS = 4  # best speeds of the wide search that are looked at again
COMMON_BEAT_ERROR = 0.005  # a speed this near the other song's beat is meant to be on it
COMMON_BEAT_Z = 0.9  # unless the match there is so much worse
LOCATED_CLARITY = 8.8  # 60 absent songs reached 8.1 at most
# Logistic on log clarity, fitted to 120 present and 60 absent songs; right means place, speed and
# key (docs/experiments.md). `python -m benchmarks.ears` measures both ends anew.
CONFIDENCE_SLOPE, CONFIDENCE_HALF = 6.5, 11.7
RATIO_TO_REDO = 0.0012  # the diagonals were drawn askew by this much: draw them again


@dataclass(frozen=True, slots=True)
class Location:
    """How a song lies in a mashup.

    `tempo_ratio` is the mashup's tempo over the song's own; `semitones` (whole) plus `cents` is how
    far the song was raised. `clarity` is the match in standard deviations above chance and
    `confidence` the probability, from it, that the location is right. Unless `located`,
    `segments` is empty and `reason` says why; the other values are the best guess.
    """

    tempo_ratio: float
    semitones: int
    cents: float
    segments: tuple[Segment, ...]
    confidence: float
    clarity: float
    located: bool
    reason: str

    @property
    def offset_s(self) -> float:
        """The song's second at the mashup's second 0, by the longest segment; NaN if unlocated."""
        if not self.segments:
            return math.nan
        longest = max(self.segments, key=lambda segment: segment.duration_s)
        return float(longest.song_time(0.0))


@dataclass(frozen=True, slots=True)
class PairLocation:
    """Both songs of a mashup, and which one sings."""

    a: Location
    b: Location
    roles: Roles


def locate(mashup: SongFeatures, song: SongFeatures, *, thorough: bool = True) -> Location:
    """Find one song in a mashup.

    Parameters
    ----------
    thorough : also try speeds at which the beats of both do not agree (about a second more
        for songs that are not there)
    """
    find = _search(mashup, song, beat_ratios(mashup, song), thorough=thorough)
    return _located(mashup, song, find, steady=False)


def locate_pair(mashup: SongFeatures, a: SongFeatures, b: SongFeatures) -> PairLocation:
    """Find two songs in a mashup; the fainter one after the clearer one is taken out."""
    songs = (a, b)
    found = [locate(mashup, song, thorough=False) for song in songs]
    if not any(location.located for location in found):
        found = [locate(mashup, song) for song in songs]
    known = 1 - _fainter(mashup, songs, found)
    if found[known].located:
        other = 1 - known
        found[other] = _locate_beside(mashup, songs[other], songs[known], found[known])
    roles = assign_roles(mashup, songs, (found[0].segments, found[1].segments))
    return PairLocation(found[0], found[1], roles)


def _fainter(
    mashup: SongFeatures, songs: tuple[SongFeatures, SongFeatures], found: list[Location]
) -> int:
    """Which of two songs to look for again: the unlocated one, of two located ones the voice."""
    if all(location.located for location in found):
        roles = assign_roles(mashup, songs, (found[0].segments, found[1].segments))
        return 0 if roles.voice == "a" else 1
    return 0 if found[0].clarity < found[1].clarity else 1


def confidence_of(clarity: float) -> float:
    """Probability that a match of so many standard deviations is no chance."""
    odds = (max(clarity, 1e-3) / CONFIDENCE_HALF) ** CONFIDENCE_SLOPE
    return float(odds / (1 + odds))


def _locate_beside(
    mashup: SongFeatures, song: SongFeatures, known: SongFeatures, location: Location
) -> Location:
    """Find a song in what a known one leaves of the mashup, on the known one's beat if it fits."""
    rest = without(mashup, known, location.segments, location.semitones)
    common = [
        factor * mine.bpm * location.tempo_ratio / other.bpm
        for mine in known.tempi[:SONG_TEMPI]
        for other in song.tempi[:SONG_TEMPI]
        for factor in BEAT_RATIOS
        if min(mine.confidence, other.confidence) >= MIN_CONFIDENCE
    ]
    ratios = [*distinct_ratios(common), *beat_ratios(mashup, song)]
    find = _search(rest, song, ratios, thorough=True)
    near = [
        each for each in common if find and abs(each / find.tempo_ratio - 1) < COMMON_BEAT_ERROR
    ]
    if find is None or not near:
        return _located(rest, song, find, steady=False)
    whole = picture(rest, halvings=FAST_HALVINGS)
    search = SongSearch(picture(song, halvings=FAST_HALVINGS), mashup_frames=len(whole.levels))
    on_beat = max((search.find(whole, each) for each in near), key=lambda each: each.z)
    steady = on_beat.z >= COMMON_BEAT_Z * find.z
    return _located(rest, song, on_beat if steady else find, steady=steady)


def _search(
    mashup: SongFeatures, song: SongFeatures, ratios: list[float], *, thorough: bool
) -> Find | None:
    """Speeds that beats suggest first; every other speed where those fail."""
    whole = picture(mashup, halvings=FAST_HALVINGS)
    search = SongSearch(picture(song, halvings=FAST_HALVINGS), mashup_frames=len(whole.levels))
    find = best_find(search, whole, ratios)
    steady = bool(song.tempi) and song.tempi[0].confidence >= MIN_CONFIDENCE
    if thorough and (find is None or find.z < CLEAR_Z or not steady):
        others = [search.find(whole, ratio) for ratio in _wide_guesses(mashup, song)]
        find = max([find, *others] if find else others, key=lambda each: each.z)
    return refined(search, whole, find) if find else None


def _wide_guesses(mashup: SongFeatures, song: SongFeatures) -> list[float]:
    """The few speeds of all in reach at which coarse pictures agree best."""
    rough = picture(mashup, halvings=WIDE_HALVINGS)
    search = SongSearch(picture(song, halvings=WIDE_HALVINGS), mashup_frames=len(rough.levels))
    finds = sorted((search.find(rough, ratio) for ratio in wide_ratios()), key=lambda each: -each.z)
    return distinct_ratios(find.tempo_ratio for find in finds)[:SECOND_LOOKS]


def _located(
    mashup: SongFeatures, song: SongFeatures, find: Find | None, *, steady: bool
) -> Location:
    """The location that a find leads to; `steady` keeps its speed as it is."""
    if find is None:
        return _unverified(None, 0.0, "no speed to try: one of the two has no pulse")
    confidence = confidence_of(find.z)
    if find.z < LOCATED_CLARITY:
        return _unverified(find, confidence, f"best match {find.z:.1f} is no clearer than chance")
    segments = _segments(mashup, song, find, steady=steady)
    if not segments:
        return _unverified(find, confidence / 2, "a speed and key fit, but no passage does")
    return Location(
        tempo_ratio=segments[0].tempo_ratio,
        semitones=find.semitones,
        cents=find.cents,
        segments=segments,
        confidence=confidence,
        clarity=find.z,
        located=True,
        reason=f"match {find.z:.1f}, next best {find.runner_up:.1f}",
    )


def _segments(
    mashup: SongFeatures, song: SongFeatures, find: Find, *, steady: bool
) -> tuple[Segment, ...]:
    onsets, own_onsets = sharpened(mashup.flux), sharpened(song.flux)
    lines = refine(_coarse_lines(mashup, song, find), onsets, own_onsets, steady=steady)
    if lines and abs(lines[0].ratio / find.tempo_ratio - 1) > RATIO_TO_REDO:
        longest = max(lines, key=lambda line: line.end_s - line.start_s)
        find = replace(find, tempo_ratio=lines[0].ratio, offset_s=longest.song_s_at_0)
        lines = refine(_coarse_lines(mashup, song, find), onsets, own_onsets, steady=steady)
    return tuple(
        Segment(line.start_s, line.end_s, line.song_s_at_0 + line.ratio * line.start_s, line.ratio)
        for line in lines
    )


def _coarse_lines(mashup: SongFeatures, song: SongFeatures, find: Find) -> list[Line]:
    """Lines of the runs that the pitch pictures agree on, all at the find's speed."""
    whole, own = (picture(each, halvings=FAST_HALVINGS) for each in (mashup, song))
    rate_hz = whole.rate_hz
    mine = contrast(retimed(whole.levels, find.tempo_ratio), rate_hz=rate_hz)
    other = raised(contrast(own.levels, rate_hz=rate_hz), find.semitones)
    runs = find_runs(mine, other, rate_hz=rate_hz, lag=round(find.offset_s * rate_hz))
    return [_line(run, rate_hz, find.tempo_ratio) for run in runs]


def _line(run: Run, rate_hz: float, ratio: float) -> Line:
    return Line(
        start_s=run.start / rate_hz / ratio,
        end_s=run.stop / rate_hz / ratio,
        song_s_at_0=run.lag / rate_hz,
        ratio=ratio,
    )


def _unverified(find: Find | None, confidence: float, reason: str) -> Location:
    return Location(
        tempo_ratio=find.tempo_ratio if find else 1.0,
        semitones=find.semitones if find else 0,
        cents=find.cents if find else 0.0,
        segments=(),
        confidence=confidence,
        clarity=find.z if find else 0.0,
        located=False,
        reason=reason,
    )
