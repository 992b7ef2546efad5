"""SECUline files and deposits for tests, made here."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from vaguemestre.api import Declaration, Order

#: Valid numbers of insured persons that nobody has.
INSURED = ("1990093012358", "1993102814564", "2001120308757")
EMPLOYER, OTHER_EMPLOYER = "1948072337999", "1962010154321"


def decsal(
    employer: str = EMPLOYER, hours: int = 173, insured: str = INSURED[0], month: str = ""
) -> bytes:
    month = month or f"{datetime.now(UTC):%Y%m}"
    record = f"1;{employer};{insured};{month};300000;{hours};0;0;0;0;0;0;0;01;28;;;;;7"
    return f"0;{employer};000586\r\n{record}\r\n".encode()


def decaff(employer: str = EMPLOYER) -> bytes:
    return f"0;{employer};000586\r\nE;{employer};{INSURED[0]};20261101\r\n".encode()


def order(
    payload: bytes,
    kind: str = "DECSAL",
    deposit: int = 1,
    *,
    attempt: int = 1,
    name: str = "paie.dta",
) -> Order:
    return Order(
        deposit=deposit,
        name=name,
        payload=payload,
        sha256=hashlib.sha256(payload).hexdigest(),
        declaration=Declaration(
            kind="seculine", module="seculine", issuer=EMPLOYER, identity={"type": kind}
        ),
        attempt=attempt,
        started_at=datetime.now(UTC),
    )
