"""A song cut into phrases of a few bars, each with its harmony, singing and weight.

Everything that is placed in a mashup is a whole number of phrases.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from audio.key import CHROMA_RATE_HZ
from model.grid import BEATS_PER_BAR, Grid
from model.sections import Section, find_sections, novelty
from model.songs import LEVEL_FRAME_S, AnalysedSong

PHRASE_BARS = (4, 2, 1)  # the longest of which a song has four is used
_MIN_PHRASES = 4
_CHROMA_WEIGHT = 1.0  # harmony beside timbre in what makes two bars alike


@dataclass(frozen=True, slots=True)
class Bars:
    """What is heard in each bar of a song.

    Attributes
    ----------
    chroma : `(bars, 12)`, no mean and unit length; zero where the bar is silent
    singing : `(bars,)`, 0 to 1
    level_db : `(bars,)`
    features : `(bars, features)` for likeness
    """

    chroma: NDArray[np.float64]
    singing: NDArray[np.float64]
    level_db: NDArray[np.float64]
    features: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of a song on a grid; arrays have one row a phrase.

    Attributes
    ----------
    first_beat : index in `grid.beats_s` at which the phrase opens
    chroma : `(phrases, bars, 12)`
    singing : `(phrases,)`, 0 to 1
    drive : `(phrases,)`, 0 (the quietest of the song) to 1 (the loudest)
    opens : whether a section starts with the phrase
    labels : what the section is called
    """

    grid: Grid
    bars: int
    first_beat: NDArray[np.int64]
    chroma: NDArray[np.float64]
    singing: NDArray[np.float64]
    drive: NDArray[np.float64]
    opens: NDArray[np.bool_]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.first_beat)

    @property
    def beats(self) -> int:
        """Beats in a phrase."""
        return self.bars * BEATS_PER_BAR

    def start_s(self, phrase: int) -> float:
        """Return the moment of the song at which a phrase opens."""
        return float(self.grid.beats_s[self.first_beat[phrase]])

    def nearest(self, moment_s: float) -> int:
        """Return the phrase that opens nearest to a moment of the song."""
        return int(np.abs(self.grid.beats_s[self.first_beat] - moment_s).argmin())

    def beats_s(self, phrase: int) -> NDArray[np.float64]:
        """Return the beats of a phrase and the one after it, `(beats + 1,)`."""
        first = int(self.first_beat[phrase])
        return self.grid.beats_s[first : first + self.beats + 1]


def phrase_bars(*grids: Grid, seconds: float) -> int:
    """Return the phrase length in bars of which songs and a mashup of `seconds` hold four."""
    wanted = min(int(seconds * grid.bpm / 60 / BEATS_PER_BAR) for grid in grids)
    fewest = min(wanted, *(grid.bars for grid in grids))
    fitting = [bars for bars in PHRASE_BARS if fewest >= bars * _MIN_PHRASES]
    return fitting[0] if fitting else PHRASE_BARS[-1]


def cut_phrases(song: AnalysedSong, grid: Grid, *, bars: int) -> Phrases:
    """Cut a song into phrases of `bars` bars that start where the song itself changes."""
    heard = hear_bars(song, grid)
    sections = find_sections(heard.features, singing=heard.singing, level_db=heard.level_db)
    first_bar = _phase(novelty(heard.features), bars)
    count = (grid.bars - first_bar) // bars
    opening = first_bar + bars * np.arange(count)
    rows = opening[:, None] + np.arange(bars)  # (phrases, bars)
    return Phrases(
        grid=grid,
        bars=bars,
        first_beat=np.array([grid.bar_start(int(bar)) for bar in opening], np.int64),
        chroma=heard.chroma[rows],
        singing=heard.singing[rows].mean(axis=1),
        drive=_rank(heard.level_db[rows].mean(axis=1)),
        opens=_opens(opening, sections, bars),
        labels=tuple(_label(int(bar), bars, sections) for bar in opening),
    )


def hear_bars(song: AnalysedSong, grid: Grid) -> Bars:
    """Sum up a song bar by bar."""
    lines = grid.bar_start(0) + BEATS_PER_BAR * np.arange(grid.bars + 1)
    edges_s = grid.beats_s[lines]
    chroma = _bar_means(song.chroma.T, edges_s, 1 / CHROMA_RATE_HZ)
    levels = _bar_means(song.levels, edges_s, LEVEL_FRAME_S)
    singing = np.array([song.singing.between(float(a), float(b)) for a, b in pairwise(edges_s)])
    centred = _unit(chroma - chroma.mean(axis=1, keepdims=True))
    spread = levels.std(axis=0, keepdims=True) + 1.0  # dB; quiet bands do not become noise
    timbre = _unit((levels - levels.mean(axis=0, keepdims=True)) / spread)
    power = 10 ** (levels / 10)
    return Bars(
        chroma=centred,
        singing=singing,
        level_db=10 * np.log10(power.mean(axis=1) + 1e-10),
        features=np.hstack([timbre, _CHROMA_WEIGHT * (centred - centred.mean(axis=0))]),
    )


def _bar_means(
    frames: NDArray[np.floating], edges_s: NDArray[np.float64], frame_s: float
) -> NDArray[np.float64]:
    """Average `(frames, features)` between edges; a bar without a frame takes the nearest."""
    edges = np.clip(np.rint(edges_s / frame_s).astype(int), 0, len(frames) - 1)
    return np.array(
        [frames[first : max(last, first + 1)].mean(axis=0) for first, last in pairwise(edges)],
        np.float64,
    )


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def _phase(change: NDArray[np.float64], bars: int) -> int:
    """Return the first bar of the phrases whose bar lines carry most of the song's changes."""
    usable = change[:-1]
    return int(np.argmax([usable[phase::bars].sum() for phase in range(min(bars, len(usable)))]))


def _rank(level_db: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(level_db) < 2:
        return np.ones(len(level_db))
    return np.asarray(level_db.argsort().argsort() / (len(level_db) - 1))


def _opens(opening: NDArray[np.int64], sections: list[Section], bars: int) -> NDArray[np.bool_]:
    """Mark phrases nearest to the start of a section."""
    starts = np.array([section.first_bar for section in sections])
    return np.asarray(np.abs(opening[:, None] - starts).min(axis=1) <= bars / 2)


def _label(bar: int, bars: int, sections: list[Section]) -> str:
    """Return the name of the section in which the middle of a phrase lies."""
    middle = bar + bars / 2
    for section in sections:
        if middle <= section.last_bar:
            return section.label
    return sections[-1].label
