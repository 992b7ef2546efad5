"""`vaguemestre simulate izilio`: the simulator of the API DSN, with what is assumed to differ.

IZILIO's own words are not known. These are chosen so that whatever the adapter takes for granted of
the national platform fails: other addresses, another realm, and an e-mail address that is checked.
"""

from __future__ import annotations

from vaguemestre_net_entreprises.simulator.cli import DEMO_ACCOUNT, simulate
from vaguemestre_net_entreprises.simulator.dialect import Dialect

IZILIO = Dialect(
    name="izilio",
    roots={
        "services": "connexion",
        "depot": "depots",
        "consultation": "suivi",
        "telechargement": "documents",
    },
    fields={
        "siret": 14,
        "nom": 64,
        "prenom": 39,
        "motdepasse": 30,
        "courriel": 254,
        "service": 2,
    },
    realm="izilio",
)

command = simulate(
    IZILIO,
    f"{DEMO_ACCOUNT}:claude.martin@example.org",
    "A simulated IZILIO on this machine, with a ledger of what really arrived.\n\n"
    "Speaks the API DSN under addresses of its own and checks the e-mail address. Prints one line "
    "of JSON with its addresses when it is ready. Stop it with Ctrl+C.",
)
