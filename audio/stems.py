"""A song in two parts: what sings, and what plays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Stems:
    """Two sample-aligned parts `(2, samples)` at 44.1 kHz; their sum is the song."""

    vocals: NDArray[np.float32]
    instrumental: NDArray[np.float32]

    def mix(self) -> NDArray[np.float32]:
        return self.vocals + self.instrumental

    def scaled(self, gain: float) -> Stems:
        factor = np.float32(gain)
        return Stems(self.vocals * factor, self.instrumental * factor)
