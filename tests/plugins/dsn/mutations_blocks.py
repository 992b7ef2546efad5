"""Damages whole blocks, repeats lines, and damages files as such; single rubriques: `mutations`."""

from __future__ import annotations

from collections.abc import Iterator

from plugins.dsn.mutations import Damage, Line, Occurrence, Sample, joined, written

FOOTER = "S90.G00.90"
ENVELOPE = ("S10.G00.00", "S10.G00.01", "S10.G00.02", "S20.G00.05", FOOTER)


def first(sample: Sample) -> Iterator[tuple[int, Occurrence]]:
    """The first occurrence of each block, and its number among all."""
    seen: set[str] = set()
    for number, occurrence in enumerate(sample.occurrences):
        if occurrence.block not in seen:
            seen.add(occurrence.block)
            yield number, occurrence


def below(sample: Sample, number: int) -> int:
    """The number of the occurrence behind one and all below it."""
    end = number + 1
    while end < len(sample.occurrences) and (
        sample.occurrences[end].depth > sample.occurrences[number].depth
    ):
        end += 1
    return end


def start(sample: Sample, number: int) -> int:
    """The line with which an occurrence begins, or the end of the file."""
    if number < len(sample.occurrences):
        return sample.occurrences[number].start
    return len(sample.lines)


def without(sample: Sample, begin: int, end: int) -> bytes:
    return sample.replaced(begin, end, [])


def again(sample: Sample, begin: int, end: int) -> bytes:
    """The file with some lines twice."""
    return sample.replaced(end, end, sample.lines[begin:end])


def repeated(sample: Sample) -> Iterator[Damage]:
    """Rubriques that stand twice in one occurrence which has other mandatory ones."""
    for _number, occurrence in first(sample):
        block = occurrence.block
        mandatory = {c for c, r in sample.norm.blocks[block].items() if is_due(sample, r.code)}
        for at in range(occurrence.start, occurrence.stop) if block != FOOTER else ():
            code = sample.lines[at][0]
            if mandatory - {code}:
                yield Damage(f"{code} twice", again(sample, at, at + 1), (block,))


def is_due(sample: Sample, code: str) -> bool:
    return sample.row(code).usage[sample.nature] == "O"


def removed(sample: Sample) -> Iterator[Damage]:
    """Mandatory blocks left out with all below them, and parents without their children."""
    blocks = [occurrence.block for occurrence in sample.occurrences]
    for number, occurrence in first(sample):
        block, place = occurrence.block, occurrence.place
        if block in ENVELOPE[:3]:
            payload = without(sample, occurrence.start, occurrence.stop)
            yield Damage(f"{block} removed", payload, (block,))
        if place is None:
            continue
        after = below(sample, number)
        if place.least and blocks.count(block) == 1:
            payload = without(sample, occurrence.start, start(sample, after))
            yield Damage(f"{block} removed", payload, (block,))
        if after > number + 1:
            payload = without(sample, occurrence.start, occurrence.stop)
            yield Damage(f"{block} removed, children left", payload, (blocks[number + 1],))


def doubled(sample: Sample) -> Iterator[Damage]:
    """Blocks of which there may be one, twice."""
    for number, occurrence in first(sample):
        block, place = occurrence.block, occurrence.place
        if block in ENVELOPE[:3]:
            payload = again(sample, occurrence.start, occurrence.stop)
            yield Damage(f"{block} twice", payload, (block,))
        elif place is not None and place.most == 1:
            payload = again(sample, occurrence.start, start(sample, below(sample, number)))
            yield Damage(f"{block} twice", payload, (block,))


def moved(sample: Sample) -> Iterator[Damage]:
    """Blocks behind their next sibling of another kind."""
    occurrences = sample.occurrences
    for number, occurrence in first(sample):
        after, place = below(sample, number), occurrence.place
        if place is None or after >= len(occurrences):
            continue
        other = occurrences[after]
        if other.place is None or other.block == occurrence.block:
            continue
        if other.depth == occurrence.depth and other.place.parent == place.parent:
            end = start(sample, below(sample, after))
            mine = sample.lines[occurrence.start : other.start]
            lines = [*sample.lines[other.start : end], *mine]
            payload = sample.replaced(occurrence.start, end, lines)
            yield Damage(f"{occurrence.block} behind {other.block}", payload, (occurrence.block,))


def strange(sample: Sample) -> Iterator[Damage]:
    """Blocks of other natures, and one that no norm has."""
    footer = next(o.start for o in sample.occurrences if o.block == FOOTER)
    foreign = [
        next(iter(rows))
        for block, rows in sample.norm.blocks.items()
        if block not in sample.tree and block not in ENVELOPE
    ]
    for code in (*foreign, "S21.G00.99.001"):
        payload = sample.replaced(footer, footer, [(code, "01")])
        yield Damage(f"{code[:10]} of another nature", payload, (code[:10],))


def counted(sample: Sample) -> Iterator[Damage]:
    """Footers that count wrong."""
    count = len(sample.lines)
    for at, wrong in ((count - 2, count + 1), (count - 1, 2)):
        code = sample.lines[at][0]
        yield Damage(f"{code} wrong", sample.valued(at, str(wrong)), (code,))


def cut(sample: Sample) -> Iterator[Damage]:
    """Files that end too early."""
    count = len(sample.lines)
    for part in (count * 2 // 3, count // 2):
        yield Damage(f"cut behind line {part}", joined(sample.lines[:part]), (FOOTER,))
    torn = sample.payload[: len(sample.payload) // 2]
    yield Damage("cut in a line", torn, (FOOTER,))


def garbled(sample: Sample) -> Iterator[Damage]:
    """Files in another encoding, with other line ends, or wrapped in a lot."""
    payload = sample.payload
    accents = payload.replace(b"PARIS'", b"\xc9VRY'", 1).decode("latin-1")
    yield Damage("UTF-8", accents.encode(), ("file/encoding",))
    yield Damage("byte order mark", b"\xef\xbb\xbf" + payload, ("file/encoding",))
    yield Damage("UTF-16", accents.encode("utf-16"), ("file/encoding",))
    yield Damage("CR", payload.replace(b"\r\n", b"\r"), ("file/lines",))
    for line in (b"", b"rien"):
        wrong = payload.replace(b"\r\nS20", b"\r\n" + line + b"\r\nS20")
        yield Damage(f"line {line!r}", wrong, ("file/lines",))
    lot: list[Line] = [("S05.G51.00.001", "V01R02"), *sample.lines]
    yield Damage("lot", written(lot), ("S05.G51.00",))


FAMILIES = {
    "repeated": repeated,
    "without a block": removed,
    "with a block twice": doubled,
    "with a block moved": moved,
    "with a strange block": strange,
    "counted wrong": counted,
    "cut off": cut,
    "garbled": garbled,
}
