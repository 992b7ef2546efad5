"""The texts that people read: English in the code, other languages in `locales/`."""

from vaguemestre.api import translator

_ = translator("vaguemestre_seculine", __file__)


def N_(text: str) -> str:  # noqa: N802 - the usual mark of a text that is translated elsewhere
    """Mark a text that `_` translates when it is told."""
    return text
