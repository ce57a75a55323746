"""Resolve a mashup's hypotheses against the known songs: which tracks, how sure, or why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from catalog import names
from catalog.catalogue import Catalogue
from catalog.choice import Candidate
from catalog.evidence import eased
from catalog.mentions import known_names_in
from catalog.records import StandardName, Track
from catalog.titles import TitleHypothesis
from catalog.weights import GAP, PAIR_FLOOR, THRESHOLD

MAX_CANDIDATES = 6  # kept for the ears
MAX_PAIRS = 16  # guessed where no pair is clear: the ears hear which is right
CONFIDENCE_SHARE = 0.25  # of a reading's score that the title parser's confidence decides
READING_GAP = 0.04  # between two readings that resolve to different songs


@dataclass(frozen=True, slots=True)
class PairGuess:
    """Two songs that one reading of a title names, for two of its sources."""

    songs: tuple[Candidate, Candidate]
    score: float  # 0 to 1

    @property
    def track_ids(self) -> frozenset[str]:
        return frozenset(candidate.track.track_id for candidate in self.songs)


@dataclass(frozen=True, slots=True)
class MatchResult:
    """The songs of a mashup, or the candidates and the reason why none was chosen."""

    tracks: tuple[Track, ...]  # distinct songs, best first; empty when unresolved
    score: float  # 0 to 1, of the weakest chosen song
    candidates: tuple[Candidate, ...]  # at most six, for the ears or a person to decide
    penalties: Mapping[str, float] = field(default_factory=dict)  # of the chosen songs, by name
    reason: str | None = None  # why unresolved, or which further sources are
    pairs: tuple[PairGuess, ...] = ()  # likeliest first; of the chosen songs where it is resolved

    @property
    def is_resolved(self) -> bool:
        """Whether at least two songs were chosen."""
        return len(self.tracks) > 1


@dataclass(frozen=True, slots=True)
class _Source:
    """One source of a reading with the known songs that fit it, best first."""

    asked: StandardName
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None

    @property
    def is_found(self) -> bool:
        return self.best is not None and self.best.score >= THRESHOLD

    @property
    def is_clear(self) -> bool:
        if self.best is None or not self.is_found:
            return False
        return len(self.candidates) < 2 or self.best.score - self.candidates[1].score >= GAP


@dataclass(frozen=True, slots=True)
class _Reading:
    sources: tuple[_Source, ...]
    score: float
    confidence: float  # 0 to 1, beside the most confident reading

    @property
    def chosen(self) -> tuple[Candidate, ...]:
        """The clear sources' best songs, each once, best first."""
        best = [
            source.best for source in self.sources if source.is_clear and source.best is not None
        ]
        distinct = {candidate.track.track_id: candidate for candidate in reversed(best)}
        return tuple(sorted(distinct.values(), key=lambda candidate: -candidate.score))

    @property
    def is_resolved(self) -> bool:
        """Two clear songs; of two sources none may be a guess, of more some may wait."""
        guessed = any(source.is_found and not source.is_clear for source in self.sources)
        return len(self.chosen) > 1 and (len(self.sources) > 2 or not guessed)


def match(
    hypotheses: Sequence[TitleHypothesis],
    catalogue: Catalogue,
    *,
    title: str | None = None,
    heard: Mapping[str, float] | None = None,
    given: Mapping[str, Track] | None = None,
) -> MatchResult:
    """The songs of a mashup among the known ones.

    Parameters
    ----------
    hypotheses : as `titles.hypothesize` ranks them
    catalogue : the known songs
    title : the raw title; known names that stand in it give one more reading
    heard : confidence by track id with which candidates were located in the mashup by ear;
        songs that could not be verified are left out, which is never a reason against them
    given : by `names.song_key` of what a title asks for, the song that a person said it is

    Returns
    -------
    A result with the tracks of every source that is clear, when at least two are, and the reason
    why further ones are not; else no tracks, the candidates, and the reason.
    """
    if not hypotheses:
        return MatchResult((), 0.0, (), reason="the title names no two songs")
    top = hypotheses[0].confidence
    known = _Known(catalogue, heard or {}, given or {})
    readings = [_read(hypothesis, known, top) for hypothesis in hypotheses]
    if title is not None and not any(reading.is_resolved for reading in readings):
        pairs_named = any(name.artist and name.title for name in hypotheses[0].sources)
        mentioned = known_names_in(title, catalogue, songs=not pairs_named)
        readings += [_read(hypothesis, known, top) for hypothesis in mentioned]
    readings.sort(key=lambda reading: -reading.score)
    return _decide(readings)


@dataclass(frozen=True, slots=True)
class _Known:
    """All that is known of songs: by name, by ear, by a person."""

    catalogue: Catalogue
    heard: Mapping[str, float]
    given: Mapping[str, Track]

    def candidates(self, asked: StandardName, mashup_name: str) -> list[Candidate]:
        track = self.given.get(names.song_key(asked))
        if track is not None:
            return [Candidate(track, 1.0, asked)]
        found = self.catalogue.candidates(asked, mashup_name=mashup_name)
        return [_with_ear(candidate, self.heard) for candidate in found]


def _read(hypothesis: TitleHypothesis, known: _Known, top: float) -> _Reading:
    taken: set[str] = set()
    sources = []
    for asked in hypothesis.sources:
        found = known.candidates(asked, hypothesis.mashup_name)
        found = [c for c in found if names.song_key(c.track.name) not in taken]
        found.sort(key=lambda candidate: -candidate.score)
        source = _Source(asked, tuple(found[:MAX_CANDIDATES]))
        if source.is_clear and source.best is not None:
            taken.add(names.song_key(source.best.track.name))
        sources.append(source)
    fit = sum(s.best.score if s.best and s.is_found else 0.0 for s in sources) / len(sources)
    confidence = 1 - CONFIDENCE_SHARE * (
        1 - hypothesis.confidence / max(top, hypothesis.confidence)
    )
    return _Reading(tuple(sources), fit * confidence, confidence)


def _with_ear(candidate: Candidate, heard: Mapping[str, float]) -> Candidate:
    """The candidate with its score drawn towards 1 by how surely it was located."""
    confidence = heard.get(candidate.track.track_id)
    if confidence is None:
        return candidate
    penalties = eased(candidate.penalties, confidence)
    score = max(0.0, 1 - sum(penalties.values()))
    return Candidate(candidate.track, score, candidate.asked, penalties)


def _decide(readings: Sequence[_Reading]) -> MatchResult:
    best = readings[0]
    if not best.is_resolved:
        return _unresolved(readings, _reason(best))
    rival = _rival(readings)
    if rival is not None:
        names_of = [" and ".join(str(c.track.name) for c in r.chosen) for r in (best, rival)]
        reason = f"two readings of the title fit equally: {names_of[0]}, or {names_of[1]}"
        return _unresolved(readings, reason)
    chosen = best.chosen
    return MatchResult(
        tracks=tuple(candidate.track for candidate in chosen),
        score=min(candidate.score for candidate in chosen),
        candidates=_all_candidates([best]),
        penalties=_merged(candidate.penalties for candidate in chosen),
        reason=_reason(best) if len(chosen) < len(best.sources) else None,
        pairs=tuple(_guess(pair, 1.0) for pair in combinations(chosen, 2)),
    )


def _unresolved(readings: Sequence[_Reading], reason: str) -> MatchResult:
    return MatchResult(
        tracks=(),
        score=readings[0].score,
        candidates=_all_candidates(readings),
        reason=reason,
        pairs=_guesses(readings),
    )


def _guesses(readings: Sequence[_Reading]) -> tuple[PairGuess, ...]:
    """Pairs of songs that stand for two sources of one reading, likeliest first."""
    found = [
        _guess((a, b), reading.confidence)
        for reading in readings
        for one, other in combinations(reading.sources, 2)
        for a, b in product(_likely(one), _likely(other))
        if names.song_key(a.track.name) != names.song_key(b.track.name)
    ]
    found.sort(key=lambda guess: -guess.score)
    distinct = {guess.track_ids: guess for guess in reversed(found)}
    return tuple(guess for guess in found if distinct[guess.track_ids] is guess)[:MAX_PAIRS]


def _likely(source: _Source) -> tuple[Candidate, ...]:
    return tuple(c for c in source.candidates if c.score >= PAIR_FLOOR)


def _guess(songs: tuple[Candidate, Candidate], confidence: float) -> PairGuess:
    return PairGuess(songs, confidence * (songs[0].score + songs[1].score) / 2)


def _rival(readings: Sequence[_Reading]) -> _Reading | None:
    """Another reading that fits as well as the best but names other songs."""
    songs = {candidate.track.track_id for candidate in readings[0].chosen}
    for reading in readings[1:]:
        if readings[0].score - reading.score >= READING_GAP:
            return None
        if reading.is_resolved and {c.track.track_id for c in reading.chosen} != songs:
            return reading
    return None


def _merged(penalties: Iterable[Mapping[str, float]]) -> dict[str, float]:
    merged: dict[str, float] = {}
    for found in penalties:
        for name, value in found.items():
            merged[name] = max(merged.get(name, 0.0), round(value, 4))
    return merged


def _all_candidates(readings: Sequence[_Reading]) -> tuple[Candidate, ...]:
    """The best songs of all readings, each once; of every source some."""
    by_rank = [
        source.candidates[rank]
        for rank in range(MAX_CANDIDATES)
        for reading in readings
        for source in reading.sources
        if rank < len(source.candidates)
    ]
    distinct = {candidate.track.track_id: candidate for candidate in reversed(by_rank)}
    ordered = [c for c in by_rank if distinct[c.track.track_id] is c]
    return tuple(sorted(ordered[:MAX_CANDIDATES], key=lambda candidate: -candidate.score))


def _reason(reading: _Reading) -> str:
    """Why a reading does not resolve, source by source."""
    reasons = []
    for source in reading.sources:
        if source.best is None:
            reasons.append(f'no song in the catalogue is like "{source.asked}"')
        elif not source.is_found:
            near = f'"{source.best.track.name}" ({source.best.score:.2f}, {THRESHOLD} is needed)'
            reasons.append(
                f'no song in the catalogue is enough like "{source.asked}"; nearest is {near}'
            )
        elif not source.is_clear:
            two = " and ".join(f'"{c.track.name}"' for c in source.candidates[:2])
            reasons.append(f'two candidates for "{source.asked}" are equally likely: {two}')
    return "; ".join(reasons) or "fewer than two different songs were found"
