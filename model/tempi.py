"""At which tempo two songs meet: how each is counted, and who is stretched how far."""

from __future__ import annotations

import math
from dataclasses import dataclass

from model.grid import Grid
from model.plan import Choice, Option, PlanError, SongId

FOLDS = (1.0, 2.0, 0.5)
FREE_STRETCH = 0.08  # a voice stretched by up to 8 % still sounds like itself: keep the bed
BED_SHARE = 0.4  # of a larger stretch: the bed takes a bit less than half
BPM_RANGE = (40.0, 240.0)
MAX_STRETCH = 1.9  # octaves of tempo are folded, so more means a wish that fits nothing


@dataclass(frozen=True, slots=True)
class Meeting:
    """The tempo of the mashup, on B's way of counting, and the song that leads the clock.

    `clock` runs at one constant ratio; the other song follows its beats.
    """

    bpm: float
    clock: SongId


def choose_fold(a: Grid, b: Grid) -> Choice:
    """Decide whether A is counted as it is, twice as fast or half as fast, to be near B."""
    if not (a.heard and b.heard):
        return Choice("fold", (Option(1.0, 0.0),), "a song without a beat is not folded")
    options = [Option(fold, -abs(math.log2(a.bpm * fold / b.bpm))) for fold in FOLDS]
    options.sort(key=lambda option: -option.score)
    counted = a.bpm * float(options[0].value)
    return Choice(
        "fold",
        tuple(options),
        f"A at {a.bpm:.1f} BPM counted x{options[0].value:g} is {counted:.1f}, B is {b.bpm:.1f};"
        " score is minus the octaves between them",
    )


def choose_tempo(a: Grid, b: Grid, *, bed: SongId, wish: str | float) -> tuple[Meeting, Choice]:
    """Decide the tempo of the mashup.

    Parameters
    ----------
    a, b : grids, A already folded
    wish : "auto", "keep-a", "keep-b", or beats per minute

    Raises
    ------
    PlanError: an unknown wish, or a tempo that neither song can be stretched to.
    """
    bpm: dict[SongId, float] = {"A": a.bpm, "B": b.bpm}
    options = _tempo_options(bpm, bed)
    if isinstance(wish, str) and wish == "auto":
        reason = _auto_reason(bpm, bed)
    else:
        wanted = Option(_wished_bpm(bpm, wish), _stretch_score(bpm, bed, _wished_bpm(bpm, wish)))
        options = [wanted, *(option for option in options if option.value != wanted.value)]
        reason = f"asked for: {wish}"
    _check_stretch(bpm, float(options[0].value))
    meeting = Meeting(float(options[0].value), _clock(a, b, bed))
    return meeting, Choice("tempo", tuple(options), reason)


def _tempo_options(bpm: dict[SongId, float], bed: SongId) -> list[Option]:
    voice: SongId = "A" if bed == "B" else "B"
    between = bpm[bed] * (bpm[voice] / bpm[bed]) ** BED_SHARE
    candidates = {round(value, 3) for value in (bpm[bed], bpm[voice], between)}
    options = [Option(value, _stretch_score(bpm, bed, value)) for value in candidates]
    return sorted(options, key=lambda option: -option.score)


def _stretch_score(bpm: dict[SongId, float], bed: SongId, target: float) -> float:
    """Return minus what the stretches cost: octaves, the voice's free up to FREE_STRETCH."""
    voice: SongId = "A" if bed == "B" else "B"
    of_voice = max(abs(math.log2(target / bpm[voice])) - math.log2(1 + FREE_STRETCH), 0.0)
    of_bed = abs(math.log2(target / bpm[bed]))
    return -((3 * of_voice) ** 2 + (3 * of_bed) ** 2)


def _auto_reason(bpm: dict[SongId, float], bed: SongId) -> str:
    voice: SongId = "A" if bed == "B" else "B"
    ratio = bpm[bed] / bpm[voice]
    return (
        f"the bed ({bed}) is at {bpm[bed]:.1f} BPM, the voice would be played x{ratio:.3f} there;"
        f" score is minus the squared stretch, the voice's first {FREE_STRETCH:.0%} free"
    )


def _wished_bpm(bpm: dict[SongId, float], wish: str | float) -> float:
    """Return the wished tempo, a number of BPM moved by octaves to where B is counted."""
    kept: dict[str, float] = {"keep-a": bpm["A"], "keep-b": bpm["B"]}
    if isinstance(wish, str):
        if wish not in kept:
            raise PlanError(f"tempo must be auto, keep-a, keep-b or a number of BPM, got {wish!r}")
        return kept[wish]
    low, high = BPM_RANGE
    if not low <= wish <= high:
        raise PlanError(f"expected a tempo from {low:g} to {high:g} BPM, got {wish:g}")
    return float(wish * 2.0 ** round(math.log2(bpm["B"] / wish)))


def _check_stretch(bpm: dict[SongId, float], target: float) -> None:
    for song, own in bpm.items():
        if not 1 / MAX_STRETCH <= target / own <= MAX_STRETCH:
            raise PlanError(
                f"song {song} at {own:.1f} BPM cannot be played at {target:.1f} BPM; "
                "choose another tempo, or auto"
            )


def _clock(a: Grid, b: Grid, bed: SongId) -> SongId:
    """Return the song whose beats the other follows: the bed, unless only the voice has a beat."""
    grids = {"A": a, "B": b}
    voice: SongId = "A" if bed == "B" else "B"
    return voice if grids[voice].heard and not grids[bed].heard else bed
