"""When the certificate of SOFiE ends: read from a file of any usual form. Blocking."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from vaguemestre_sofie.texts import _

PEM = b"-----BEGIN CERTIFICATE-----"
JAVA_KEY_STORE = b"\xfe\xed\xfe\xed"


class UnreadableCertificate(Exception):
    """The file holds no certificate that can be read; the message says why, for people."""


def end_of(file: Path, password: str = "") -> datetime:
    """When the certificate in `file` ends (UTC): PEM, DER, or PKCS#12 opened with `password`.

    Of several, the one that belongs to the key counts, otherwise the first to end. Raises OSError,
    UnreadableCertificate.
    """
    content = file.read_bytes()
    if content.startswith(JAVA_KEY_STORE):
        raise UnreadableCertificate(
            _("is a Java key store: export the certificate from it and name that file")
        )
    try:
        if PEM in content:
            return min(c.not_valid_after_utc for c in x509.load_pem_x509_certificates(content))
        return x509.load_der_x509_certificate(content).not_valid_after_utc
    except ValueError:
        return _end_in_pkcs12(content, password)


def _end_in_pkcs12(content: bytes, password: str) -> datetime:
    try:
        store = pkcs12.load_pkcs12(content, password.encode() or None)
    except ValueError:
        raise UnreadableCertificate(
            _(
                "cannot be opened: the secret of the profile must hold its password (motdepasse), "
                "or it is no certificate"
            )
        ) from None
    found = [store.cert] if store.cert else list(store.additional_certs)
    if not found:
        raise UnreadableCertificate(_("holds no certificate"))
    return min(c.certificate.not_valid_after_utc for c in found if c is not None)
