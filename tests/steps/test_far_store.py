"""The line on a store that is not on this machine: Google Drive behind a loopback server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.decode import read_tags
from steps.collect import collect
from steps.generate import choose_pairs, mash_pair, publish_page
from steps.listen import listen, unheard
from steps.page_copy import bring_page
from steps.publish import publish
from steps.report import IngestReport, save_report
from steps.sources import Sources
from steps.workbench import Workbench, open_workbench
from storage.cache import ShardCache
from storage.commit import prepare_unit
from storage.errors import MissingFileError
from storage.options import Backoff, DriveOptions, StoreOptions
from storage.reader import ShardReader
from storage.snapshots import newest_snapshot
from storage.verify import verify
from tests.loopback.drive import LoopbackDrive, serve_drive
from tests.loopback.drive_faults import Rule
from tests.steps.conftest import SmallWorld
from tests.steps.line import ingest
from tests.storage.examples import example


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[LoopbackDrive]:
    with serve_drive(tmp_path / "drive") as running:
        running.plan(Rule("503", rate=0.05, times=None), Rule("drop", rate=0.05, times=None))
        yield running
        assert running.state.errors == []


@pytest.fixture
def bench(drive: LoopbackDrive, tmp_path: Path) -> Iterator[Workbench]:
    options = DriveOptions(
        api_root=drive.api_root, state_dir=tmp_path / "state", backoff=Backoff(first_s=0.001)
    )
    bench = open_workbench(
        store_url=drive.store_url,
        ledger_url=f"sqlite:///{tmp_path / 'work' / 'ledger.db'}",
        work_dir=tmp_path / "work",
        store_options=StoreOptions(drive=options),
    )
    yield bench
    bench.ledger.close()


@pytest.mark.slow
def test_what_is_ingested_is_on_drive_once_and_can_be_trained_on(
    drive: LoopbackDrive, bench: Workbench, small_world: SmallWorld
) -> None:
    first, second = (ingest(bench, small_world.sources).snapshot for _ in range(2))
    assert second == first
    paths = [file["path"] for file in drive.state.tree()]
    assert len(paths) == len(set(paths))
    assert verify(bench.store, bench.ledger).problems == ()
    snapshot = newest_snapshot(bench.store)
    assert snapshot is not None
    reader = ShardReader(ShardCache(bench.store, bench.work_dir / "cache"), snapshot, batch_size=4)
    rows = [name for batch in reader.batches() for name in batch.example_id]
    assert len(rows) == len(set(rows)) > 10


def test_mashups_are_heard_on_this_machine_and_only_new_ones_are_fetched(
    drive: LoopbackDrive, bench: Workbench, small_world: SmallWorld, tmp_path: Path
) -> None:
    with pytest.raises(MissingFileError, match=r"mashups/index\.html"):
        bring_page(bench, tmp_path / "listen")
    collect(bench, Sources(songs=small_world.sources.songs))
    for item in unheard(bench):
        listen(bench, item)
    (pair,) = choose_pairs(bench, 1)
    batch = publish_page(bench, [mash_pair(bench, pair, duration_s=20.0)])
    assert batch.page.startswith("https://drive.google.com/file/d/")
    page = bring_page(bench, tmp_path / "listen")
    mp3 = page.with_name(Path(batch.made[0].keys["mp3"]).name)
    assert small_world.voice.title in page.read_text(encoding="utf-8")
    assert small_world.voice.title in read_tags(mp3)["title"]
    before = len(drive.asked(path="alt=media"))
    assert bring_page(bench, tmp_path / "listen") == page
    assert len(drive.asked(path="alt=media")) == before


def test_a_drive_that_takes_nothing_more_today_postpones_and_loses_nothing(
    drive: LoopbackDrive, bench: Workbench
) -> None:
    examples = [example(f"made:a/{number}", kind="made") for number in range(2)]
    prepare_unit(bench.ledger, bench.work_dir, "made:a", examples)
    limit = "403:userRateLimitExceeded:User rate limit exceeded."
    drive.plan(Rule(limit, path="/upload/", times=None))
    first = publish(bench)
    report = IngestReport.of([], first)
    assert (first.snapshot, first.new_examples) == ("", 0)
    assert report.paused_until is not None
    assert "750 GB of uploads a day" in report.headline()
    assert save_report(bench, "ingest", report) == ""
