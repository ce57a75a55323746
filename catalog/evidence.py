"""Names and ears in one score: what becomes of a pair of songs once the mashup was listened to.

A located song outweighs what its name leaves open. A bed that is not located speaks against a pair,
because backing songs are nearly always found; a voice that is not located never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog import weights


class Decision(StrEnum):
    """What to do with a pair."""

    ACCEPT = "accept"  # these are the songs; what is not located yet waits for better ears
    REVIEW = "review"  # a person decides
    SET_ASIDE = "set aside"  # too unlikely to ask for


@dataclass(frozen=True, slots=True)
class SongEvidence:
    """What is known of one song of a pair."""

    penalties: Mapping[str, float]  # of its name, each its share of 1
    located: bool
    confidence: float = 0.0  # of the location, 0 to 1
    is_ambiguous: bool = False  # by name another song fits as well


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with the score and the penalties that it rests on."""

    decision: Decision
    score: float  # 0 to 1
    penalties: Mapping[str, float]  # by role and name; 1 minus their sum is the score
    reason: str  # "" where accepted


def weigh(voice: SongEvidence, bed: SongEvidence, *, is_doubtful: bool = False) -> Verdict:
    """Decide on a pair by its two songs; the score is the mean of theirs.

    Parameters
    ----------
    is_doubtful
        The names alone did not settle it; then nothing but a located bed, or both, can.

    Two located songs are accepted whatever their names say.
    """
    against = {
        "voice": _against(voice, {"voice not located": weights.VOICE_NOT_LOCATED}),
        "bed": _against(bed, {"bed not located": weights.BED_NOT_LOCATED}),
    }
    penalties = {
        f"{role}: {name}": value / len(against)
        for role, found in against.items()
        for name, value in found.items()
        if value > 0
    }
    score = max(0.0, 1 - sum(penalties.values()))
    decision = _decide(score, both_located=voice.located and bed.located)
    if is_doubtful and not bed.located and decision is Decision.ACCEPT:
        decision = Decision.REVIEW
    reason = "" if decision is Decision.ACCEPT else _reason(score, penalties)
    return Verdict(decision, score, penalties, reason)


def eased(penalties: Mapping[str, float], confidence: float) -> dict[str, float]:
    """What is left of a name's penalties once the song was located with a confidence of 0 to 1."""
    kept = 1 / (1 + weights.HEARD_WEIGHT * confidence)
    return {name: value * kept for name, value in penalties.items()}


def _against(song: SongEvidence, unlocated: Mapping[str, float]) -> dict[str, float]:
    if song.located:
        return eased(song.penalties, song.confidence)
    doubts = {"another song fits as well": weights.ANOTHER_FITS} if song.is_ambiguous else {}
    return {**song.penalties, **doubts, **unlocated}


def _decide(score: float, *, both_located: bool) -> Decision:
    if both_located or score >= weights.THRESHOLD:
        return Decision.ACCEPT
    return Decision.REVIEW if score >= weights.PAIR_REVIEW_FLOOR else Decision.SET_ASIDE


def _reason(score: float, penalties: Mapping[str, float]) -> str:
    ordered = sorted(penalties.items(), key=lambda item: -item[1])
    why = ", ".join(f"{name} {value:.2f}" for name, value in ordered)
    needed = f"{weights.THRESHOLD} and a located bed are needed"
    return f"names and ears together give {score:.2f}, {needed} ({why})"
