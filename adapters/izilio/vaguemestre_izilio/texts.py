"""The texts that people read: English in the code, other languages in `locales/`."""

from vaguemestre.api import translator

_ = translator("vaguemestre_izilio", __file__)


def N_(text: str) -> str:  # noqa: N802 - the name that extraction of texts looks for
    """Marks a text that is translated where it is used."""
    return text
