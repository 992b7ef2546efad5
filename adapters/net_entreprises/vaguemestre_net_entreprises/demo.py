"""Net-Entreprises in the demo: the simulator with TLS, one fictitious account, and its ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vaguemestre.api import DemoPlatform

#: Fictitious: the SIREN passes its check, nobody has it.
ACCOUNT = {
    "siret": "99999999800019",
    "nom": "DEMONSTRATION",
    "prenom": "CAMILLE",
    "motdepasse": "Demo-0123",
}
_LEDGER = "ledger.jsonl"


class SimulatedNetEntreprises(DemoPlatform):
    """The simulated platform of the demo."""

    platform = "net-entreprises"
    kind = "dsn"

    def command(self, folder: Path) -> Sequence[str]:
        return [
            *("simulate", "net-entreprises", "--port", "0", "--tls"),
            *("--ca-file", str(folder / "ca.pem")),
            *("--ledger", str(folder / _LEDGER)),
            *("--account", ":".join(ACCOUNT.values())),
            *("--return-delay", "1"),
        ]

    def settings(self, ready: Mapping[str, Any]) -> Mapping[str, Any]:
        names = ("authentication_url", "deposit_url", "consultation_url", "download_hosts")
        return {
            **{name: ready[name] for name in names},
            "ca_file": ready["ca_file"],
            "poll_seconds": 1,
            "settling_seconds": 2,
        }

    def credential(self) -> Mapping[str, str]:
        return ACCOUNT

    def ledger(self, folder: Path) -> Callable[[], int]:
        def count() -> int:
            import json

            try:
                lines = (folder / _LEDGER).read_text("utf-8").splitlines()
            except FileNotFoundError:
                return 0
            # The last line may be half written.
            records = [json.loads(line) for line in lines if line.endswith("}")]
            return sum(record.get("event") == "deposit" for record in records)

        return count
