"""Readings of a title, confirmed and corrected by a database that knows recordings.

Which side of a dash is the artist only a database can tell. That it does not know a pair is no
reason against it: much of what mashups use stands in no database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from catalog.musicbrainz import Recording
from catalog.records import StandardName
from catalog.titles import TitleHypothesis

FIRST = 3  # hypotheses that are looked up
TRUST = 0.6  # how far a confirmed reading's confidence moves towards 1
EVIDENCE = "MusicBrainz knows these recordings"

Find = Callable[[StandardName], Recording | None]


def confirm(hypotheses: Sequence[TitleHypothesis], find: Find) -> list[TitleHypothesis]:
    """Return hypotheses with known names as the database writes them, confirmed ones first."""
    looked_up = [_confirmed(hypothesis, find) for hypothesis in hypotheses[:FIRST]]
    found = [*looked_up, *hypotheses[FIRST:]]
    return sorted(found, key=lambda hypothesis: -hypothesis.confidence)


def find_either_way(name: StandardName, find: Find) -> Recording | None:
    """Return the recording of an artist and title, or of the two exchanged."""
    if not (name.artist and name.title):
        return None
    return find(name) or find(StandardName(name.title, name.artist, name.version))


def _confirmed(hypothesis: TitleHypothesis, find: Find) -> TitleHypothesis:
    """Return a hypothesis corrected; confirmed only where every full name in it is known."""
    full = [name for name in hypothesis.sources if name.artist and name.title]
    known = {name: recording.name for name in full if (recording := find_either_way(name, find))}
    if not known:
        return hypothesis
    sources = tuple(known.get(name, name) for name in hypothesis.sources)
    if len(known) < len(full):
        return replace(hypothesis, sources=sources)
    confidence = 1 - (1 - hypothesis.confidence) * (1 - TRUST)
    evidence = (*hypothesis.evidence, EVIDENCE)
    return replace(hypothesis, sources=sources, confidence=confidence, evidence=evidence)
