"""The subscriptions file, good and bad."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from catalog.records import TrackKind
from catalog.youtube.filters import Filters
from catalog.youtube.subscriptions import Subscription, SubscriptionsError, load_subscriptions

GOOD = """
subscriptions:
  - url: https://www.youtube.com/playlist?list=PL0123
    limit: 50
    filters: {title: "mashup|vs", after: 2015-01-01, creative_commons_only: true}
  - url: https://www.youtube.com/@songs
    kind: song
"""


def test_a_file_becomes_subscriptions(tmp_path: Path) -> None:
    path = tmp_path / "subscriptions.yaml"
    path.write_text(GOOD, encoding="utf-8")
    mashups, songs = load_subscriptions(path)
    wanted = Filters(title="mashup|vs", after=dt.date(2015, 1, 1), creative_commons_only=True)
    assert mashups == Subscription(
        url="https://www.youtube.com/playlist?list=PL0123", limit=50, filters=wanted
    )
    assert (songs.track_kind, songs.limit, songs.filters) == (TrackKind.SONG, None, Filters())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("subscriptions: [", "is no YAML"),
        ("", "file: Input should be"),
        ("subscriptions: []", "at least 1 item"),
        ("subscriptions: [{kind: mashup}]", r"subscriptions\.0\.url: Field required"),
        ("subscriptions: [{url: 'https://example.com'}]", "expected a YouTube video"),
        (
            "subscriptions: [{url: youtu.be/loopvid0001, kind: podcast}]",
            r"subscriptions\.0\.kind.*'mashup' or 'song'.*got 'podcast'",
        ),
        ("subscriptions: [{url: youtu.be/loopvid0001, limit: 0}]", r"0\.limit.*got '0'"),
        (
            "subscriptions: [{url: youtu.be/loopvid0001, filters: {title: '['}}]",
            r"filters\.title.*no regular expression",
        ),
        ("subscriptions: [{url: youtu.be/loopvid0001, tilte: x}]", r"0\.tilte: Extra inputs"),
        ("subscriptions: !!python/object/apply:os.getcwd []", "is no YAML"),
    ],
)
def test_a_bad_file_is_told_where_and_why(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "subscriptions.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SubscriptionsError, match=complaint):
        load_subscriptions(path)


def test_a_missing_file_is_told_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(
        SubscriptionsError, match=r"cannot read the subscriptions file .*none\.yaml"
    ):
        load_subscriptions(tmp_path / "none.yaml")
