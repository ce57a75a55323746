"""What clients say, sorted into the taxonomy: the sentences are YouTube's and the clients' own."""

from __future__ import annotations

import email.message
import json
import urllib.error

import pytest

from catalog.youtube.classify import classify
from catalog.youtube.errors import (
    BotWallError,
    ClientBrokenError,
    ThrottledError,
    TransientError,
    UnavailableError,
    Why,
    YouTubeError,
)


def http_error(status: int, *, retry_after: str | None = None) -> urllib.error.HTTPError:
    headers = email.message.Message()
    if retry_after:
        headers["Retry-After"] = retry_after
    return urllib.error.HTTPError("https://youtube.com", status, "said so", headers, None)


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("Private video. Sign in if you've been granted access to this video", Why.PRIVATE),
        ("This video has been removed by the uploader", Why.REMOVED),
        ("account associated with this video has been terminated", Why.REMOVED),
        ("The uploader has not made this video available in your country", Why.GEO),
        ("Sign in to confirm your age", Why.AGE),
        ("Join this channel to get access to members-only content", Why.MEMBERS),
        ("This live event will begin in 3 hours.", Why.LIVE),
        ("loopvid0000 is streaming live and cannot be loaded", Why.LIVE),
        ("This video is DRM protected", Why.DRM),
        ("YouTube said: The playlist does not exist.", Why.NO_LIST),
        ("Video unavailable", Why.UNKNOWN),
    ],
)
def test_a_refusal_is_unavailable_for_its_reason(sentence: str, why: Why) -> None:
    error = classify(RuntimeError(sentence), client="any", video_id="loopvid0000")
    assert isinstance(error, UnavailableError)
    assert (error.why, error.video_id, str(error)) == (why, "loopvid0000", why.value)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("Sign in to confirm you’re not a bot"), BotWallError),
        (RuntimeError("This content isn't available, try again later"), ThrottledError),
        (http_error(429), ThrottledError),
        (http_error(503), TransientError),
        (http_error(403), ClientBrokenError),
        (TimeoutError("timed out"), TransientError),
        (ConnectionResetError(104, "Connection reset by peer"), TransientError),
        (KeyError("streamingData"), ClientBrokenError),
        (json.JSONDecodeError("Unterminated string", "{", 1), ClientBrokenError),
        (RuntimeError("get_throttling_function_name: could not find match"), ClientBrokenError),
    ],
)
def test_each_failure_says_what_to_do(error: Exception, expected: type[YouTubeError]) -> None:
    assert type(classify(error, client="any")) is expected


def test_a_429_is_found_among_the_causes_with_its_wish() -> None:
    outer = RuntimeError("Unable to download API page")
    outer.__cause__ = http_error(429, retry_after="7")
    error = classify(outer, client="yt-dlp")
    assert isinstance(error, ThrottledError)
    assert error.retry_after_s == 7.0


def test_a_429_that_was_only_said_is_heard() -> None:
    said = ["WARNING: [youtube] HTTP Error 429: Too Many Requests"]
    error = classify(RuntimeError("No video formats found!"), client="yt-dlp", said=said)
    assert isinstance(error, ThrottledError)


def test_service_unavailable_is_not_about_the_video() -> None:
    error = classify(RuntimeError("Service Unavailable"), client="any", said=["HTTP Error 503: x"])
    assert str(error) == "YouTube answered any with HTTP 503"


def test_a_message_loses_the_trimmings_of_its_client() -> None:
    told = "\x1b[0;31mERROR:\x1b[0m [youtube] loopvid0000: Strange; please report this issue on ..."
    error = classify(RuntimeError(told), client="yt-dlp")
    assert str(error) == "yt-dlp failed in an unknown way: RuntimeError: Strange"


def test_an_error_of_the_taxonomy_passes_unchanged() -> None:
    error = UnavailableError(Why.DRM)
    assert classify(error, client="any") is error
