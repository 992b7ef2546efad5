"""Controls the two sent files that are no flat ones: posting requests (DEMDET, XML) and copies of
identity cards (CARTID, JPEG).

The layout of DEMDET is not published: it must be well-formed XML. Its name and that of a card are
given to SOFiE as they are.
"""

from __future__ import annotations

from typing import BinaryIO

from vaguemestre_seculine.findings import Findings
from vaguemestre_seculine.naming import Fault
from vaguemestre_seculine.texts import _

_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"


def check_posting(findings: Findings, kind: str, stream: BinaryIO) -> None:
    """Control the content, from the stream's beginning."""
    if kind == "DEMDET":
        _xml(findings, stream)
    else:
        _jpeg(findings, stream)


def check_name(findings: Findings, kind: str, fault: str) -> None:
    """Note what is wrong with the name under which SOFiE gets the file: a `naming.Fault`."""
    if kind == "DEMDET" and fault == Fault.FORM:
        text = _(
            "The name of a posting request must be SECU.DEMDET.<YYYYMMDD-HHMMSSCC>.<employer, 13 "
            "digits><SECUline number, 6 digits>.CCSS.XML: name it so, and drop it again."
        )
        findings.block("DEMDET/name", text)
    elif kind == "CARTID" and fault == Fault.FORM:
        text = _(
            "The name of a card must be CARTID<YYYYMMDD><digit>.<employer, 13 digits>_<SECUline "
            "number, 6 digits>.JPG: name it so, and drop it again."
        )
        findings.block("CARTID/name", text)
    elif fault == Fault.STAMP:
        text = _("The date or time in the name does not exist: name the file again.")
        findings.warn(f"{kind}/stamp", text)


def _xml(findings: Findings, stream: BinaryIO) -> None:
    from lxml import etree  # takes a while to load

    try:
        for _event, element in etree.iterparse(
            stream, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        ):
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        text = _("The file is not well-formed XML: it may be cut off. Produce it again.")
        findings.block("DEMDET/xml", text, error.lineno)


def _jpeg(findings: Findings, stream: BinaryIO) -> None:
    begin = stream.read(len(_JPEG))
    if begin != _JPEG:
        text = _("The file is not a JPEG picture: scan the card again, or save it as JPG.")
        findings.block("CARTID/picture", text)
        return
    tail = begin
    while chunk := stream.read(1 << 20):
        tail = (tail + chunk)[-64:]
    if _JPEG_END not in tail:
        text = _("The picture seems to be cut off: open it, and save it again if need be.")
        findings.warn("CARTID/cut", text)
