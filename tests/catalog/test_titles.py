"""Hypotheses from titles that no rule was tuned on, from descriptions, and from metadata."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.names import parse_song
from catalog.records import StandardName
from catalog.titles import MAX_HYPOTHESES, hypothesize, to_json

Pairs = list[tuple[str | None, str | None]]


def pairs(sources: tuple[StandardName, ...]) -> Pairs:
    return [(source.artist, source.title) for source in sources]


@pytest.mark.parametrize(
    ("title", "sources"),
    [
        ("Dua Lipa - Levitating x Blondie - Heart of Glass (DJ Foo Mashup)",
         [("Dua Lipa", "Levitating"), ("Blondie", "Heart of Glass")]),
        ("Levitating (Dua Lipa) + Heart of Glass (Blondie) MASHUP",
         [("Dua Lipa", "Levitating"), ("Blondie", "Heart of Glass")]),
        ('Mashup of "Africa" by Toto and "Buddy Holly" by Weezer',
         [("Toto", "Africa"), ("Weezer", "Buddy Holly")]),
        ('Linkin Park "In The End" vs Adele "Rolling In The Deep"',
         [("Linkin Park", "In The End"), ("Adele", "Rolling In The Deep")]),
        ("Daft Punk x Stevie Wonder - Around the World x Superstition",
         [("Daft Punk", "Around the World"), ("Stevie Wonder", "Superstition")]),
        ("Blinding Lights vs Take On Me (Mashup) - The Weeknd vs a-ha",
         [("The Weeknd", "Blinding Lights"), ("a-ha", "Take On Me")]),
        ("IU×NewJeans 'Love Poem'×'Ditto'", [("IU", "Love Poem"), ("NewJeans", "Ditto")]),
        ("BTS & Charlie Puth - Fake Love / Attention MASHUP",
         [("BTS", "Fake Love"), ("Charlie Puth", "Attention")]),
        ("Queen - Somebody To Love vs Let's Dance (David Bowie)",
         [("Queen", "Somebody To Love"), ("David Bowie", "Let's Dance")]),
        ("Hello Bling - Adele - Hello vs. Drake - Hotline Bling",
         [("Adele", "Hello"), ("Drake", "Hotline Bling")]),
        ("Adele - Hello (Drake - Hotline Bling mashup)",
         [("Adele", "Hello"), ("Drake", "Hotline Bling")]),
        ("Hung Up / Gimme by Madonna & ABBA", [("Madonna", "Hung Up"), ("ABBA", "Gimme")]),
        ("Snow (Hey Oh) x Clocks", [(None, "Snow (Hey Oh)"), (None, "Clocks")]),
        ("Metallica vs. ABBA - Enter Dancing Queen", [("Metallica", None), ("ABBA", None)]),
        ("DJ Foo - Name [Oasis, Blur]", [("Oasis", None), ("Blur", None)]),
        ("Shape of You vs. Despacito", [(None, "Shape of You"), (None, "Despacito")]),
        ("Positions X Say So - Doja Cat (mashup)",
         [("Doja Cat", "Positions"), ("Doja Cat", "Say So")]),
        ("Hung Up On Gimme (Madonna & ABBA)", [("Madonna", None), ("ABBA", None)]),
        # The mashup's own name or its maker beside the songs, in every place.
        ("Toxic Monday | New Order - Blue Monday vs. Britney Spears - Toxic",
         [("New Order", "Blue Monday"), ("Britney Spears", "Toxic")]),
        ("New Order - Blue Monday vs. Britney Spears - Toxic [Toxic Monday]",
         [("New Order", "Blue Monday"), ("Britney Spears", "Toxic")]),
        ("Blue Monday (New Order) + Toxic (Britney Spears) = Toxic Monday",
         [("New Order", "Blue Monday"), ("Britney Spears", "Toxic")]),
        ("Toxic Monday (New Order vs. Britney Spears - Blue Monday / Toxic)",
         [("New Order", "Blue Monday"), ("Britney Spears", "Toxic")]),
        ("New Order vs. Britney Spears - Toxic Monday (Blue Monday / Toxic)",
         [("New Order", "Blue Monday"), ("Britney Spears", "Toxic")]),
        ("DJ Foo: New Order vs. Britney Spears - Blue Monday / Toxic",
         [("New Order", "Blue Monday"), ("Britney Spears", "Toxic")]),
        ("DJ Foo presents Oasis vs. Blur - Name", [("Oasis", None), ("Blur", None)]),
        ('"Name" Oasis vs. Blur', [("Oasis", None), ("Blur", None)]),
        ("(Name) Oasis vs. Blur", [("Oasis", None), ("Blur", None)]),
        ("Name ~ Oasis & Blur", [("Oasis", None), ("Blur", None)]),
        ("Oasis_vs_Blur_-_Name", [("Oasis", None), ("Blur", None)]),
        # Pieces of other forms.
        ("New Order (Blue Monday) vs. Britney Spears (Toxic)",
         [("New Order", "Blue Monday"), ("Britney Spears", "Toxic")]),
        ("Blue Monday - New Order vs. Britney Spears - Toxic",
         [("New Order", "Blue Monday"), ("Britney Spears", "Toxic")]),
        ("The Beatles' Help vs Jay-Z's 99 Problems",
         [("The Beatles", "Help"), ("Jay-Z", "99 Problems")]),
        ('Someone mixed Adele\'s "Hello" with TLC\'s "Creep"',
         [("Adele", "Hello"), ("TLC", "Creep")]),
        ("New Order - Blue Monday vs. Britney Spears - Toxic vs. Rihanna",
         [("New Order", "Blue Monday"), ("Britney Spears", "Toxic"), ("Rihanna", None)]),
        ("Creep and Hello by TLC and Adele", [("TLC", "Creep"), ("Adele", "Hello")]),
        ("TLC & Adele - Creep & Hello", [("TLC", "Creep"), ("Adele", "Hello")]),
        # Only a known artist's name tells where the song begins.
        ("Nirvana Lithium vs. Rick Astley Together Forever",
         [("Nirvana", "Lithium"), ("Rick Astley", "Together Forever")]),
        ("Rick Astley-Together Forever x Lithium-Nirvana",
         [("Rick Astley", "Together Forever"), ("Nirvana", "Lithium")]),
        ("Nirvana - Rick Astley - Smells Like Forever",
         [("Nirvana", None), ("Rick Astley", None)]),
        ("Nirvana and Rick Astley mashup", [("Nirvana", None), ("Rick Astley", None)]),
        ("Lithium vs. Toxic (Nirvana and Britney Spears mashup)",
         [("Nirvana", "Lithium"), ("Britney Spears", "Toxic")]),
    ],
)  # fmt: skip
def test_the_first_hypothesis_names_the_sources(title: str, sources: Pairs) -> None:
    assert pairs(hypothesize(title)[0].sources) == sources


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Girl Talk - Bounce That",
        "DJ Foo - Yearmix 2014",
        "100 Songs in 10 Minutes (A vs. B)",
        "Batman vs Superman Trailer Mashup",
        "How to make a mashup in five steps",
        "Romantic Love Mashup 2021 | Non Stop Jukebox",
        "Mashup tutorial: A vs. B",
        "Best Mashup Songs 2016 | Popular Songs Remixes",
    ],
)
def test_what_names_no_two_songs_gives_no_hypothesis(title: str) -> None:
    assert hypothesize(title) == []


def test_a_title_that_can_be_read_two_ways_gives_both_readings() -> None:
    found = [pairs(hypothesis.sources) for hypothesis in hypothesize("Ed Sheeran vs. Luis Fonsi")]
    assert [("Ed Sheeran", None), ("Luis Fonsi", None)] in found
    assert [(None, "Ed Sheeran"), (None, "Luis Fonsi")] in found


def test_lists_of_one_length_may_stand_in_reversed_order() -> None:
    found = [pairs(h.sources) for h in hypothesize("Clocks / Ditto - Coldplay vs NewJeans")]
    assert [("Coldplay", "Ditto"), ("NewJeans", "Clocks")] in found[:3]


def test_a_mashup_may_be_called_as_one_of_its_songs_is() -> None:
    found = [pairs(h.sources) for h in hypothesize("Nirvana vs. Oasis - Come As You Are")[:3]]
    assert [("Nirvana", "Come As You Are"), ("Oasis", None)] in found
    assert [("Nirvana", None), ("Oasis", "Come As You Are")] in found


def test_one_of_two_artists_may_have_made_two_of_three_songs() -> None:
    found = [pairs(h.sources) for h in hypothesize("TLC vs. Adele - Creep / Scrubs / Hello")]
    assert [("TLC", "Creep"), ("TLC", "Scrubs"), ("Adele", "Hello")] in found
    assert [("TLC", "Creep"), ("Adele", "Scrubs"), ("Adele", "Hello")] in found


def test_three_songs_may_stand_in_any_order() -> None:
    found = hypothesize("TLC vs. Adele vs. Toto - Hello / Africa / Creep")
    right = [("TLC", "Creep"), ("Adele", "Hello"), ("Toto", "Africa")]
    assert right in [pairs(h.sources) for h in found]


def test_a_closing_bracket_may_belong_to_the_last_song() -> None:
    found = [pairs(h.sources) for h in hypothesize("TLC vs. Toto - Creep vs. Rosanna (Part II)")]
    assert found[0] == [("TLC", "Creep"), ("Toto", "Rosanna")]
    assert [("TLC", "Creep"), ("Toto", "Rosanna (Part II)")] in found


def test_a_second_song_may_stand_where_a_remixer_would() -> None:
    found = [pairs(h.sources) for h in hypothesize("Creep (Africa Remix) (TLC x Toto)")]
    assert found[0] == [("TLC", None), ("Toto", None)]
    assert [("TLC", "Creep"), ("Toto", "Africa")] in found


def test_the_mashups_own_name_is_kept_for_the_catalogue_to_search() -> None:
    assert hypothesize("MGMT vs Blur - Song Kids")[0].mashup_name == "Song Kids"


def test_the_channels_name_in_the_title_is_the_maker() -> None:
    title = "Foo Bar - Clocks / Ditto - Coldplay x NewJeans"
    assert pairs(hypothesize(title, channel="foo bar")[0].sources) == [
        ("Coldplay", "Clocks"),
        ("NewJeans", "Ditto"),
    ]


def test_a_description_that_lists_the_songs_outweighs_the_title() -> None:
    description = (
        "Hi!\n\nSongs used:\n1. Toto - Africa\n2. Weezer - Buddy Holly\n\nFollow me - please"
    )
    best = hypothesize("Toto vs. Weezer - Africa Holly", description=description)[0]
    assert pairs(best.sources) == [("Toto", "Africa"), ("Weezer", "Buddy Holly")]
    assert best.evidence == ("the description lists them",)


def test_music_metadata_and_chapters_count() -> None:
    music = [StandardName("Toto", "Africa"), StandardName("Weezer", "Buddy Holly")]
    assert hypothesize("Untold", music=music)[0].sources == tuple(music)
    chapters = ["0:00 Toto - Africa", "1:00 Weezer - Buddy Holly"]
    assert hypothesize("Toto and Weezer", chapters=chapters)[0].sources == tuple(music)


def test_a_line_of_json_holds_the_best_reading_and_all_others() -> None:
    line = to_json("A x B", hypotheses := hypothesize("Clocks x Ditto"))
    assert line["sources"] == [
        {"artist": None, "title": "Clocks"},
        {"artist": None, "title": "Ditto"},
    ]
    assert line["hypotheses"] == [hypothesis.to_json() for hypothesis in hypotheses]
    assert to_json("", [])["sources"] == []


@settings(deadline=None)
@given(st.text(alphabet="ab -/&,x+|_()[]\"'.:vsmashup\n×", max_size=60))
def test_any_text_gives_ranked_hypotheses_of_at_least_two_songs(title: str) -> None:
    found = hypothesize(title)
    confidences = [hypothesis.confidence for hypothesis in found]
    assert len(found) <= MAX_HYPOTHESES
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 < confidence <= 1 for confidence in confidences)
    assert all(len(hypothesis.sources) > 1 for hypothesis in found)
    assert all(source.artist or source.title for h in found for source in h.sources)


@pytest.mark.parametrize("piece", ["(", "a vs ", "my ", "'a", "a - ", '"a" ', " ", "a's A ", "by "])
def test_a_hostile_title_is_read_in_time(piece: str) -> None:
    start = time.process_time()
    hypothesize(piece * 3000)
    parse_song(piece * 3000)
    assert time.process_time() - start < 2
