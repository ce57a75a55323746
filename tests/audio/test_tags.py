from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from audio.decode import encode_mp3, read_tags
from audio.errors import AudioError
from audio.tags import MAX_TAG_CHARS, metadata_options, parse_ffmetadata
from tests.audio.sounds import sine

HOSTILE = 'A "quo\'te"; x=y # \\ \\\\\n[CHAPTER]\n../../etc/passwd -y & $(id) 🎵 ' + "é" * 300


def test_a_hostile_title_is_kept_to_the_letter_and_changes_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    tags = {"title": HOSTILE, "artist": "[STREAM]\nalbum=no", "mashup_id": "yt:a=b;c"}
    encode_mp3(path, sine(440, 0.5), tags=tags)
    assert {**tags, "encoder": "Lavf"} == {**read_tags(path), "encoder": "Lavf"}
    assert list(tmp_path.iterdir()) == [path]


def test_each_tag_is_one_option_whatever_it_holds() -> None:
    assert metadata_options({"title": "-y\0=;", "artist": "\ud800"}) == {
        "metadata:g:0": "title=-y =;",
        "metadata:g:1": "artist=?",
    }


def test_a_very_long_tag_is_cut_to_fit_an_argument() -> None:
    (value,) = metadata_options({"comment": "x" * 1_000_000}).values()
    assert value == "comment=" + "x" * MAX_TAG_CHARS


@pytest.mark.parametrize("name", ["", "a=b", "title\n", "-y", "na me"])
def test_a_tag_name_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(AudioError, match="tag name"):
        metadata_options({name: "value"})


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_escaped_text_parses_back(value: str) -> None:
    escaped = "".join(f"\\{char}" if char in "=;#\\\n" else char for char in value)
    assert parse_ffmetadata(f";FFMETADATA1\ntitle={escaped}\n") == {"title": value}


def test_tags_of_a_stream_count_and_the_files_own_win() -> None:
    text = ";FFMETADATA1\nTITLE=of the file\n[STREAM]\ntitle=of the stream\nARTIST=band\n"
    assert parse_ffmetadata(text) == {"title": "of the file", "artist": "band"}


def test_tags_of_ogg_and_flac_are_read_too(tmp_path: Path) -> None:
    for name in ("a.ogg", "a.flac"):
        with soundfile.SoundFile(tmp_path / name, "w", 44_100, 2) as file:
            file.title = "Töne = 1"
            file.write(sine(440, 0.5).T)
        assert read_tags(tmp_path / name)["title"] == "Töne = 1"
