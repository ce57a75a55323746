"""Sync: playlists, channels and videos on YouTube become tracks to fetch, each video once.

A listing costs about two requests per 100 videos; what is known costs nothing more. What YouTube
no longer shows stays here and is noted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from catalog.names import standardize
from catalog.records import Skipped, TrackKind
from catalog.youtube.errors import PausedError, UnavailableError, YouTubeError
from catalog.youtube.records import Listing, VideoFacts
from catalog.youtube.subscriptions import Subscription
from catalog.youtube.sync import SyncPlan, plan_sync
from steps.naming import name_track
from steps.outcome import Item, Outcome
from steps.workbench import Workbench
from storage.records import TrackRecord, TrackState

STEP = "collect"
VIDEO_PREFIX = "yt:"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one address offered, for the report of a run."""

    url: str
    title: str
    client: str
    listed: int
    known: int
    new: int
    skipped: int
    postponed: int  # wanted, but beyond the limit of this run
    removed: int  # shown once, gone upstream, kept here
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Synced:
    """What the addresses offered, and what became of it."""

    plans: tuple[SyncPlan, ...]
    reports: tuple[SourceReport, ...]
    outcomes: tuple[Outcome, ...]


def sync(
    bench: Workbench,
    subscriptions: Iterable[Subscription],
    *,
    limit: int | None = None,
    dry_run: bool = False,
) -> Synced:
    """List every address and add the videos that are new and wanted.

    Parameters
    ----------
    limit
        New videos of this run at most, over all addresses.
    dry_run
        Only list; the ledger stays as it is.

    An address that cannot be listed is an outcome with its reason; the others are listed all the
    same. While YouTube throttles, the rest is postponed.
    """
    run = _Sync(bench, limit, dry_run)
    for subscription in subscriptions:
        run.follow(subscription)
    return Synced(tuple(run.plans), tuple(run.reports), tuple(run.outcomes))


class _Sync:
    """One pass over the addresses."""

    def __init__(self, bench: Workbench, limit: int | None, dry_run: bool) -> None:
        self.bench, self.left, self.dry_run = bench, limit, dry_run
        self.known = {
            track_id.removeprefix(VIDEO_PREFIX)
            for track_id in bench.ledger.tracks.ids(prefix=VIDEO_PREFIX)
        }
        self.plans: list[SyncPlan] = []
        self.reports: list[SourceReport] = []
        self.outcomes: list[Outcome] = []

    def follow(self, subscription: Subscription) -> None:
        item = Item(subscription.url, subscription.url)
        try:
            listing = self.bench.youtube.list_videos(subscription.url)
        except PausedError as error:
            self.outcomes.append(Outcome.postponed(STEP, item, str(error), until=error.until))
        except UnavailableError as error:
            self.outcomes.append(Outcome.skipped(STEP, item, str(error)))
        except YouTubeError as error:
            self.outcomes.append(Outcome.failed(STEP, item, str(error), fault=type(error).__name__))
        else:
            self.take(listing, subscription)

    def take(self, listing: Listing, subscription: Subscription) -> None:
        """Plan one listing and, unless this is a dry run, write it down."""
        books = self.bench.ledger
        if not self.dry_run:
            self.known -= self.reconsider(listing, subscription)
        plan = plan_sync(
            listing,
            self.known,
            subscription.filters,
            tightest(self.left, subscription.limit),
            listed_before=books.listings.shown(listing.url),
        )
        self.known |= {facts.video_id for facts in plan.new}
        if self.left is not None:
            self.left -= len(plan.new)
        self.plans.append(plan)
        self.reports.append(report_of(plan, listing.client))
        if not self.dry_run:
            self.write_down(plan, listing, subscription)

    def reconsider(self, listing: Listing, subscription: Subscription) -> set[str]:
        """Return the videos that older filters of this address refused, to be looked at again."""
        books = self.bench.ledger
        if books.listings.filters(listing.url) in (None, as_json(subscription)):
            return set()
        ids = {track_id_of(facts) for facts in listing.entries}
        refused = {t.track_id for t in books.tracks.list(state=TrackState.UNWANTED)} & ids
        return {track_id.removeprefix(VIDEO_PREFIX) for track_id in refused}

    def write_down(self, plan: SyncPlan, listing: Listing, subscription: Subscription) -> None:
        books = self.bench.ledger
        kind = subscription.track_kind
        shown = [facts.video_id for facts in listing.entries if not facts.is_private]
        filters = as_json(subscription)
        # Tracks first: a run that is killed between the two lists them again as known.
        for facts in plan.new:
            books.tracks.save(track_of(facts, kind))
            books.skips.clear(facts.video_id, STEP)
        books.listings.record(listing.url, shown, title=listing.title, filters=filters)
        books.listings.mark_removed(listing.url, plan.removed)
        self.outcomes += [Outcome.done(STEP, item_of(facts)) for facts in plan.new]
        self.outcomes += [each for skip in plan.skipped if (each := self.skip(skip, listing))]

    def skip(self, skipped: Skipped, listing: Listing) -> Outcome | None:
        """Record why a video is not wanted; return None if that is known."""
        if not self.bench.ledger.skips.record(skipped.source_key, STEP, skipped.reason):
            return None
        titles = {facts.video_id: standardize(facts.title) for facts in listing.entries}
        item = Item(skipped.source_key, titles.get(skipped.source_key) or skipped.source_key)
        return Outcome.skipped(STEP, item, skipped.reason)


def track_of(facts: VideoFacts, kind: TrackKind) -> TrackRecord:
    """Return the track of a video as its listing tells it; its audio is not here yet."""
    bare = TrackRecord(
        track_id=track_id_of(facts),
        kind=kind.value,
        artist=None,
        title=None,
        song_key="",
        source_key=facts.video_id,
        source=facts.url,
        url=facts.url,
    )
    return describe(bare, facts)


def describe(track: TrackRecord, facts: VideoFacts) -> TrackRecord:
    """Return the track with all that is known of its video by now, and named by it."""
    told = replace(
        track,
        raw_title=facts.title or track.raw_title or facts.video_id,
        channel=facts.channel or track.channel,
        description=description_of(facts) or track.description,
        licence=facts.licence or track.licence,
    )
    return name_track(told, artist=facts.artist, title=facts.track)


def description_of(facts: VideoFacts) -> str | None:
    """Return a video's description; chapters that it does not spell out follow, a line each."""
    text = facts.description or ""
    unsaid = [chapter for chapter in facts.chapters if chapter not in text]
    return "\n".join(part for part in (text, *unsaid) if part) or None


def track_id_of(facts: VideoFacts) -> str:
    return VIDEO_PREFIX + facts.video_id


def item_of(facts: VideoFacts) -> Item:
    return Item(track_id_of(facts), standardize(facts.title) or facts.video_id)


def report_of(plan: SyncPlan, client: str) -> SourceReport:
    return SourceReport(
        url=plan.url,
        title=plan.title,
        client=client,
        listed=plan.listed_count,
        known=plan.known_count,
        new=len(plan.new),
        skipped=len(plan.skipped),
        postponed=len(plan.postponed),
        removed=len(plan.removed),
        notes=plan.notes,
    )


def as_json(subscription: Subscription) -> dict[str, object]:
    return subscription.filters.model_dump(mode="json")


def tightest(*limits: int | None) -> int | None:
    """Return the smallest limit that is set; None if none is."""
    return min((limit for limit in limits if limit is not None), default=None)
