"""What a sync would do, decided from listings alone: a plan is data, a dry run prints it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from catalog.records import Skipped
from catalog.youtube.client import Objection
from catalog.youtube.filters import Filters, reason_against
from catalog.youtube.records import Listing, VideoFacts

# A listing that misses more than this many of its stated videos came short: what it does not show
# may still be there.
_TRUSTED_MISSING_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What one listing means for what is known already."""

    url: str
    title: str
    new: tuple[VideoFacts, ...]
    skipped: tuple[Skipped, ...]
    removed: tuple[str, ...]  # ids that the listing showed once and no longer does; files stay
    postponed: tuple[str, ...]  # ids beyond the limit of this run
    known_count: int
    notes: tuple[str, ...] = ()

    @property
    def listed_count(self) -> int:
        return self.known_count + len(self.new) + len(self.skipped) + len(self.postponed)


def plan_sync(
    listing: Listing,
    known_ids: Collection[str],
    filters: Filters,
    limit: int | None = None,
    *,
    listed_before: Collection[str] = (),
) -> SyncPlan:
    """Sort the videos of `listing` into new, skipped, postponed and known; find removed ones.

    Parameters
    ----------
    known_ids
        Ids that need nothing more: done, or planned from another listing of this run.
    limit
        New videos of this run at most; further ones are postponed.
    listed_before
        Ids that this same address has listed in earlier runs.
    """
    unknown = [facts for facts in listing.entries if facts.video_id not in known_ids]
    refusals = {facts.video_id: reason_against(facts, filters) for facts in unknown}
    wanted = [facts for facts in unknown if not refusals[facts.video_id]]
    cut = len(wanted) if limit is None else limit
    removed, notes = _removed(listing, listed_before)
    return SyncPlan(
        url=listing.url,
        title=listing.title,
        new=tuple(wanted[:cut]),
        skipped=tuple(Skipped(key, reason) for key, reason in refusals.items() if reason),
        removed=removed,
        postponed=tuple(facts.video_id for facts in wanted[cut:]),
        known_count=len(listing.entries) - len(unknown),
        notes=(*listing.notes, *notes),
    )


def plan_all(
    listings: Iterable[tuple[Listing, Filters, int | None]],
    known_ids: Collection[str],
    *,
    listed_before: Mapping[str, Collection[str]] | None = None,
) -> tuple[SyncPlan, ...]:
    """Plan several listings of one run: a video that two of them hold is planned once."""
    known = set(known_ids)
    plans = []
    for listing, filters, limit in listings:
        before = (listed_before or {}).get(listing.url, ())
        plan = plan_sync(listing, known, filters, limit, listed_before=before)
        known |= {facts.video_id for facts in plan.new}
        plans.append(plan)
    return tuple(plans)


def objection_of(filters: Filters) -> Objection:
    """Return the check of a video's full facts, for `Client.fetch_audio`."""
    return lambda facts: reason_against(facts, filters, complete=True)


def describe(plan: SyncPlan) -> str:
    """Return `plan` in lines that a person reads: what `--dry-run` prints."""
    lines = [
        f"{plan.title or plan.url}: {plan.listed_count} listed, {plan.known_count} known, "
        f"{len(plan.new)} to fetch, {len(plan.skipped)} skipped, {len(plan.postponed)} later, "
        f"{len(plan.removed)} removed upstream"
    ]
    lines += [f"  fetch    {facts.video_id}  {facts.title}" for facts in plan.new]
    lines += [f"  skip     {skip.source_key}  {skip.reason}" for skip in plan.skipped]
    lines += [f"  removed  {video_id}  kept here" for video_id in plan.removed]
    lines += [f"  note     {note}" for note in plan.notes]
    return "\n".join(lines)


def _removed(
    listing: Listing, listed_before: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the ids that are gone, or a note why this listing cannot tell."""
    listed = {facts.video_id for facts in listing.entries if not facts.is_private}
    gone = tuple(sorted(set(listed_before) - listed))
    if not gone or listing.cut:
        return (), ()
    stated = listing.stated_count or len(listing.entries)
    if listing.missing > _TRUSTED_MISSING_SHARE * stated:
        note = f"{len(gone)} known videos are not listed, but the listing came short: not removed"
        return (), (note,)
    return gone, ()
