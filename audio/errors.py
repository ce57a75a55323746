"""What can be wrong with audio; every message says what was expected, what came, what to do."""

from __future__ import annotations


class AudioError(ValueError):
    """Base of all errors of this package."""


class DecodeError(AudioError):
    """The file is missing, empty, damaged, or holds no audio that ffmpeg can read."""


class SilentAudioError(AudioError):
    """Nothing but silence where sound was expected."""


class TooShortError(AudioError):
    """Less sound than one example needs."""


class NoBeatError(AudioError):
    """No steady pulse was found where one is needed."""
