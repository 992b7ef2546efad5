"""The texts that people read: English in the code, other languages in `locales/`."""

from vaguemestre.api import translator

_ = translator("vaguemestre_sofie", __file__)
