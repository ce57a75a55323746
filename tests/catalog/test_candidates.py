"""What a search offers for a missing song: each penalty by name, a threshold and a gap."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.candidates import Offer, Wanted, rank, select
from catalog.names import parse_song
from catalog.records import StandardName
from catalog.youtube.records import VideoFacts

AFRICA = Wanted(StandardName("Toto", "Africa"))


def video(title: str, **facts: Any) -> VideoFacts:
    given = {"channel": "TotoVEVO", "duration_s": 295.0} | facts
    return VideoFacts(f"v{abs(hash(title)) % 10**9:010d}", title, **given)


def offer(title: str, wanted: Wanted = AFRICA, **facts: Any) -> Offer:
    return rank([video(title, **facts)], wanted)[0]


@pytest.mark.parametrize(
    ("title", "channel"),
    [
        ("Toto - Africa (Official HD Video)", "TotoVEVO"),
        ("Africa", "Toto - Topic"),
        ("TOTO – Africa [Lyrics]", "Toto Official"),
    ],
)
def test_the_plain_recording_has_nothing_against_it(title: str, channel: str) -> None:
    found = offer(title, channel=channel)
    assert (found.score, found.penalties) == (1.0, {})


@pytest.mark.parametrize(
    ("title", "penalties"),
    [
        ("Toto - Africa (Live in Paris)", {"live": 0.2}),
        ("Toto - Africa (Cover)", {"cover": 0.4}),
        ("Toto - Africa (Disco Remix)", {"remix": 0.2}),
        ("Toto - Africa (Karaoke Version)", {"karaoke": 0.6}),
        ("Toto - Africa sped up", {"sped up": 0.3}),
        ("Toto - Africa (slowed + reverb)", {"slowed": 0.3, "reverb": 0.2}),
        ("Toto - Africa (Instrumental)", {"instrumental": 0.12}),
        ("Toto - Africa (8D Audio)", {"8d": 0.3}),
        ("Toto - Africa REACTION", {"reaction": 0.6}),
        ("Toto - Africa (Mashup)", {"mashup": 0.6}),
        ("Toto - Africa guitar lesson", {"lesson": 0.4}),
        ("Toto - Africa 10 hours", {"loop": 0.4}),
    ],
)
def test_every_other_version_costs_by_its_name(title: str, penalties: dict[str, float]) -> None:
    found = offer(title).penalties
    assert {name: found.get(name) for name in penalties} == pytest.approx(penalties)


def test_words_of_the_wanted_name_cost_nothing() -> None:
    live = Wanted(StandardName("Wings", "Live and Let Die"))
    assert offer("Wings - Live and Let Die", live).penalties == {"unofficial channel": 0.02}
    asked = Wanted(parse_song("Toto - Africa (Live)"))
    assert offer("Toto - Africa (Live)", asked).penalties == {}


@pytest.mark.parametrize(
    ("facts", "penalties"),
    [
        ({"duration_s": 20.0}, {"too short for a song": 0.4}),
        ({"duration_s": 45.0}, {"too short for a song": 0.1}),
        ({"duration_s": 600.0}, {"too long for a song": 0.1}),
        ({"duration_s": 3600.0}, {"too long for a song": 0.5}),
        ({"duration_s": None}, {}),
        ({"channel": "some fan"}, {"unofficial channel": 0.02}),
        ({"is_live": True}, {"live stream": 1.0}),
        ({"is_private": True}, {"private": 1.0}),
    ],
)
def test_a_video_is_judged_by_its_length_and_its_channel(
    facts: dict[str, Any], penalties: dict[str, float]
) -> None:
    assert offer("Toto - Africa", **facts).penalties == penalties


@pytest.mark.parametrize(
    ("duration_s", "cost"), [(295, 0.0), (298, 0.0), (303.5, 0.06), (309, 0.12), (400, 0.12)]
)
def test_a_known_length_makes_another_length_cost(duration_s: float, cost: float) -> None:
    known = Wanted(AFRICA.name, duration_s=295.0)
    found = offer("Toto - Africa", known, duration_s=duration_s).penalties
    assert found.get("duration differs", 0.0) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("title", "channel"),
    [("Weezer - Africa", "WeezerVEVO"), ("Toto - Rosanna", "TotoVEVO"), ("Cats at play", "fan")],
)
def test_another_song_is_never_chosen(title: str, channel: str) -> None:
    offers = rank([video(title, channel=channel)], AFRICA)
    chosen = select(offers, AFRICA)
    assert chosen.offer is None
    assert "differs 0." in chosen.reason and "0.84 is needed" in chosen.reason


def test_the_plain_recording_wins_over_all_others_and_uploads_of_it_are_no_rivals() -> None:
    titles = ("Toto - Africa (Live)", "Toto - Africa (Lyrics)", "Toto - Africa (Official Video)")
    offers = rank([video(title) for title in titles], AFRICA)
    chosen = select(offers, AFRICA).offer
    assert chosen is not None
    assert chosen.facts.title == "Toto - Africa (Lyrics)"  # as the site ranks equal ones


def test_another_version_alone_is_not_chosen() -> None:
    assert select(rank([video("Toto - Africa (Live)")], AFRICA), AFRICA).offer is None


def test_a_title_alone_is_chosen_only_where_no_other_artist_has_a_song_of_that_name() -> None:
    hello = Wanted(StandardName(None, "Hello"))
    adele = video("Adele - Hello", channel="AdeleVEVO")
    again = video("Adele - Hello (Lyrics)", channel="AdeleVEVO")
    lionel = video("Lionel Richie - Hello", channel="LionelVEVO")
    assert select(rank([adele, again], hello), hello).offer is not None
    chosen = select(rank([adele, again, lionel], hello), hello)
    assert chosen.offer is None
    assert "equally likely" in chosen.reason and "Lionel Richie" in chosen.reason


def test_an_artist_who_only_stands_in_the_words_is_left_to_a_person() -> None:
    offers = rank([video("Toto Africa", channel="fan")], AFRICA)
    assert offers[0].penalties == pytest.approx({"artist differs": 0.2, "unofficial channel": 0.02})
    assert select(offers, AFRICA).offer is None


def test_music_metadata_counts_more_than_the_typed_title() -> None:
    found = offer("toto africa hq!!", channel="fan", artist="Toto", track="Africa")
    assert found.penalties == {"unofficial channel": 0.02}


def test_nothing_found_is_a_reason() -> None:
    assert select((), AFRICA).reason == 'the search for "Toto - Africa" found nothing'
