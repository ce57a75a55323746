"""How well a known song fits what a title asks for: a score that keeps every penalty by name.

A score is 1 minus the weighted mean of the penalties, in the manner of beets' `autotag.distance`.
The numbers stand in `catalog/weights.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from catalog import names
from catalog.records import StandardName, Track
from catalog.weights import (
    MIN_HIDDEN,
    TITLE_HIDDEN,
    TITLE_NOT_NAMED,
    TITLE_NOT_NAMED_ONLY_SONG,
    UNOFFICIAL_CHANNEL,
    VERSION_PENALTIES,
    WEIGHTS,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A known song for one of a mashup's sources, and why it scores as it does."""

    track: Track
    score: float  # 0 to 1
    asked: StandardName
    penalties: Mapping[str, float] = field(default_factory=dict)  # by name, each its share of 1


def hidden_share(title: str, mashup_name: str) -> float:
    """How much of a folded title is found in a mashup's folded name, 0 to 1.

    Whole words count by their letters; a title that stands there in one piece counts fully.
    """
    words = title.split()
    if not words or not mashup_name:
        return 0.0
    if f" {title} " in f" {mashup_name} ":
        return 1.0
    known = mashup_name.split()
    letters = sum(len(word) for word in words)
    shared = sum(len(word) for word in words if _word_occurs(word, known))
    return shared / letters


def _word_occurs(word: str, known: list[str]) -> bool:
    if word in known:
        return True
    return len(word) > 4 and any(
        other.startswith(word[:-1]) or fuzz.ratio(word, other) >= 85 for other in known
    )


def mismatch(likeness: float) -> float:
    """A penalty's share from a likeness of 0 to 1: nothing alike from a half down."""
    return min(1.0, 2 * (1 - likeness))


def unnamed_title(title: str, mashup_name: str, *, is_alone: bool) -> dict[str, float]:
    """The share of the title's penalty where only the artist is named."""
    hidden = hidden_share(title, mashup_name)
    if hidden >= MIN_HIDDEN:
        return {
            "title hidden in the mashup's name": TITLE_HIDDEN + TITLE_NOT_NAMED * (1 - hidden) / 2
        }
    if is_alone:
        return {"title not named, the artist's only song": TITLE_NOT_NAMED_ONLY_SONG}
    return {"title not named": TITLE_NOT_NAMED}


def best_recording(
    recordings: Sequence[Track], asked: StandardName, shares: Mapping[str, float]
) -> Candidate:
    """The recording with the least against it; `shares` of the parts' weights count for all."""
    total = sum(WEIGHTS.values())
    parts = {
        name: WEIGHTS[re.split(r"\W", name)[0]] * share / total for name, share in shares.items()
    }
    against = [version_penalties(track, asked) for track in recordings]
    best = min(range(len(recordings)), key=lambda i: sum(against[i].values()))
    penalties = {name: value for name, value in {**parts, **against[best]}.items() if value > 0}
    score = max(0.0, 1 - sum(penalties.values()))
    return Candidate(recordings[best], score, asked, penalties)


def version_penalties(track: Track, asked: StandardName) -> dict[str, float]:
    """What speaks against a recording: version words not asked for, an unofficial channel."""
    wanted = set(asked.version)
    found = {
        word: VERSION_PENALTIES.get(word, 0.05) for word in track.name.version if word not in wanted
    }
    if _is_unofficial(track):
        found["unofficial channel"] = UNOFFICIAL_CHANNEL
    return found


def _is_unofficial(track: Track) -> bool:
    channel = track.entry.channel
    if channel is None or track.name.artist is None:
        return False
    folded = names.fold(names.channel_artist(channel) or channel)
    return names.fold(track.name.artist) not in folded and "official" not in folded
