"""Filters refuse with a sentence, and only on what is known."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from catalog.youtube.filters import Filters, reason_against
from catalog.youtube.records import VideoFacts

WANTED = VideoFacts("loopvid0000", title="A x B (Mashup)", duration_s=200.0)


def facts(**changes: Any) -> VideoFacts:
    told = {"video_id": "loopvid0000", "title": "A x B (Mashup)", "duration_s": 200.0}
    return VideoFacts(**{**told, **changes})


@pytest.mark.parametrize(
    ("video", "filters", "reason"),
    [
        (facts(), {}, None),
        (facts(is_private=True), {}, "private or deleted on YouTube"),
        (facts(is_live=True), {}, "a live stream, running or still to come"),
        (facts(is_short=True), {}, "a short"),
        (facts(is_short=True), {"shorts": True}, None),
        (facts(duration_s=34.0), {}, "too short: 34 s, wanted at least 60 s"),
        (facts(duration_s=3600.0), {}, "too long: 3600 s, wanted at most 900 s"),
        (facts(), {"title": "mashup"}, None),
        (facts(), {"title": "megamix"}, "the title does not match 'megamix'"),
        (facts(), {"not_title": "mash"}, "the title matches 'mash', which is not wanted"),
        (
            facts(uploaded=dt.date(2014, 5, 1)),
            {"after": dt.date(2015, 1, 1)},
            "uploaded 2014-05-01, wanted 2015-01-01 or later",
        ),
        (
            facts(uploaded=dt.date(2024, 5, 1)),
            {"before": dt.date(2024, 5, 1)},
            "uploaded 2024-05-01, wanted before 2024-05-01",
        ),
        (
            facts(licence="standard YouTube licence"),
            {"creative_commons_only": True},
            "not under Creative Commons but under: standard YouTube licence",
        ),
        (
            facts(licence="Creative Commons Attribution license (reuse allowed)"),
            {"creative_commons_only": True},
            None,
        ),
    ],
)
def test_a_refusal_is_a_sentence(
    video: VideoFacts, filters: dict[str, Any], reason: str | None
) -> None:
    assert reason_against(video, Filters(**filters)) == reason


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        ({"after": dt.date(2015, 1, 1)}, "its upload date is unknown"),
        (
            {"creative_commons_only": True},
            "not under Creative Commons: it states no licence",
        ),
    ],
)
def test_what_a_listing_leaves_open_counts_only_when_all_is_known(
    filters: dict[str, Any], reason: str
) -> None:
    assert reason_against(WANTED, Filters(**filters)) is None
    assert reason_against(WANTED, Filters(**filters), complete=True) == reason


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ({"title": "(unclosed"}, "is no regular expression"),
        ({"min_duration_s": 900, "max_duration_s": 60}, "nothing would pass"),
        ({"after": "2020-01-01", "before": "2019-01-01"}, "nothing would pass"),
        ({"minimum": 3}, "Extra inputs are not permitted"),
    ],
)
def test_filters_that_make_no_sense_are_refused(told: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Filters.model_validate(told)
