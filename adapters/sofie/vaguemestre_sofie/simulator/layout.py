"""Lays out a simulated SOFIE_HOME, as the installer and the first login would."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vaguemestre_sofie.simulator.home import Home, Options

FOLDERS = ("send", "encrypted", "sent", "received", "decrypted")
SCRIPT = """\
# The batch program of the simulated SOFiE.
import sys

from vaguemestre_sofie.simulator.batch import main

sys.exit(main({home!r}, sys.argv[1:]))
"""
JAVA = b"""\
#!/bin/sh
echo 'openjdk version "17" (simulated)' >&2
"""
PROXY = """\
# communication
proxy.host=
proxy.port=
"""


def lay_out(root: Path, options: Options) -> Home:
    """Make what is not there yet; an existing home is kept and gets the options."""
    home = Home(root)
    home.simulated.mkdir(parents=True, exist_ok=True)
    home.mailbox.mkdir(exist_ok=True)
    home.keep(options)
    for name in FOLDERS:
        home.data(name).mkdir(parents=True, exist_ok=True)
    for name in ("lib", "keys", "logs", "properties/communication"):
        (root / name).mkdir(parents=True, exist_ok=True)
    script(home).write_text(SCRIPT.format(home=str(root)), "utf-8")
    _once(root / "properties" / "batch.properties", b"run.forEver=No\nwaiting.time=60\n")
    proxy = root / "properties" / "communication" / "communication_default_http.properties"
    _once(proxy, PROXY.encode())
    _once(root / "lib" / "java", JAVA)
    (root / "lib" / "java").chmod(0o755)
    _once(home.passwords, b"simulated\n")
    _once(home.data("loginHash"), b"simulated\n")
    if not (root / "keys" / "user.pem").exists():
        (root / "keys" / "user.pem").write_bytes(_certificate(options.user))
    return home


def script(home: Home) -> Path:
    return home.root / f"run_batch_{home.options.user}.py"


def settings(home: Home) -> dict[str, Any]:
    """`[profile.settings]` for this home."""
    run = [sys.executable, str(script(home))]
    data = f"data/{home.options.user}"
    return {
        "home": str(home.root),
        "user_id": home.options.user,
        "send_command": [*run, "send"],
        "receive_command": [*run, "receive"],
        "update_command": run,
        "outgoing": f"{data}/send",
        "incoming": f"{data}/decrypted",
        "encrypted": f"{data}/encrypted",
        "sent": f"{data}/sent",
        "technical_log": "logs/log_technical.log",
        "certificate": "keys/user.pem",
        "password_file": f"{data}/passwords",
        "java": "lib/java",
    }


def _once(file: Path, content: bytes) -> None:
    if not file.exists():
        file.write_bytes(content)


def _certificate(user: str) -> bytes:
    """A certificate of two years, as LuxTrust's are."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Simulated {user}")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=730))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def ready(home: Home, address: str) -> dict[str, Any]:
    """What the command prints when it is ready."""
    found = settings(home) | {"address": address}
    return {"settings": json.loads(json.dumps(found)), "ledger": str(home.ledger)}
