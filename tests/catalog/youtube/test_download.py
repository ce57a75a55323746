"""Downloads: what is visible is whole; what is broken is set aside; what was begun goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catalog.youtube.client import Objection, no_objection
from catalog.youtube.download import download, find_download
from catalog.youtube.errors import AddressError, DamagedDownloadError, UnavailableError
from catalog.youtube.records import clean_text
from tests.catalog.youtube.conftest import Open
from tests.loopback.fixtures import FilesOf, Serve, clients_leave_sockets
from tests.loopback.youtube_clients import PLAYLIST_URL
from tests.loopback.youtube_media import check_audio
from tests.loopback.youtube_world import Fault, State, World, make_world

pytestmark = clients_leave_sockets

VIDEO = "loopvid0000"
PART = f".part/{VIDEO}/{VIDEO}.webm.part"
CHILD = """
import sys
from pathlib import Path
from catalog.youtube.client import Options
from catalog.youtube.download import download
from catalog.youtube.open_client import open_client
from tests.loopback.youtube_clients import YTDLP_ARGUMENTS
from tests.loopback.youtube_media import check_audio
proxy, folder = sys.argv[1:]
client = open_client("yt-dlp", Options(proxy=proxy, ytdlp_arguments=YTDLP_ARGUMENTS))
download(client, "loopvid0000", Path(folder), check_audio=check_audio)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audio"


def visible(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("[!.]*"))


def test_a_download_is_audio_facts_and_picture(
    open_loopback: Open, tones: FilesOf, folder: Path
) -> None:
    world = make_world(tones, titles=("A x B",))
    done = download(open_loopback("auto", world), VIDEO, folder, check_audio=check_audio)
    assert visible(folder) == [f"{VIDEO}.{ending}" for ending in ("jpg", "json", "webm")]
    assert done.path.read_bytes() == tones(0)[251].read_bytes()
    assert (done.facts.title, done.client, done.attempts) == ("A x B", "auto", 1)
    assert done.duration_s == pytest.approx(3.0, abs=0.1)
    assert not (folder / ".part" / VIDEO).exists()


def test_a_finished_download_costs_no_request(
    open_loopback: Open, tones: FilesOf, folder: Path
) -> None:
    world = make_world(tones, titles=("A x B",))
    client = open_loopback("yt-dlp", world)
    first = download(client, VIDEO, folder, check_audio=check_audio)
    before = world.count()
    again = download(client, VIDEO, folder, check_audio=check_audio)
    assert world.count() == before
    assert (again.sha256, again.facts, again.reused) == (first.sha256, first.facts, True)


def test_a_file_that_changed_on_disk_is_fetched_again(
    open_loopback: Open, tones: FilesOf, folder: Path
) -> None:
    world = make_world(tones, titles=("A x B",))
    client = open_loopback("yt-dlp", world)
    done = download(client, VIDEO, folder, check_audio=check_audio)
    done.path.write_bytes(b"rotten")
    assert find_download(folder, VIDEO) is None
    again = download(client, VIDEO, folder, check_audio=check_audio)
    assert again.path.read_bytes() == tones(0)[251].read_bytes()


@pytest.mark.parametrize(
    "rubbish", [os.urandom(5_000), b"\0" * 20_000, b"<html>Sorry</html>"], ids=len
)
def test_a_corrupt_part_is_quarantined_and_fetched_anew(
    open_loopback: Open, tones: FilesOf, folder: Path, rubbish: bytes
) -> None:
    world = make_world(tones, titles=("A x B",))
    (folder / PART).parent.mkdir(parents=True)
    (folder / PART).write_bytes(rubbish)
    done = download(open_loopback("yt-dlp", world), VIDEO, folder, check_audio=check_audio)
    assert done.path.read_bytes() == tones(0)[251].read_bytes()
    assert done.attempts == 2
    assert visible(folder) == [f"{VIDEO}.{ending}" for ending in ("jpg", "json", "webm")]
    reason = (folder / ".quarantine" / VIDEO / "reason.txt").read_text(encoding="utf-8")
    assert reason.startswith("the file does not decode")


@pytest.mark.parametrize("name", [PART, PART.removesuffix(".part")])
def test_a_leftover_longer_than_the_video_does_no_harm(
    open_loopback: Open, tones: FilesOf, folder: Path, name: str
) -> None:
    world = make_world(tones, titles=("A x B",))
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_bytes(b"x" * 200_000)
    done = download(open_loopback("yt-dlp", world), VIDEO, folder, check_audio=check_audio)
    assert done.path.read_bytes() == tones(0)[251].read_bytes()


def test_a_wrong_length_is_given_up_after_three_tries_with_the_reason(
    open_loopback: Open, tones: FilesOf, folder: Path
) -> None:
    world = make_world(tones, titles=("A x B",), duration_s=30)
    with pytest.raises(DamagedDownloadError, match=r"expected 30 s of audio, got 3\.0 s"):
        download(open_loopback("yt-dlp", world), VIDEO, folder, check_audio=check_audio)
    assert (world.count("media"), visible(folder)) == (3, [])
    assert sorted(p.name for p in (folder / ".quarantine" / VIDEO).iterdir()) == [
        f"{VIDEO}.webm",
        f"{VIDEO}.webp",
        "reason.txt",
    ]


def test_an_audio_that_is_no_audio_is_refused(
    open_loopback: Open, tones: FilesOf, folder: Path, tmp_path: Path
) -> None:
    text = tmp_path / "text.webm"
    text.write_text("not a note\n" * 500, encoding="utf-8")
    world = make_world(lambda index: {251: text}, titles=("A x B",))
    with pytest.raises(DamagedDownloadError, match="does not decode"):
        download(open_loopback("pytubefix", world), VIDEO, folder, check_audio=check_audio)


def test_an_unavailable_video_leaves_no_staging(
    open_loopback: Open, tones: FilesOf, folder: Path
) -> None:
    world = make_world(tones, titles=("A x B",))
    world.videos[VIDEO].state = State.PRIVATE
    with pytest.raises(UnavailableError):
        download(open_loopback("yt-dlp", world), VIDEO, folder, check_audio=check_audio)
    assert list((folder / ".part").iterdir()) == []


def test_an_id_that_is_a_path_never_reaches_the_disk(
    open_loopback: Open, tones: FilesOf, folder: Path
) -> None:
    with pytest.raises(AddressError, match="expected a video id"):
        download(open_loopback("yt-dlp", World()), "../../etc/p", folder, check_audio=check_audio)
    assert not folder.exists()


def test_a_killed_download_goes_on_where_it_stopped(
    serve: Serve, open_loopback: Open, tones: FilesOf, folder: Path
) -> None:
    world = make_world(tones, titles=("A x B",))
    world.faults = [Fault("media", "stall")]
    command = [sys.executable, "-c", CHILD, serve(world).url, str(folder)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root) as child:
        _wait_for_bytes(folder / PART, child)
        os.kill(child.pid, signal.SIGKILL)
    begun_bytes = (folder / PART).stat().st_size
    assert visible(folder) == []
    done = download(open_loopback("yt-dlp", world), VIDEO, folder, check_audio=check_audio)
    assert done.path.read_bytes() == tones(0)[251].read_bytes()
    spans = [str(request.range_header) for request in world.requests if request.place == "media"]
    assert spans[1].startswith(f"bytes={begun_bytes}-")


def _wait_for_bytes(path: Path, child: subprocess.Popen[bytes]) -> None:
    """Wait until `child` has written part of its download."""
    for _ in range(600):
        if path.exists() and path.stat().st_size:
            return
        assert child.poll() is None, "the download ended before it was killed"
        time.sleep(0.05)
    raise AssertionError("the download never began")


NAUGHTY = (
    "\x1b[31mred\x07 \u202eevil\u200b x line\nbreak",
    "BLACKPINK - 뚜두뚜두 x bad guy 🔥",
    "../../etc/passwd",
    "x" * 300,
    "Twice x Twice",
    "Twice x Twice",
)


@pytest.mark.parametrize("name", ["yt-dlp", "pytubefix", "pytube"])
def test_titles_are_cleaned_and_never_become_paths(
    open_loopback: Open, tones: FilesOf, folder: Path, name: str
) -> None:
    world = make_world(tones, titles=NAUGHTY)
    client = open_loopback(name, world)
    listed = [facts.title for facts in client.list_videos(PLAYLIST_URL).entries]
    assert listed == ["[31mred evil x line break", *NAUGHTY[1:]]
    worst = [f"loopvid000{index}" for index in (0, 2)]
    for video_id in worst:
        download(client, video_id, folder, check_audio=check_audio)
    assert [path.stem for path in sorted(folder.glob("*.webm"))] == worst
    assert visible(folder.parent) == ["audio", "authority"]


def test_a_text_is_cleaned_to_one_line_of_limited_length() -> None:
    assert clean_text(" a\tb\u200bc\u0000 ") == "a bc"
    assert len(clean_text("y" * 1000)) == 300


def test_two_videos_with_one_title_are_two_files(
    open_loopback: Open, tones: FilesOf, folder: Path
) -> None:
    world = make_world(tones, titles=("Twice x Twice", "Twice x Twice"))
    client = open_loopback("pytubefix", world)
    done = [download(client, key, folder, check_audio=check_audio) for key in world.videos]
    assert done[0].sha256 != done[1].sha256
    assert [each.facts.title for each in done] == ["Twice x Twice", "Twice x Twice"]


def test_no_objection_wants_everything(open_loopback: Open, tones: FilesOf) -> None:
    wanted: Objection = no_objection
    listing = open_loopback("yt-dlp", make_world(tones, titles=("A",))).list_videos(PLAYLIST_URL)
    assert wanted(listing.entries[0]) is None
