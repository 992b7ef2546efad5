"""Which language people read: one for a deployment, French unless the configuration says English.

Texts stand in English in the code and are looked up in gettext catalogues (`locales/fr/LC_MESSAGES/
<domain>.mo` in each package). A text is translated when it is made, with the language then set, and
is stored as people will read it. The module is named for what it does; it does not touch the
process' C locale.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

Translator = Callable[[str], str]

LANGUAGES = ("fr", "en")
_current = "fr"


def set_language(language: str) -> None:
    """Set the language of all texts made from now on: `fr` or `en`."""
    global _current
    if language not in LANGUAGES:
        raise ValueError(language)
    _current = language


def language() -> str:
    return _current


@lru_cache
def _catalogue(domain: str, folder: Path, chosen: str) -> gettext.NullTranslations:
    return gettext.translation(domain, folder, languages=[chosen], fallback=True)


def translator(domain: str, package_file: str) -> Translator:
    """The `_` of a package: `_ = translator("vaguemestre_dsn", __file__)`.

    `package_file` is a file of the package's top folder, beside which `locales/` stands. The
    returned function takes the English text and gives it in the current language; parameters are
    filled in afterwards with `.format(…)`.
    """
    folder = Path(package_file).parent / "locales"

    def translate(text: str) -> str:
        return _catalogue(domain, folder, _current).gettext(text)

    return translate


_ = translator("vaguemestre", __file__)
