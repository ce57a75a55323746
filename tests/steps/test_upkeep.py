"""A lost ledger, compaction and retention over the line's own results."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from model.scores import Scores
from steps import train as training
from steps.champion import champion_key
from steps.collect import collect
from steps.generate import choose_pairs, mash_pair, owes_mashups, publish_page
from steps.prepare import Unprepared, unprepared
from steps.train import LAST, Verdict, train_masher, untrained_examples
from steps.upkeep import let_go_unneeded, look_after, pinned_snapshots, recover_ledger
from steps.workbench import Workbench
from storage.commit import commit, prepare_unit
from storage.errors import LostLedgerError
from storage.snapshots import newest_snapshot, snapshot_names
from storage.verify import verify
from tests.steps.conftest import SmallWorld, open_bench
from tests.steps.line import ingest
from tests.storage.examples import unit_examples


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, small_world: SmallWorld) -> Path:
    """A folder in which the line has ingested, trained a champion, and made a mashup."""
    root = tmp_path_factory.mktemp("lived")
    bench = open_bench(root)
    ingest(bench, small_world.sources)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "judge", lambda _: Verdict(True, "for this test"))
        patch.setattr(training, "compare", lambda *_: dict[str, Scores]())
        train_masher(bench, snapshot="", size="tiny", n_steps=1)
    (pair,) = choose_pairs(bench, 1)
    publish_page(bench, [mash_pair(bench, pair, duration_s=12.0)])
    bench.ledger.close()
    return root


def _without_ledger(lived: Path, tmp_path: Path) -> Path:
    """Copy the store alone: work folder and ledger are lost."""
    shutil.copytree(lived / "data", tmp_path / "data")
    return tmp_path


def test_after_a_lost_ledger_nothing_is_done_twice(
    lived: Path, tmp_path: Path, small_world: SmallWorld
) -> None:
    bench = open_bench(_without_ledger(lived, tmp_path))
    before = {file.key: file for file in bench.store.list()}
    report = recover_ledger(bench)
    assert report.shards >= 1
    assert {"tracks", "pairs", "source_files", "mashups_made", "champions"} <= set(report.added)
    again = ingest(bench, small_world.sources)
    assert (again.counts, again.new_examples) == ({}, 0)
    assert unprepared(bench) == Unprepared(pairs=[], songs=[], made=[])
    assert (untrained_examples(bench), owes_mashups(bench, 1)) == (0, False)
    assert {file.key: file for file in bench.store.list()} == before
    assert verify(bench.store, bench.ledger).problems == ()
    champion = bench.ledger.champions.current()
    assert champion is not None
    assert champion.checkpoint_key == champion_key(bench)
    bench.ledger.close()


def test_ingesting_with_an_empty_ledger_on_a_filled_store_is_refused(
    lived: Path, tmp_path: Path, small_world: SmallWorld
) -> None:
    bench = open_bench(_without_ledger(lived, tmp_path))
    with pytest.raises(LostLedgerError, match="python -m flows recover"):
        collect(bench, small_world.sources)
    bench.ledger.close()


def test_what_is_gone_from_the_store_is_said(lived: Path, tmp_path: Path) -> None:
    bench = open_bench(_without_ledger(lived, tmp_path))
    recover_ledger(bench)
    (mashup,) = bench.ledger.mashups.list()
    track = next(track for track in bench.ledger.tracks.list() if track.audio_key)
    gone = {str(track.audio_key), str(mashup.keys["png"]), str(champion_key(bench))}
    for key in gone:
        bench.store.delete(key)
    problems = verify(bench.store, bench.ledger).problems
    assert {(problem.kind, problem.key) for problem in problems} == {("missing", k) for k in gone}
    bench.ledger.close()


def _night(bench: Workbench, unit: str) -> None:
    prepare_unit(bench.ledger, bench.work_dir, unit, unit_examples(unit, 2, kind="made"))
    commit(bench.ledger, bench.store, bench.work_dir)


def test_upkeep_merges_and_lets_go_and_says_so(bench: Workbench) -> None:
    for unit in "abcde":
        _night(bench, unit)
    dry = look_after(bench, keep_days=0, dry_run=True)
    assert dry.headline().startswith("5 small shards would be merged into 1; 0 files of 0.0 MB wo")
    done = look_after(bench, keep_days=7)
    assert done.headline().startswith("5 small shards merged into 1; 0 files of 0.0 MB deleted, 3")
    assert [row["state"] for row in done.rows()] == ["waits"] * 3
    let_go_unneeded(bench, keep_days=0)
    assert len(snapshot_names(bench.store)) == 3
    assert verify(bench.store, bench.ledger).problems == ()


def test_what_the_champion_and_the_last_training_saw_stays(bench: Workbench) -> None:
    _night(bench, "a")
    first = newest_snapshot(bench.store)
    assert first is not None
    bench.store.write_bytes(LAST, json.dumps({"snapshot": first.name, "rows": 2}).encode())
    for unit in "bcdef":
        _night(bench, unit)
    assert pinned_snapshots(bench) == {first.name}
    let_go_unneeded(bench, keep_days=0)
    let_go_unneeded(bench, keep_days=0)
    assert snapshot_names(bench.store)[-1] == first.name
    assert len(snapshot_names(bench.store)) == 4


def test_a_training_pins_its_snapshot_while_it_lasts(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _night(bench, "made:a")
    pinned: list[frozenset[str]] = []
    monkeypatch.setattr(
        training, "compare", lambda *_: pinned.append(bench.ledger.pins.snapshots()) or {}
    )
    trained = train_masher(bench, snapshot="", size="tiny", n_steps=1)
    assert (pinned, bench.ledger.pins.snapshots()) == ([{trained.snapshot}], frozenset())
