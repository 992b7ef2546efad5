"""Decides what became of a file that was given to SOFiE, from its log and its folders. Pure.

What counts is what SOFiE left behind, never its exit code. A file goes from the outgoing folder
(clear) to the folder of encrypted files (waiting to be sent, again and again) to what was sent. As
soon as there is any trace of an encryption, the clear file is never given to SOFiE again.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from vaguemestre_sofie.patterns import Kind, LogEvent


class Clear(StrEnum):
    """What lies in the outgoing folder under the file's name."""

    OURS = "ours"
    GONE = "gone"
    OTHER = "other"


class Verdict(StrEnum):
    SENT = "sent"
    PENDING = "pending"  # encrypted; SOFiE sends it at a next run
    NOT_TAKEN = "not_taken"  # clear and untouched: without effect once it is taken back
    REFUSED = "refused"  # SOFiE found its name or its form wrong, and did not encrypt it
    UNKNOWN = "unknown"


class Traces(msgspec.Struct, frozen=True, kw_only=True):
    """What is found after the file `name` was given to SOFiE.

    `events`: of the audit log since. `waiting`, `sent`: names of encrypted files in these folders,
    None for `sent` if the installation has no such folder; `before`: those that lay in either
    already. `known`: encrypted files that belong to other deposits. `transport`: its encrypted
    name, if an earlier look found it. `gap`: part of the log is lost.
    """

    name: str
    clear: Clear
    events: Sequence[LogEvent] = ()
    waiting: frozenset[str] = frozenset()
    sent: frozenset[str] | None = None
    before: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    transport: str = ""
    gap: bool = False


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it. `transport`: the encrypted file, if known. `candidates`: encrypted files
    that it could be. `message`: what SOFiE said about it. `password`: the password has expired."""

    verdict: Verdict
    transport: str = ""
    candidates: tuple[str, ...] = ()
    message: str = ""
    password: bool = False


def judge(traces: Traces) -> Outcome:
    """What became of the file."""
    found = _transports(traces)
    mine = [e for e in traces.events if e.kind is Kind.ENCRYPTED and _is_it(e, traces.name)]
    sent_by_name = [e for e in traces.events if e.kind is Kind.SENT and _is_it(e, traces.name)]
    if len(found) > 1:
        return Outcome(verdict=Verdict.UNKNOWN, candidates=tuple(sorted(found)))
    if found:
        return _encrypted(traces, found.pop())
    if any(not e.transport for e in sent_by_name):
        return Outcome(verdict=Verdict.SENT)
    if mine:
        # Encrypted for sure, under a name that nothing tells.
        return Outcome(verdict=Verdict.UNKNOWN)
    return _untouched(traces)


def _transports(traces: Traces) -> set[str]:
    """The encrypted files that this one can have become."""
    if traces.transport:
        return {traces.transport}
    told = {
        e.transport
        for e in traces.events
        if e.transport and e.kind in (Kind.ENCRYPTED, Kind.SENT) and _is_it(e, traces.name)
    } - traces.known
    if told:
        return told
    # The log does not name it (a line that was cut, or another layout): what is new is it.
    foreign = {
        e.transport
        for e in traces.events
        if e.transport
        and (
            e.kind in (Kind.RECEIVED, Kind.DECRYPTED)
            or (e.kind is Kind.ENCRYPTED and e.original and not _is_it(e, traces.name))
        )
    }
    new = (traces.waiting | (traces.sent or frozenset())) - traces.before
    return set(new - foreign - traces.known)


def _is_it(event: LogEvent, name: str) -> bool:
    return event.original.casefold() == name.casefold()


def _encrypted(traces: Traces, transport: str) -> Outcome:
    told = any(e.kind is Kind.SENT and e.transport == transport for e in traces.events)
    by_name = any(e.kind is Kind.SENT and _is_it(e, traces.name) for e in traces.events)
    if told or by_name or transport in (traces.sent or ()):
        return Outcome(verdict=Verdict.SENT, transport=transport)
    message = _said(traces, transport)
    if transport in traces.waiting:
        return Outcome(
            verdict=Verdict.PENDING,
            transport=transport,
            message=message,
            password=_password(traces),
        )
    return Outcome(
        verdict=Verdict.UNKNOWN, transport=transport, candidates=(transport,), message=message
    )


def _untouched(traces: Traces) -> Outcome:
    message, password = _said(traces, ""), _password(traces)
    refusals = [e for e in traces.events if e.kind is Kind.REFUSED]
    ours = [e for e in refusals if _is_it(e, traces.name)]
    if ours:  # wherever SOFiE may have put it
        return Outcome(verdict=Verdict.REFUSED, message=ours[-1].message)
    if traces.clear is not Clear.OURS:
        return Outcome(verdict=Verdict.UNKNOWN, message=message)
    nameless = [e for e in refusals if not e.original]
    if nameless:
        return Outcome(verdict=Verdict.REFUSED, message=nameless[-1].message)
    # A log of which a part is lost proves nothing, unless the folders could not hide anything.
    if traces.gap and traces.sent is None:
        return Outcome(verdict=Verdict.UNKNOWN, message=message)
    return Outcome(verdict=Verdict.NOT_TAKEN, message=message, password=password)


def _password(traces: Traces) -> bool:
    return any(e.kind is Kind.PASSWORD_EXPIRED for e in traces.events)


def _said(traces: Traces, transport: str) -> str:
    """The last failure that SOFiE told, of this file if one is named."""
    failures = [
        e
        for e in traces.events
        if e.kind in (Kind.FAILED, Kind.REFUSED, Kind.PASSWORD_EXPIRED)
        and (not e.original or _is_it(e, traces.name))
        and (not e.transport or not transport or e.transport == transport)
    ]
    return failures[-1].message if failures else ""
