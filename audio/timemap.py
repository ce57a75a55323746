"""Where a song stands on a mashup's timeline: straight pieces of a time map."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from audio.errors import AudioError


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the mashup in which a song runs at one speed.

    `tempo_ratio` is the mashup's tempo over the song's own: above 1 the song was
    sped up. In a segment, `song_s = song_start_s + (mashup_s - mashup_start_s) * tempo_ratio`.
    """

    mashup_start_s: float
    mashup_end_s: float
    song_start_s: float
    tempo_ratio: float

    def __post_init__(self) -> None:
        numbers = (self.mashup_start_s, self.mashup_end_s, self.song_start_s, self.tempo_ratio)
        if not all(math.isfinite(number) for number in numbers):
            raise AudioError(f"a segment needs finite times and ratio, got {numbers}")
        if self.mashup_end_s <= self.mashup_start_s:
            raise AudioError(
                "a segment must end after it starts on the mashup, got "
                f"{self.mashup_start_s:g} s to {self.mashup_end_s:g} s"
            )
        if self.tempo_ratio <= 0:
            raise AudioError(f"a tempo ratio must be positive, got {self.tempo_ratio:g}")

    @property
    def duration_s(self) -> float:
        """Length on the mashup's timeline."""
        return self.mashup_end_s - self.mashup_start_s

    @property
    def song_end_s(self) -> float:
        """Where the segment ends in the song."""
        return self.song_time(self.mashup_end_s)

    @overload
    def song_time(self, mashup_s: float) -> float: ...
    @overload
    def song_time(self, mashup_s: NDArray[np.floating]) -> NDArray[np.floating]: ...
    def song_time(self, mashup_s: float | NDArray[np.floating]) -> float | NDArray[np.floating]:
        """Return the moment of the song heard at `mashup_s`, also outside the segment."""
        return self.song_start_s + (mashup_s - self.mashup_start_s) * self.tempo_ratio

    @overload
    def mashup_time(self, song_s: float) -> float: ...
    @overload
    def mashup_time(self, song_s: NDArray[np.floating]) -> NDArray[np.floating]: ...
    def mashup_time(self, song_s: float | NDArray[np.floating]) -> float | NDArray[np.floating]:
        """Return when the mashup plays the song's moment `song_s`; undoes `song_time`."""
        return self.mashup_start_s + (song_s - self.song_start_s) / self.tempo_ratio
