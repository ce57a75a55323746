"""What goes wrong on the loopback Drive, and when: plans that a test or a chaos run sends."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Rule:
    """One kind of fault; the first rule that applies to a request decides.

    `action` is one of

    - `<status>[:reason[:message]]`: answer so, for example `503` or `403:userRateLimitExceeded`
    - `drop[:<bytes>]`: cut the connection after that many bytes of the body; whole blocks are kept
    - `lost_ack`: do the work, then cut the connection instead of answering
    - `truncate:<bytes>`: of a download, send that many bytes of what was promised
    - `ignore_range`: answer a download from its first byte, with 200
    - `corrupt`: flip a bit of what is sent, or of what is stored
    - `delay:<seconds>`
    """

    action: str
    method: str = ""  # any
    path: str = ""  # regular expression, searched in path and query
    first: int = 1  # of the requests that match, the first to suffer
    times: int | None = 1  # how many suffer; None: all from then on
    rate: float = 1.0  # share of them that suffer, by chance
    seen: int = field(default=0, compare=False)

    def strikes(self, method: str, path: str, chance: random.Random) -> bool:
        """Tell whether this request suffers; counts the requests that match."""
        if self.method not in ("", method) or not re.search(self.path, path):
            return False
        self.seen += 1
        past = self.times is not None and self.seen >= self.first + self.times
        return self.seen >= self.first and not past and chance.random() < self.rate


class Faults:
    """The plan in force; safe to use from the server's threads."""

    def __init__(self, rules: Sequence[Rule] = (), *, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self.plan(rules, seed=seed)

    def plan(self, rules: Sequence[Rule], *, seed: int = 0) -> None:
        """Replace the plan; the same seed makes the same chances."""
        with self._lock:
            self._rules, self._chance = list(rules), random.Random(seed)

    def strike(self, method: str, path: str) -> str | None:
        """Return the action that befalls this request, or None."""
        with self._lock:
            for rule in self._rules:
                if rule.strikes(method, path, self._chance):
                    return rule.action
        return None


def parse_rules(rows: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """Return rules from JSON rows that have the fields of `Rule`."""
    known = {item.name for item in fields(Rule)} - {"seen"}
    return [Rule(**{name: row[name] for name in known & row.keys()}) for row in rows]
