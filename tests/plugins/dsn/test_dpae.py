"""Hirings in XML are recognised as such, and only those."""

from __future__ import annotations

import pytest

from vaguemestre_dsn.dpae import DpaeFormat

FILE = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by payroll -->\n<d:FR_DUE_Upload '
    b'xmlns:d="urn:x"><d:Employer><d:SIRET>99999999800019</d:SIRET></d:Employer></d:FR_DUE_Upload>'
)


def test_a_declaration_of_hirings_names_its_employer() -> None:
    found = DpaeFormat().recognise("a.xml", FILE)
    assert found is not None
    assert (found.kind, found.module) == ("dpae", "dpae")
    assert (found.issuer, found.company) == ("99999999800019", "999999998")


def test_without_a_siret_it_is_still_recognised() -> None:
    found = DpaeFormat().recognise("a.xml", b"\xef\xbb\xbf<DPAE/>")
    assert found is not None
    assert found.issuer == ""


@pytest.mark.parametrize(
    "payload",
    [b"", b"<rapport/>", b"S10.G00.00.001,'x'", b"<?xml", b"<a><FR_DUE_Upload/></a>", b"<!--" * 99],
)
def test_other_files_are_left_alone(payload: bytes) -> None:
    assert DpaeFormat().recognise("a.xml", payload) is None
