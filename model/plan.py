"""What the conductor decides: a mashup as plain records that a person, JSON and the renderer read.

Nothing is decided or computed here. Songs are called "A" and "B" in the order given; which of
them is the voice (leads with its singing) and which the bed can differ from part to part.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from audio.timemap import Segment
from model.errors import ModelError

SongId = Literal["A", "B"]


class PlanError(ModelError):
    """Two songs, or wishes about them, of which no mashup can be made."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that could have been chosen, and how good it is (higher is better)."""

    value: str | float
    score: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision with all its options, the chosen first, the others best first, and why."""

    name: str
    options: tuple[Option, ...]
    reason: str

    @property
    def chosen(self) -> Option:
        return self.options[0]

    @property
    def second(self) -> Option | None:
        """The best option that was not taken; None where there was no other."""
        return self.options[1] if len(self.options) > 1 else None


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the mashup with one cast.

    Attributes
    ----------
    label : "intro", "ending", or what the leading song plays there ("verse", "chorus", ...)
    voice : the song that leads; None where the bed is alone
    voice_gain_db, bed_gain_db : wishes on top of the renderer's own balance
    """

    start_s: float
    end_s: float
    label: str
    voice: SongId | None
    bed: SongId
    voice_gain_db: float = 0.0
    bed_gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class SongPlan:
    """What happens to one song: where its pieces go, how fast, how far transposed.

    `singing` are the spans of the mashup, in seconds, in which this song is thought to sing.
    """

    name: str
    bpm: float | None
    tempo_ratio: float
    semitones: int
    segments: tuple[Segment, ...]
    singing: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole mashup before any sound is made; all times are seconds of the mashup."""

    duration_s: float
    bpm: float
    a: SongPlan
    b: SongPlan
    parts: tuple[Part, ...]
    beats_s: tuple[float, ...]
    downbeats_s: tuple[float, ...]
    fade_in_s: float
    fade_out_s: float
    nudge_ms: float
    choices: tuple[Choice, ...]
    notes: tuple[str, ...]

    @property
    def voice(self) -> SongId:
        """The song that leads first; it is the one that is transposed and nudged."""
        return next((part.voice for part in self.parts if part.voice is not None), "A")

    def song(self, song: SongId) -> SongPlan:
        """Return the plan of one of the two songs."""
        return self.a if song == "A" else self.b

    def choice(self, name: str) -> Choice:
        """Return the decision called `name`; KeyError where there is none."""
        for choice in self.choices:
            if choice.name == name:
                return choice
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, with chosen and second best spelled out."""
        values = asdict(self)
        values["choices"] = {
            choice.name: {
                "chosen": asdict(choice.chosen),
                "second": asdict(choice.second) if choice.second else None,
                "reason": choice.reason,
                "options": [asdict(option) for option in choice.options],
            }
            for choice in self.choices
        }
        return values
