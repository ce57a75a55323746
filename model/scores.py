"""Means with bootstrap intervals, and tables of them: what evaluations return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over mashups with its 95 % percentile bootstrap interval (Efron 1979)."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Metrics of every way of making mashups, over the same mashups."""

    results: Mapping[str, Mapping[str, Interval]]  # by maker, by metric
    items: int  # mashups, or slices, behind each mean

    def mean(self, maker: str, metric: str) -> float:
        """Return one mean."""
        return self.results[maker][metric].mean

    def to_dict(self) -> dict[str, Any]:
        """Return `{"results": {maker: {metric: {"mean", "low", "high"}}}, "items": n}`."""
        results = {
            maker: {
                metric: {"mean": i.mean, "low": i.low, "high": i.high}
                for metric, i in metrics.items()
            }
            for maker, metrics in self.results.items()
        }
        return {"results": results, "items": self.items}


def interval(values: Sequence[float], *, seed: int) -> Interval:
    """Return the mean of `values` and where the means of their resamples mostly lie."""
    data = np.asarray(values, np.float64)
    draws = np.random.default_rng(seed).integers(len(data), size=(_RESAMPLES, len(data)))
    low, high = np.percentile(data[draws].mean(axis=1), (2.5, 97.5))
    return Interval(*(round(float(x), 4) for x in (data.mean(), low, high)))


def summarize(rows: Sequence[Mapping[str, Mapping[str, float]]], *, seed: int) -> Scores:
    """Return the scores of `rows`, each one mashup's metrics by maker; a row may lack some."""
    values: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        for maker, metrics in row.items():
            for metric, value in metrics.items():
                values.setdefault(maker, {}).setdefault(metric, []).append(value)
    results = {
        maker: {metric: interval(found, seed=seed) for metric, found in metrics.items()}
        for maker, metrics in values.items()
    }
    return Scores(results, len(rows))
