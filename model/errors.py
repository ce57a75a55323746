"""What can be wrong with models and their files; every message says what was expected."""

from __future__ import annotations


class ModelError(ValueError):
    """Base of all errors of this package."""


class ConfigError(ModelError):
    """A model, training or evaluation setting that makes no sense."""


class ShapeError(ModelError):
    """Arrays that do not fit together or do not fit the model."""


class CheckpointError(ModelError):
    """A checkpoint that is missing, damaged, or was made with other audio numbers."""


class NotEnoughDataError(ModelError):
    """Too few examples or songs to do what was asked."""
