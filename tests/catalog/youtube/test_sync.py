"""Plans: what is new, skipped, postponed, known, and gone."""

from __future__ import annotations

from typing import Any

from catalog.records import Skipped
from catalog.youtube.filters import Filters
from catalog.youtube.records import Listing, VideoFacts
from catalog.youtube.sync import describe, objection_of, plan_all, plan_sync

URL = "https://www.youtube.com/playlist?list=PL0123"
ANY_LENGTH = Filters(min_duration_s=0)


def video(key: str, **changes: Any) -> VideoFacts:
    return VideoFacts(key, title=f"Title {key}", duration_s=200.0, **changes)


def listing(*keys: str, stated: int | None = None, url: str = URL, **changes: Any) -> Listing:
    entries = tuple(video(key) for key in keys)
    count = len(keys) if stated is None else stated
    return Listing(url, "Mashups", entries, count, "yt-dlp", **changes)


def new_ids(plan: Any) -> list[str]:
    return [facts.video_id for facts in plan.new]


def test_known_videos_are_not_planned_again() -> None:
    plan = plan_sync(listing("a", "b", "c"), {"a", "c"}, Filters())
    assert (new_ids(plan), plan.known_count, plan.listed_count) == (["b"], 2, 3)


def test_filtered_videos_are_skipped_with_a_reason() -> None:
    plan = plan_sync(listing("a", "b"), set(), Filters(title="Title b"))
    assert new_ids(plan) == ["b"]
    assert plan.skipped == (Skipped("a", "the title does not match 'Title b'"),)


def test_the_limit_postpones_what_is_beyond() -> None:
    plan = plan_sync(listing("a", "b", "c"), {"a"}, Filters(), 1)
    assert (new_ids(plan), plan.postponed) == (["b"], ("c",))


def test_a_video_that_is_no_longer_listed_was_removed() -> None:
    plan = plan_sync(listing("a"), {"a", "b"}, Filters(), listed_before={"a", "b"})
    assert plan.removed == ("b",)


def test_a_video_that_became_private_was_removed() -> None:
    now = Listing(URL, "", (video("a"), video("b", is_private=True)), 2, "yt-dlp")
    plan = plan_sync(now, {"a", "b"}, Filters(), listed_before={"a", "b"})
    assert plan.removed == ("b",)


def test_a_listing_that_came_short_proves_no_removal() -> None:
    plan = plan_sync(listing("a", stated=200), {"a"}, Filters(), listed_before={"a", "b"})
    assert plan.removed == ()
    assert plan.notes == ("1 known videos are not listed, but the listing came short: not removed",)


def test_a_listing_that_a_limit_cut_proves_no_removal() -> None:
    plan = plan_sync(listing("a", cut=True), {"a"}, Filters(), listed_before={"a", "b"})
    assert (plan.removed, plan.notes) == ((), ())


def test_a_video_in_two_playlists_is_planned_once() -> None:
    first, second = listing("a", "b"), listing("b", "c", url="other")
    plans = plan_all([(first, Filters(), None), (second, Filters(), None)], {"c"})
    assert [new_ids(plan) for plan in plans] == [["a", "b"], []]
    assert plans[1].known_count == 2


def test_a_video_that_one_playlist_postpones_may_come_from_another() -> None:
    first, second = listing("a", "b"), listing("b", url="other")
    plans = plan_all([(first, Filters(), 1), (second, Filters(), None)], set())
    assert [new_ids(plan) for plan in plans] == [["a"], ["b"]]


def test_two_videos_with_one_title_are_two_videos() -> None:
    same = (VideoFacts("a", title="X x Y"), VideoFacts("b", title="X x Y"))
    plan = plan_sync(Listing(URL, "", same, 2, "yt-dlp"), set(), ANY_LENGTH)
    assert new_ids(plan) == ["a", "b"]


def test_a_dry_run_reads_well() -> None:
    now = listing("a", "b", "c", "d", notes=("the page came short",))
    plan = plan_sync(now, {"a"}, Filters(not_title="Title b"), 1, listed_before={"z"})
    assert describe(plan).splitlines() == [
        "Mashups: 4 listed, 1 known, 1 to fetch, 1 skipped, 1 later, 1 removed upstream",
        "  fetch    c  Title c",
        "  skip     b  the title matches 'Title b', which is not wanted",
        "  removed  z  kept here",
        "  note     the page came short",
    ]


def test_the_objection_judges_complete_facts() -> None:
    objection = objection_of(Filters(creative_commons_only=True))
    assert objection(video("a")) == "not under Creative Commons: it states no licence"
