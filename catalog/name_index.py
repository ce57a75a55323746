"""Find a name among a million: exact by hash, misspelt by its rarest letter triples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

MAX_POSTINGS = 20_000  # read per lookup; rarest triples first
MAX_COMPARED = 24  # names compared letter by letter per lookup
MIN_SIMILARITY = 0.72

_SIZE = 38  # a-z, 0-9, other, boundary
_BOUNDARY = _SIZE - 1


@dataclass(frozen=True, slots=True)
class Found:
    """A known name and how like the asked one it is, 0 to 1."""

    name_id: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Groups:
    """Which members belong to each group, as one flat array: `members[starts[g]:starts[g + 1]]`."""

    starts: NDArray[np.int64]
    members: NDArray[np.int32]

    def of(self, group: int) -> NDArray[np.int32]:
        """Members of one group, ascending."""
        return self.members[self.starts[group] : self.starts[group + 1]]

    def size(self, group: int) -> int:
        """How many members a group has."""
        return int(self.starts[group + 1] - self.starts[group])


def group(keys: NDArray[np.int32], members: NDArray[np.int32], *, n_groups: int) -> Groups:
    """Group `members` by their `keys` (both of one length) into `n_groups` groups."""
    order = np.argsort(keys, kind="stable")
    starts = np.zeros(n_groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(keys, minlength=n_groups), out=starts[1:])
    return Groups(starts, members[order])


class NameIndex:
    """Distinct folded names (`catalog.names.fold`) and a search among them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._ids: dict[str, int] = {}
        for name in names:
            self._ids.setdefault(compact(name), len(self._ids))
        self._names = list(self._ids)
        self._triples = _index_triples(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def exact(self, name: str) -> int | None:
        """The id of a folded name, spaces ignored; None where it is not known."""
        return self._ids.get(compact(name))

    def find(self, name: str) -> list[Found]:
        """Known names like a folded one, best first; an exact one alone."""
        known = self.exact(name)
        if known is not None:
            return [Found(known, 1.0)]
        asked = compact(name)
        found = (
            Found(name_id, fuzz.ratio(asked, self._names[name_id]) / 100)
            for name_id in self._nearest(asked)
        )
        alike = [hit for hit in found if hit.similarity >= MIN_SIMILARITY]
        return sorted(alike, key=lambda hit: -hit.similarity)

    def _nearest(self, asked: str) -> list[int]:
        """Ids that share most of the rarest letter triples of `asked`."""
        codes = sorted(set(_codes(asked).tolist()), key=self._triples.size)
        read = 0
        postings: list[NDArray[np.int32]] = []
        for code in codes:
            read += self._triples.size(code)
            if postings and read > MAX_POSTINGS:
                break
            postings.append(self._triples.of(code))
        if not postings:
            return []
        ids, shared = np.unique(np.concatenate(postings), return_counts=True)
        best = np.argsort(-shared, kind="stable")[:MAX_COMPARED]
        return [int(name_id) for name_id in ids[best]]


def compact(name: str) -> str:
    """A folded name without its spaces: `a ha` and `aha` are one name."""
    return name.replace(" ", "")


def _index_triples(names: Sequence[str]) -> Groups:
    """For each triple of letters the ids of the names that hold it."""
    letters = _letters("\n".join(names) + "\n" if names else "")
    ends = letters == _BOUNDARY
    owner = np.cumsum(ends) - ends
    codes = _triple_codes(letters)
    within = ~(ends[:-2] | ends[1:-1] | ends[2:])
    return group(codes[within], owner[: len(codes)][within].astype(np.int32), n_groups=_SIZE**3)


def _codes(name: str) -> NDArray[np.int32]:
    return _triple_codes(_letters(name))


def _triple_codes(letters: NDArray[np.int32]) -> NDArray[np.int32]:
    if len(letters) < 3:
        return np.empty(0, dtype=np.int32)
    return (letters[:-2] * _SIZE + letters[1:-1]) * _SIZE + letters[2:]


def _letters(text: str) -> NDArray[np.int32]:
    """Letters as numbers below `_SIZE`: a-z, 0-9, anything else, line feed as the boundary."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    numbers = np.full(len(points), _SIZE - 2, dtype=np.int32)
    for first, last, base in ((97, 122, 0), (48, 57, 26)):
        inside = (points >= first) & (points <= last)
        numbers[inside] = points[inside].astype(np.int32) - first + base
    numbers[points == 10] = _BOUNDARY
    return numbers
