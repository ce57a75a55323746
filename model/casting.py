"""Who leads and in which key the two songs meet: each casting is arranged, the best is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

from audio.decode import to_analysis
from audio.downbeats import downbeat_phase
from audio.onsets import band_flux
from audio.params import MAX_SHIFT_SEMITONES, PARAMS
from model.arrange import Arrangement, Weights, arrange, slot_scores
from model.grid import BEATS_PER_BAR, Grid, counted_grid, folded
from model.phrases import Phrases, cut_phrases, phrase_bars
from model.plan import Choice, Option, SongId
from model.songs import AnalysedSong
from model.tempi import Meeting, choose_fold, choose_tempo
from model.timeline import TAIL_BARS

FASTEST_COUNT_BPM = 190.0
COUNTED_BPM = 120.0  # the clock of two songs without a beat
SHIFT_COST = 0.02  # per semitone and slot: of equal fits the less transposed sounds better
MIN_TRUST = 0.4  # even the less song-like song is believed this far when it seems to sing
INTRO_FROM_SLOTS = 5  # shorter mashups begin with both songs
CASTS: dict[str, tuple[SongId, ...]] = {"A": ("A",), "B": ("B",), "A and B": ("A", "B")}


@dataclass(frozen=True, slots=True)
class Stage:
    """Two songs on grids that count alike, cut into phrases of one length."""

    songs: dict[SongId, AnalysedSong]
    phrases: dict[SongId, Phrases]
    fold: Choice

    @property
    def trust(self) -> tuple[float, float]:
        """How far A's and B's seeming to sing is believed, by how song-like they sound."""
        strength = [self.songs[song].singing.strength for song in ("A", "B")]
        most = max(*strength, 1e-9)
        return max(strength[0] / most, MIN_TRUST), max(strength[1] / most, MIN_TRUST)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the listener wants of the casting; None and "auto" leave it to the music."""

    voice: str
    shift: int | None
    tempo: str | float
    start_s: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Cast:
    """Leaders, tempo, transposition and order of phrases that belong together."""

    leaders: tuple[SongId, ...]
    meeting: Meeting
    shift: int
    arrangement: Arrangement
    score: float
    choices: tuple[Choice, ...]

    @property
    def voice(self) -> SongId:
        """The song that is transposed and nudged: the one that leads, A where both do."""
        return self.leaders[0]


def set_stage(a: AnalysedSong, b: AnalysedSong, *, seconds: float) -> Stage:
    """Count both songs alike and cut them into phrases."""
    grid_a, grid_b = _grids(a, b)
    fold = choose_fold(grid_a, grid_b)
    factor = float(fold.chosen.value)
    if factor == 0.5 and 2 * grid_b.bpm <= FASTEST_COUNT_BPM:
        # Counting B twice as fast says the same, and finds a pulse that was heard on the offbeats.
        grid_b = _folded(b, grid_b, 2.0)
    else:
        grid_a = _folded(a, grid_a, factor)
    bars = phrase_bars(grid_a, grid_b, seconds=seconds)
    return Stage(
        songs={"A": a, "B": b},
        phrases={"A": cut_phrases(a, grid_a, bars=bars), "B": cut_phrases(b, grid_b, bars=bars)},
        fold=fold,
    )


def cast(stage: Stage, asked: Asked, *, weights: Weights) -> Cast:
    """Return the best casting, with the choices that led to it."""
    names = [asked.voice] if asked.voice in CASTS else list(CASTS)
    found = {name: _best_shift(stage, CASTS[name], asked, weights) for name in names}
    if not {"A", "B"} <= {
        slot.lead for slot in found.get("A and B", found[names[0]]).arrangement.slots
    }:
        found.pop("A and B", None)  # both might have led, one does all the same
    ranked = sorted(found, key=lambda name: -found[name].score)
    best = found[ranked[0]]
    options = tuple(Option(name, found[name].score) for name in ranked)
    voice = Choice("voice", options, _voice_reason(stage, asked.voice))
    return Cast(
        best.leaders,
        best.meeting,
        best.shift,
        best.arrangement,
        best.score,
        (voice, stage.fold, *best.choices),
    )


def sung_slots(phrases: dict[SongId, Phrases], bpm: float, *, seconds: float) -> tuple[int, bool]:
    """Return how many sung slots fit, and whether one of the bed alone goes before them."""
    beats = phrases["A"].beats
    slots = int((seconds * bpm / 60 - TAIL_BARS * BEATS_PER_BAR) / beats + 1e-6)
    intro = slots >= INTRO_FROM_SLOTS
    longest = max(len(phrases["A"]), len(phrases["B"]))
    return max(min(slots - intro, longest), 1), intro


def _best_shift(stage: Stage, leaders: tuple[SongId, ...], asked: Asked, weights: Weights) -> Cast:
    """Arrange the songs at every transposition of the voice and keep the best."""
    bed: SongId = "A" if leaders == ("B",) else "B"
    grids = {song: phrases.grid for song, phrases in stage.phrases.items()}
    meeting, tempo = choose_tempo(grids["A"], grids["B"], bed=bed, wish=asked.tempo)
    reach = range(-MAX_SHIFT_SEMITONES, MAX_SHIFT_SEMITONES + 1)
    shifts = reach if asked.shift is None else [asked.shift]
    found = {shift: _arranged(stage, leaders, meeting, shift, asked, weights) for shift in shifts}
    score = {shift: row.score - SHIFT_COST * abs(shift) for shift, row in found.items()}
    ranked = sorted(score, key=lambda shift: -score[shift])
    reason = "asked for" if asked.shift is not None else _SHIFT_REASON
    choices = (
        tempo,
        Choice("shift", tuple(Option(shift, score[shift]) for shift in ranked), reason),
        _start_choice(stage, found[ranked[0]]),
    )
    best = ranked[0]
    return Cast(leaders, meeting, best, found[best], score[best], choices)


_SHIFT_REASON = (
    "semitones of the voice; score is the mean per phrase of chroma correlation, singing and"
    f" weight of the best arrangement, less {SHIFT_COST:g} a semitone"
)


def _arranged(
    stage: Stage,
    leaders: tuple[SongId, ...],
    meeting: Meeting,
    shift: int,
    asked: Asked,
    weights: Weights,
) -> Arrangement:
    a, b = stage.phrases["A"], stage.phrases["B"]
    of_a = -shift if leaders == ("B",) else shift  # moving B up is moving A down
    slots, intro = sung_slots(stage.phrases, meeting.bpm, seconds=asked.seconds)
    bed = a if leaders == ("B",) else b
    return arrange(
        a,
        b,
        slot_scores(a, b, shift=of_a, trust=stage.trust, weights=weights),
        sung_slots=slots,
        intro=intro,
        leaders=leaders,
        bed_start=None if asked.start_s is None else bed.nearest(asked.start_s),
        weights=weights,
    )


def _start_choice(stage: Stage, arrangement: Arrangement) -> Choice:
    """Say with which phrases the singing starts, and what else was close."""
    options = tuple(
        Option(
            f"A {stage.phrases['A'].start_s(start.a):.1f} s over"
            f" B {stage.phrases['B'].start_s(start.b):.1f} s, {start.lead} leads",
            start.score,
        )
        for start in arrangement.starts
    )
    return Choice("start", options, "where the leading song first sings; score of the whole row")


def _voice_reason(stage: Stage, wish: str) -> str:
    if wish in CASTS:
        return "asked for"
    heard = ", ".join(
        f"{song} sings {stage.songs[song].singing.share:.0%} of its time with strength"
        f" {stage.songs[song].singing.strength:.2f}"
        for song in stage.songs
    )
    return f"{heard}; score is that of the best arrangement with this leader"


def _grids(a: AnalysedSong, b: AnalysedSong) -> tuple[Grid, Grid]:
    """Return both grids; a song without a beat counts at the other's tempo."""
    bpm = a.bpm or b.bpm or COUNTED_BPM
    return _grid(a, b.bpm or bpm), _grid(b, bpm)


def _grid(song: AnalysedSong, bpm: float) -> Grid:
    if song.grid is not None:
        return song.grid
    return counted_grid(start_s=song.sound_start_s, duration_s=song.duration_s, bpm=bpm)


def _folded(song: AnalysedSong, grid: Grid, fold: float) -> Grid:
    """Fold a grid and listen again for its downbeats, which may lie on beats not counted before."""
    if fold == 1:
        return grid
    counted = folded(grid, fold)
    mono = to_analysis(song.audio)
    rate_hz = PARAMS.sample_rate_hz
    flux = band_flux(mono, sample_rate_hz=rate_hz)
    first = downbeat_phase(mono, flux, counted.beats_s, sample_rate_hz=rate_hz)
    return replace(counted, first_downbeat=first)
