"""What differs between platforms that speak this protocol: the words of their addresses, and what
they ask for before they give a token. The national platform's is here; an adapter for another one
brings its own, and everything else of the simulator serves both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Codes of the services: régime général and agricole, production and test, concentrateur.
SERVICES = frozenset({"25", "97", "26", "94", "98"})


@dataclass(frozen=True)
class Dialect:
    """`roots`: the first step of an address for each of `services` (authentication), `depot`,
    `consultation` and `telechargement`. `fields`: the tags of the authentication in their order,
    with the greatest length of each. `identifier`: also has the MSA's form, under version 2.0."""

    name: str
    roots: Mapping[str, str]
    fields: Mapping[str, int]
    realm: str
    services: frozenset[str] = SERVICES
    identifier: bool = False

    def root(self, word: str) -> str:
        """Which of the four an address begins with, or "" for none."""
        return next((known for known, said in self.roots.items() if said == word), "")


_ROOTS = ("services", "depot", "consultation", "telechargement")

NATIONAL = Dialect(
    name="net-entreprises",
    roots={word: word for word in _ROOTS},
    fields={"siret": 14, "nom": 64, "prenom": 39, "motdepasse": 30, "service": 2},
    realm="net-entreprises.fr",
    identifier=True,
)
