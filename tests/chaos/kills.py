"""Kills at random moments of nightly runs, and what is found wrong after each of them."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext

from storage.exports import export_names
from storage.records import ShardState
from storage.snapshots import is_snapshot_name, snapshot_names
from storage.verify import verify
from tests.chaos.nights import UPKEEP_EVERY, example_ids, ingest_night, tidy_up
from tests.chaos.place import Place
from tests.chaos.worlds import LIST_LAG_S, World

Night = Callable[[Place, int, int], None]
RUN_LIMIT_S = 120.0


def open_processes() -> ForkServerContext:
    """Return where children come from: forked, with everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.chaos.nights"])
    return context


@dataclass
class Chaos:
    """One world that is killed again and again; `wrong` says what should not have been."""

    world: World
    context: ForkServerContext
    dice: random.Random
    kills: int = 0
    nights: int = 0
    wrong: list[str] = field(default_factory=list)
    _seconds: dict[Night, float] = field(default_factory=dict)
    _events: dict[Night, int] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        return self.world.place

    def live(self, kills: int) -> None:
        """Live night after night until so many runs were killed, and end on a whole night."""
        while self.kills < kills:
            self.nights += 1
            self.live_through(ingest_night, kills)
            if self.nights % UPKEEP_EVERY == 0:
                self.live_through(tidy_up, kills)
        for last in (tidy_up, tidy_up, ingest_night):
            self.live_through(last, 0)
        self.check_end()

    def live_through(self, night: Night, kills: int) -> None:
        """Run one night to its end, however often it is killed; verify what it left."""
        began = time.monotonic()
        known = night in self._events  # the first of its kind is measured in peace
        while not self._run(night, may_die=known and self.kills < kills):
            self.check_reading()
            began = time.monotonic()
        events = int((self.place.root / "events").read_text())
        self._seconds[night] = max(self._seconds.get(night, 0.0), time.monotonic() - began)
        self._events[night] = max(self._events.get(night, 0), events)
        self.check_night()

    def _run(self, night: Night, *, may_die: bool) -> bool:
        """Run a night in a child that may be killed; tell whether it reached its end."""
        delay_s, kill_at = self._choose_moment(night) if may_die else (None, 0)
        arguments = (self.place, self.nights, kill_at)
        child = self.context.Process(target=night, args=arguments)
        child.start()
        child.join(RUN_LIMIT_S if delay_s is None else delay_s)
        if child.exitcode is None:
            if delay_s is None:
                self.wrong.append(f"night {self.nights} hung")
            child.kill()
            child.join()
        code = child.exitcode
        child.close()
        if code not in (0, -9):
            self.wrong.append(f"night {self.nights} ended with exit code {code}")
        self.kills += code == -9
        return code == 0

    def _choose_moment(self, night: Night) -> tuple[float | None, int]:
        """Choose a time, or a file event, request or transaction, to be killed at."""
        if self.dice.random() < 0.5:
            return self.dice.uniform(0.01, 1.2 * self._seconds[night]), 0
        return None, self.dice.randint(1, max(2, self._events[night]))

    def check_reading(self) -> None:
        """Read all that a training would see right now: nothing twice, nothing unknown."""
        found = Counter(self.place.read_all())
        known = set(example_ids(self.nights))
        self.wrong += [f"{name} {times} times" for name, times in found.items() if times > 1]
        self.wrong += [f"{name} is from nowhere" for name in found if name not in known]

    def check_night(self) -> None:
        """Compare ledger, store and snapshots after a whole night."""
        with self.place.open_ledger() as ledger:
            report = verify(self.place.open_store(), ledger)
            merged = {s.key for s in ledger.shards.with_files() if s.state == ShardState.MERGED}
            waiting = {record.key for record in ledger.trash.list()}
        self.wrong += [f"{each.kind} {each.key}: {each.text}" for each in report.problems]
        shards = {key for key in waiting if key.startswith("shards/")}
        self.wrong += [f"orphan {key}" for key in shards - merged]

    def check_end(self) -> None:
        """Compare what is read, and the files that there are, with what there must be."""
        if sorted(self.place.read_all()) != example_ids(self.nights):
            self.wrong.append("the last snapshot does not hold every example once")
        self.wrong += [f"orphan {key}" for key in self._stray_files()]
        files = Counter(self.world.all_files())
        self.wrong += [f"{key} is {times} files" for key, times in files.items() if times > 1]
        left = [path.name for path in self.place.work.rglob("*.parquet")]
        self.wrong += [f"left in the work folder: {name}" for name in left]

    def _stray_files(self) -> set[str]:
        """Return files of the store that neither ledger nor snapshots nor records explain."""
        time.sleep(2 * LIST_LAG_S if self.place.api_root else 0.0)
        with self.place.open_ledger() as ledger:
            store = self.place.open_store()
            explained = {str(shard.key) for shard in ledger.shards.with_files()}
            explained |= {*snapshot_names(store), *export_names(store)}
        return set(self.world.all_files()) - explained

    def row(self, store: str) -> dict[str, object]:
        """Return this world's line of the table."""
        files = self.world.all_files()
        return {
            "store": store,
            "kills": self.kills,
            "nights": self.nights,
            "examples": len(example_ids(self.nights)),
            "shards": sum(key.startswith("shards/") for key in files),
            "snapshots": sum(is_snapshot_name(key) for key in files),
            "files": len(files),
            "found wrong": len(self.wrong),
        }
