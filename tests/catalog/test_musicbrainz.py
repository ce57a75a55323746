"""MusicBrainz through its real client against a loopback service; it never fails a run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.confirm import EVIDENCE, confirm
from catalog.musicbrainz import KEPT_S, MusicBrainz, Recording
from catalog.records import StandardName
from catalog.titles import TitleHypothesis
from tests.loopback.musicbrainz import KnownRecording, Service, serve_musicbrainz

AFRICA = StandardName("Toto", "Africa")
KNOWN = (
    KnownRecording(("Toto",), "Africa", 270_000, "live, 2018: Amsterdam"),
    KnownRecording(("Weezer",), "Africa", 240_000),
    KnownRecording(("Toto",), "Africa", 295_893),
    KnownRecording(("deadmau5", "Kaskade"), "I Remember", 600_000),
    KnownRecording(("AC/DC",), 'The "Jack" \\ Live', None),
)


@pytest.fixture
def service() -> Iterator[Service]:
    with serve_musicbrainz(*KNOWN) as service:
        yield service


def client(service: Service, folder: Path, *, pause_s: float = 0.0) -> MusicBrainz:
    return MusicBrainz(
        folder, "me@example.org", service.url, pause_s=pause_s, backoff_s=(0.01, 0.02, 0.03)
    )


def test_the_plain_recording_is_found_with_its_length(service: Service, tmp_path: Path) -> None:
    found = client(service, tmp_path).find(StandardName("toto", "africa"))
    assert found == Recording("00000000-0000-0000-0000-0000000003e9", AFRICA, 295.893)
    assert service.asked == ['recording:"africa" AND artist:"toto"']
    assert service.agents == ["SongMasher/0.1.0 ( me@example.org )"]


@pytest.mark.parametrize(
    "name",
    [
        StandardName("Toto", "Rosanna"),
        StandardName("Cher", "Africa"),
        StandardName(None, "Africa"),
        StandardName("Toto", None),
    ],
)
def test_what_is_not_known_is_none(service: Service, tmp_path: Path, name: StandardName) -> None:
    assert client(service, tmp_path).find(name) is None


def test_one_of_several_artists_is_enough_and_all_are_credited(
    service: Service, tmp_path: Path
) -> None:
    found = client(service, tmp_path).find(StandardName("Kaskade", "I Remember"))
    assert found is not None
    assert found.name == StandardName("deadmau5 & Kaskade", "I Remember")


def test_quotes_and_backslashes_stay_inside_their_phrase(service: Service, tmp_path: Path) -> None:
    found = client(service, tmp_path).find(StandardName("AC/DC", 'The "Jack" \\ Live'))
    assert found is not None and found.duration_s is None
    assert service.asked == ['recording:"The \\"Jack\\" \\\\ Live" AND artist:"AC/DC"']


def test_an_answer_is_kept_on_the_disk_for_a_season(service: Service, tmp_path: Path) -> None:
    first = client(service, tmp_path).find(AFRICA)
    client(service, tmp_path).find(StandardName("Nobody", "Nothing"))
    again = client(service, tmp_path)
    assert (again.find(AFRICA, ask=False), again.find(StandardName("Nobody", "Nothing"))) == (
        first,
        None,
    )
    assert len(service.asked) == 2
    for kept in tmp_path.iterdir():
        os.utime(kept, (time.time() - KEPT_S - 60,) * 2)
    assert again.find(AFRICA, ask=False) is None
    assert again.find(AFRICA) == first
    assert len(service.asked) == 3


def test_a_damaged_answer_on_the_disk_is_asked_for_again(service: Service, tmp_path: Path) -> None:
    first = client(service, tmp_path).find(AFRICA)
    for kept in tmp_path.iterdir():
        kept.write_text('{"recordings": [{"id"')
    assert client(service, tmp_path).find(AFRICA) == first


def test_requests_keep_their_distance(service: Service, tmp_path: Path) -> None:
    polite = client(service, tmp_path, pause_s=0.1)
    for title in ("Africa", "Rosanna", "Hold the Line"):
        polite.find(StandardName("Toto", title))
    gaps = [b - a for a, b in zip(service.moments, service.moments[1:], strict=False)]
    assert min(gaps) > 0.09  # the client's own clock starts a moment before the server's


def test_a_busy_service_is_asked_again_a_few_times(service: Service, tmp_path: Path) -> None:
    service.busy = 3
    assert client(service, tmp_path).find(AFRICA) is not None
    assert len(service.asked) == 4


def test_a_service_that_stays_busy_is_left_alone(service: Service, tmp_path: Path) -> None:
    service.busy = 100
    asking = client(service, tmp_path)
    assert [asking.find(AFRICA), asking.find(StandardName("Weezer", "Africa"))] == [None, None]
    assert len(service.asked) == 4


@pytest.mark.parametrize("body", [b"<html>", b'{"recordings": [{"title": 5}]}', b""])
def test_an_answer_that_is_none_is_not_kept(
    service: Service, tmp_path: Path, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    service.body = body
    assert client(service, tmp_path).find(AFRICA) is None
    assert list(tmp_path.iterdir()) == []
    assert "MusicBrainz is left out for a while" in caplog.text


def test_no_network_is_no_failure(tmp_path: Path) -> None:
    with serve_musicbrainz() as service:
        away = client(service, tmp_path)
    assert away.find(AFRICA) is None


def test_a_confirmed_reading_comes_first_in_the_databases_own_words(
    service: Service, tmp_path: Path
) -> None:
    wrong = TitleHypothesis((StandardName("x", "y"), StandardName("Weezer", None)), 0.6, ("a",))
    right = TitleHypothesis(
        (StandardName("africa", "toto"), StandardName("weezer", "africa")), 0.5, ("b",)
    )
    first, second = confirm([wrong, right], client(service, tmp_path).find)
    assert first.sources == (AFRICA, StandardName("Weezer", "Africa"))
    assert (first.confidence, first.evidence) == (pytest.approx(0.8), ("b", EVIDENCE))
    assert second == wrong


def test_a_reading_of_which_one_song_is_known_is_corrected_but_not_confirmed(
    service: Service, tmp_path: Path
) -> None:
    half = TitleHypothesis((StandardName("toto", "africa"), StandardName("x", "y")), 0.5, ("b",))
    (found,) = confirm([half], client(service, tmp_path).find)
    assert found.sources == (AFRICA, StandardName("x", "y"))
    assert (found.confidence, found.evidence) == (0.5, ("b",))
