"""The whole ingestion in one plain loop: what the Prefect flow does, without Prefect."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from steps.collect import collect
from steps.listen import listen, unheard
from steps.made import prepare_made
from steps.match import match_mashups, superseded
from steps.outcome import Item, Outcome
from steps.pairs import prepare_pair
from steps.prepare import prepare_song, unprepared
from steps.publish import publish
from steps.report import IngestReport
from steps.search import found_songs, search_missing
from steps.sources import Sources
from steps.workbench import Workbench

Step = Callable[[Workbench, Item], Outcome]


def ingest(bench: Workbench, sources: Sources) -> IngestReport:
    """Ingest everything new, one item after the other."""
    collected = collect(bench, sources)
    outcomes = [*collected.outcomes]
    outcomes += each(bench, listen, unheard(bench))
    outcomes += match_and_search(bench)
    ready = unprepared(bench)
    outcomes += each(bench, prepare_pair, ready.pairs)
    outcomes += each(bench, prepare_song, ready.songs)
    outcomes += each(bench, prepare_made, ready.made)
    return IngestReport.of(outcomes, publish(bench), sources=collected.sources)


def match_and_search(bench: Workbench) -> list[Outcome]:
    matched, searched = match_mashups(bench), search_missing(bench)
    found = found_songs(searched)
    heard = each(bench, listen, found)
    if found:
        matched = superseded(matched, match_mashups(bench))
    return [*searched, *heard, *matched]


def each(bench: Workbench, step: Step, items: Iterable[Item]) -> list[Outcome]:
    return [step(bench, item) for item in items]
