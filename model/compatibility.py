"""How well two songs go together before any sound is made: their tempi and their pitch classes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from audio.features import LEVEL_STEP, SongFeatures
from audio.key import chroma_of_levels, shift_scores
from audio.tempo import MIN_CONFIDENCE

FREE_OCTAVES = math.log2(1.04)  # a stretch by 4 % is not heard
WORST_OCTAVES = math.log2(1.25)  # a stretch by a quarter is heard as an effect
FOLDS = (0.5, 1.0, 2.0)  # a song may be counted at half or double its tempo
NO_PULSE = 0.5  # a song without a beat can be laid anywhere, but nothing locks


@dataclass(frozen=True, slots=True)
class Compatibility:
    """Why two songs fit; each part and `score`, their product, is 0 to 1.

    Attributes
    ----------
    tempo_ratio : tempo of the second song over the first's, folded
    semitones : shift of the first song that brings both to the same pitch classes
    """

    tempo_ratio: float
    semitones: int
    tempo: float
    key: float

    @property
    def score(self) -> float:
        return self.tempo * self.key


def compatibility(first: SongFeatures, second: SongFeatures) -> Compatibility:
    """Compare two songs by tempo (folded by octaves) and by chroma at the best small shift."""
    ratio = folded_ratio(first, second)
    octaves = abs(math.log2(ratio or 1.0))
    strain = (octaves - FREE_OCTAVES) / (WORST_OCTAVES - FREE_OCTAVES)
    best = shift_scores(*(chroma_of_levels(song.pitch * LEVEL_STEP) for song in (first, second)))[0]
    return Compatibility(
        tempo_ratio=ratio or 1.0,
        semitones=best.semitones,
        tempo=NO_PULSE if ratio is None else 1 - min(max(strain, 0.0), 1.0),
        key=max(best.score, 0.0),
    )


def folded_ratio(first: SongFeatures, second: SongFeatures) -> float | None:
    """Return the second song's tempo over the first's, nearest to 1; None without two pulses."""
    tempi = [song.tempi[0] for song in (first, second) if song.tempi]
    if len(tempi) < 2 or min(tempo.confidence for tempo in tempi) < MIN_CONFIDENCE:
        return None
    ratio = tempi[1].bpm / tempi[0].bpm
    return min((fold * ratio for fold in FOLDS), key=lambda each: abs(math.log2(each)))
