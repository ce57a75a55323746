"""What can be wrong with sources; messages say what was expected, what came, what to do."""

from __future__ import annotations


class CatalogError(ValueError):
    """Base of all errors of this package."""


class ReviewError(CatalogError):
    """An answer names no question that waits, or none of its proposals."""


class SourceError(CatalogError):
    """A folder or list that should offer music cannot be read, or offers none."""
