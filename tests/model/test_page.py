"""The listening page: complete, safe with any name, and working in a real browser."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from model.measure import MashupScores
from model.page import MashupEntry, Source, clock, entry, page, render_page, safe_href
from model.plan import Part, Plan, SongPlan

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'><b>&amp; {{ 7*7 }}"


def _entry(title: str = "A x B", **sources: Source) -> MashupEntry:
    song = SongPlan("song", 120.0, 1.0, 0, (), ((20.0, 30.0),))
    parts = (Part(0.0, 10.0, "intro", None, "B"), Part(10.0, 40.0, "verse", "A", "B"))
    plan = Plan(40.0, 120.0, song, song, parts, (), (), 0.02, 2.0, 0.0, (), ())
    scores = MashupScores(-14.0, -1.1, 0, 0.4, 0.5, 0.1, 6.0, 1.0, 0.02, 0.3, "champion")
    return entry(
        plan,
        scores,
        title=title,
        audio_href="a x b #1.mp3",
        picture_href="a x b.png",
        a=sources.get("a", Source("Singer - Song", "https://example.org/a")),
        b=sources.get("b", Source("Band - Tune")),
        made_at="2026-11-22T03:00:00",
    )


class _Reader(HTMLParser):
    """Collects tags with their attributes, and text, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self, attribute: str) -> list[str | None]:
        return [attrs[attribute] for _, attrs in self.tags if attribute in attrs]


def test_a_page_has_a_player_and_a_picture_for_each_mashup() -> None:
    read = _Reader(render_page([_entry("first"), _entry("second")]))
    assert [tag for tag, _ in read.tags].count("audio") == 2
    assert read.links("src") == ["a%20x%20b.png", "a%20x%20b%20%231.mp3"] * 2
    assert "Singer - Song" in read.text


def test_the_page_needs_nothing_from_elsewhere() -> None:
    read = _Reader(render_page([_entry()]))
    assert not [tag for tag, _ in read.tags if tag in ("link", "iframe", "object")]
    assert not [attrs for tag, attrs in read.tags if tag == "script" and "src" in attrs]


def test_hostile_names_stay_text() -> None:
    hostile = replace(
        _entry(HOSTILE, a=Source(HOSTILE, "javascript:alert(1)"), b=Source(HOSTILE, HOSTILE)),
        made_at=HOSTILE,
    )
    safe, read = (_Reader(render_page([each])) for each in (_entry(), hostile))
    names = [tag for tag, _ in read.tags]
    assert names.count("script") == 1
    assert names.count("img") == 1
    assert not read.links("onerror")
    assert HOSTILE in read.text
    assert "javascript:alert(1)" not in read.links("href")
    known = {name for _, attrs in safe.tags for name in attrs}
    assert {name for _, attrs in read.tags for name in attrs} <= known | {"href"}


@pytest.mark.parametrize(
    ("link", "safe"),
    [
        ("song one.mp3", "song%20one.mp3"),
        ("https://example.org/x?y=1", "https://example.org/x?y=1"),
        ("javascript:alert(1)", None),
        ("JAVASCRIPT:alert(1)", None),
        ("data:text/html,x", None),
        ("//evil.example/x", None),
        ("/etc/passwd", None),
        ("http://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_links_lead_beside_the_page_or_to_the_web(link: str | None, safe: str | None) -> None:
    assert safe_href(link) == safe


def test_the_ribbon_shows_who_is_heard_when() -> None:
    a, b = _entry().lanes
    assert [(bar.left, bar.width, bar.role) for bar in a.bars] == [(25.0, 75.0, "voice")]
    assert [bar.role for bar in b.bars] == ["alone", "bed"]
    assert a.singing == ((50.0, 25.0),)


def test_gauges_say_what_is_good() -> None:
    gauges = {gauge.name: gauge.good for gauge in _entry().gauges}
    assert gauges == {
        "beat": True, "two voices": True, "presence": True,
        "harmony": None, "loudness": True, "masks": None,
    }  # fmt: skip


def test_an_empty_page_says_so(tmp_path: Path) -> None:
    page([], tmp_path / "index.html", heading="Tonight")
    html = (tmp_path / "index.html").read_text()
    assert "No mashups yet." in html
    assert "<h1>Tonight</h1>" in html
    assert [file.name for file in tmp_path.iterdir()] == ["index.html"]


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (61.9, "1:01"), (600, "10:00")])
def test_clocks_count_as_players_do(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_a_browser_runs_the_pages_own_script_and_no_other(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium here: the page's script is tested where there is one")
    older = replace(_entry(HOSTILE), made_at="2020-01-01")
    page([older, _entry("newest")], tmp_path / "index.html")
    done = subprocess.run(
        [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom",
         f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / "index.html").as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    read = _Reader(done.stdout)
    titles = [attrs["data-title"] for _, attrs in read.tags if "data-title" in attrs]
    assert titles == ["newest", HOSTILE]  # sorted by the script, newest first
