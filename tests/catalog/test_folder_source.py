"""Folders and lists: what is offered, what is set aside and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import CatalogError
from catalog.folder_source import list_entries, list_multitracks
from catalog.records import Entry, Skipped, TrackKind


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"sound")


def test_a_folder_is_read_downwards_in_a_stable_order(tmp_path: Path) -> None:
    touch(tmp_path / "b.mp3", tmp_path / "a.FLAC", tmp_path / "deep" / "c.opus", tmp_path / "x.txt")
    listed = list_entries(tmp_path, TrackKind.SONG)
    assert listed.entries == [
        Entry("a.FLAC", TrackKind.SONG, "a", tmp_path / "a.FLAC"),
        Entry("b.mp3", TrackKind.SONG, "b", tmp_path / "b.mp3"),
        Entry("deep/c.opus", TrackKind.SONG, "c", tmp_path / "deep" / "c.opus"),
    ]
    assert listed.skipped == []


def test_hidden_and_temporary_files_are_left_out(tmp_path: Path) -> None:
    touch(
        tmp_path / "a.mp3",
        tmp_path / ".b.mp3",
        tmp_path / "c.mp3.part",
        tmp_path / ".git" / "d.mp3",
    )
    assert [entry.source_key for entry in list_entries(tmp_path, TrackKind.SONG).entries] == [
        "a.mp3"
    ]


def test_two_files_with_one_name_are_both_kept(tmp_path: Path) -> None:
    touch(tmp_path / "one" / "a.mp3", tmp_path / "two" / "a.mp3")
    entries = list_entries(tmp_path, TrackKind.SONG).entries
    assert [(entry.source_key, entry.raw_title) for entry in entries] == [
        ("one/a.mp3", "a"),
        ("two/a.mp3", "a"),
    ]


def test_a_link_that_leads_back_into_the_folder_ends(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp3")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert len(list_entries(tmp_path, TrackKind.SONG).entries) == 1


def test_a_json_list_gives_titles_and_what_else_is_known(tmp_path: Path) -> None:
    touch(tmp_path / "m" / "1.mp3")
    items = [
        {
            "path": "m/1.mp3",
            "title": "../../etc/passwd",
            "channel": "C",
            "description": "D",
            "url": "U",
            "licence": "CC0",
        },
    ]
    (tmp_path / "list.json").write_text(json.dumps(items))
    listed = list_entries(tmp_path / "list.json", TrackKind.MASHUP)
    assert listed.entries == [
        Entry(
            "m/1.mp3",
            TrackKind.MASHUP,
            "../../etc/passwd",
            tmp_path / "m" / "1.mp3",
            channel="C",
            description="D",
            url="U",
            licence="CC0",
        ),
    ]


def test_a_json_lists_artist_goes_before_the_title(tmp_path: Path) -> None:
    touch(tmp_path / "1.mp3")
    (tmp_path / "list.json").write_text(
        json.dumps([{"path": "1.mp3", "title": "Hello", "artist": "Adele"}])
    )
    assert (
        list_entries(tmp_path / "list.json", TrackKind.SONG).entries[0].raw_title == "Adele - Hello"
    )


def test_a_text_list_takes_titles_after_a_tab_or_a_bar(tmp_path: Path) -> None:
    touch(tmp_path / "1.mp3", tmp_path / "2.mp3", tmp_path / "3.mp3")
    (tmp_path / "list.txt").write_text("# mine\n1.mp3\tA vs. B\n\n2.mp3 | C x D\n3.mp3\n")
    entries = list_entries(tmp_path / "list.txt", TrackKind.MASHUP).entries
    assert [entry.raw_title for entry in entries] == ["A vs. B", "C x D", "3"]


def test_a_list_may_name_files_elsewhere(tmp_path: Path) -> None:
    touch(tmp_path / "elsewhere" / "1.mp3")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "list.txt").write_text("../elsewhere/1.mp3\n")
    entries = list_entries(tmp_path / "lists" / "list.txt", TrackKind.SONG).entries
    assert [entry.path.resolve() for entry in entries] == [tmp_path / "elsewhere" / "1.mp3"]


def test_what_a_list_names_in_vain_is_set_aside_and_the_rest_goes_on(tmp_path: Path) -> None:
    touch(tmp_path / "1.mp3")
    items = [{"path": "gone.mp3"}, {"title": "?"}, 7, {"path": "."}, {"path": "x" * 300}]
    (tmp_path / "list.json").write_text(json.dumps([*items, {"path": "1.mp3"}]))
    listed = list_entries(tmp_path / "list.json", TrackKind.SONG)
    assert [entry.source_key for entry in listed.entries] == ["1.mp3"]
    no_path = "expected an object with a `path` to an audio file"
    assert listed.skipped[:4] == [
        Skipped(
            "gone.mp3",
            f"expected a file at {tmp_path / 'gone.mp3'}, but nothing is there; correct the list",
        ),
        Skipped("item 2", no_path),
        Skipped("item 3", no_path),
        Skipped(
            ".", f"expected an audio file at {tmp_path}, got a folder or device; list its files"
        ),
    ]
    assert "not a path that this system can open" in listed.skipped[4].reason


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("list.json", "{", "not JSON"),
        ("list.json", "{}", r"put the objects in \[ \]"),
        ("list.json", "[]", "found none"),
        ("list.csv", "", "give the folder"),
    ],
)
def test_a_list_that_cannot_be_read_says_what_was_expected(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(CatalogError, match=message):
        list_entries(tmp_path / name, TrackKind.SONG)


def test_a_folder_without_audio_or_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"expected audio files in .*found none"):
        list_entries(tmp_path, TrackKind.SONG)
    with pytest.raises(CatalogError, match="nothing is there"):
        list_entries(tmp_path / "gone", TrackKind.SONG)


def test_multitracks_are_paired_and_halves_set_aside(tmp_path: Path) -> None:
    touch(
        tmp_path / "Hydrogen_vocals.mp3",
        tmp_path / "Hydrogen_instrumental.wav",
        tmp_path / "Half_Way_vocals.mp3",
        tmp_path / "noise.mp3",
    )
    listed = list_multitracks(tmp_path)
    assert listed.entries == [
        Entry(
            "Hydrogen",
            TrackKind.MULTITRACK,
            "Hydrogen",
            tmp_path / "Hydrogen_vocals.mp3",
            tmp_path / "Hydrogen_instrumental.wav",
        ),
    ]
    assert listed.skipped == [
        Skipped(
            "Half_Way_vocals.mp3",
            "expected Half_Way_instrumental.* beside Half_Way_vocals.mp3, but it is not there",
        )
    ]


def test_a_folder_without_pairs_is_refused(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp3")
    with pytest.raises(CatalogError, match=r"expected pairs like NAME_vocals\.wav"):
        list_multitracks(tmp_path)
    with pytest.raises(CatalogError, match="there is none"):
        list_multitracks(tmp_path / "gone")
