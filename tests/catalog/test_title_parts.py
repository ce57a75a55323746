"""Titles taken apart: fields, lists, brackets, makers."""

from __future__ import annotations

import pytest

from catalog.title_parts import Join, split_listing, split_serial, take_apart


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("A vs. B VS C", ("A", "B", "C")),
        ("The xx x X Ambassadors", ("The xx", "X Ambassadors")),
        ("X You", ("X You",)),
        ("Malcolm X", ("Malcolm X",)),
        ("Queen + Muse", ("Queen", "Muse")),
        ("Foxes, Kid Cudi and more", ("Foxes", "Kid Cudi and more")),
        ("Michael Jackson/Blur", ("Michael Jackson", "Blur")),
        ("A vs B & C", ("A", "B & C")),
        ("All Star but it's Creep", ("All Star", "Creep")),
        ("A x B + more", ("A", "B")),
    ],
)
def test_a_list_is_split_at_its_strongest_separator(text: str, items: tuple[str, ...]) -> None:
    assert split_listing(text).items == items


@pytest.mark.parametrize(
    "title",
    [
        "AC/DC vs. Matt & Kim",
        "AC/DC x Earth, Wind & Fire",
        "Simon and Garfunkel vs. Florence + the Machine",
    ],
)
def test_separators_inside_known_names_do_not_split(title: str) -> None:
    (field,) = take_apart(title).fields
    assert len(split_listing(field).items) == 2


def test_the_last_of_a_spoken_list_is_split_too() -> None:
    assert split_serial("Oasis, Green Day & Travis").items == ("Oasis", "Green Day", "Travis")
    assert split_serial("Oasis & Travis").join is Join.AND


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        ("A vs. B - Name (KJ Mix)", ("A vs. B", "Name")),
        ("[Mashup] A vs. B – Name [4:15] - YouTube", ("A vs. B", "Name")),
        ("Some Band/Other Band- Name Of It", ("Some Band/Other Band", "Name Of It")),
        ("Some Band-Name Of It", ("Some Band", "Name Of It")),
        ("Jay-Z", ("Jay-Z",)),
        ("A vs. B: Name", ("A vs. B", "Name")),
        ("Song One | Song Two | Mashup", ("Song One", "Song Two")),
        ("X / Y - Somebody | Some Choir | Mashup", ("X / Y", "Somebody")),
        ("I mashed up A with B", ("A vs B",)),
        ("A vs B 'Name'", ("A vs B", '"Name"')),
    ],
)
def test_a_title_is_split_at_its_dashes_without_notes(title: str, fields: tuple[str, ...]) -> None:
    assert take_apart(title).fields == fields


def test_a_bracket_that_lists_names_is_kept_and_a_makers_is_set_aside() -> None:
    parts = take_apart("Name (A + B Mashup) [Some DJ Mashup] (official video)")
    assert (parts.brackets, parts.makers) == (("A + B",), ("Some DJ Mashup",))


def test_a_bracket_that_a_site_cut_off_is_closed() -> None:
    assert take_apart("Name (A vs. B").brackets == ("A vs. B",)
