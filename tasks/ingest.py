"""The tasks of ingestion: each is a label on one step."""

from __future__ import annotations

from prefect import task

from settings import get_settings
from steps import collect as collecting
from steps import listen as listening
from steps import made as making
from steps import match as matching
from steps import pairs as pairing
from steps import prepare as preparing
from steps import publish as publishing
from steps import search as searching
from steps.outcome import Item, Outcome
from steps.sources import Sources
from tasks.bench import bench
from tasks.policies import RESUMABLE, TRACK


@task(name="collect", task_run_name="collect from the sources", tags=["ingest"], **RESUMABLE)
def collect(sources: Sources, limit: int | None) -> collecting.Collected:
    return collecting.collect(bench(), sources, limit=limit)


@task(name="list-unheard", task_run_name="list what is unheard", **RESUMABLE)
def list_unheard() -> list[Item]:
    return listening.unheard(bench())


@task(name="listen", task_run_name="listen: {item.label}", tags=["ingest"], **TRACK)
def listen(item: Item) -> Outcome:
    return listening.listen(bench(), item)


@task(name="match", task_run_name="match mashups to songs by name", tags=["ingest"], **RESUMABLE)
def match_mashups() -> list[Outcome]:
    return matching.match_mashups(bench())


@task(name="search", task_run_name="search for missing songs", tags=["ingest"], **RESUMABLE)
def search_missing() -> list[Outcome]:
    settings = get_settings()
    return searching.search_missing(bench(), everywhere=settings.search, searches=settings.searches)


@task(name="list-unprepared", task_run_name="list what is unprepared", **RESUMABLE)
def list_unprepared() -> preparing.Unprepared:
    return preparing.unprepared(bench())


@task(name="prepare-pair", task_run_name="locate: {item.label}", tags=["ingest"], **TRACK)
def prepare_pair(item: Item) -> Outcome:
    return pairing.prepare_pair(bench(), item)


@task(name="prepare-song", task_run_name="song: {item.label}", tags=["ingest"], **TRACK)
def prepare_song(item: Item) -> Outcome:
    return preparing.prepare_song(bench(), item)


@task(name="prepare-made", task_run_name="made: {item.label}", tags=["ingest"], **TRACK)
def prepare_made(item: Item) -> Outcome:
    return making.prepare_made(bench(), item)


@task(name="publish", task_run_name="publish shards and a snapshot", tags=["ingest"], **RESUMABLE)
def publish() -> publishing.Published:
    return publishing.publish(bench())
