"""Says what is wrong with an occurrence: where it stands, and in words."""

from __future__ import annotations

from vaguemestre_dsn.engine.nodes import Node
from vaguemestre_dsn.engine.shapes import Shape
from vaguemestre_dsn.findings import Findings
from vaguemestre_dsn.norm.tables import Norm
from vaguemestre_dsn.reader import Rubrique
from vaguemestre_dsn.rules.rows import Row
from vaguemestre_dsn.texts import _


class Telling:
    """The findings of one declaration. `count`: how many there were."""

    def __init__(self, findings: Findings, norm: Norm) -> None:
        self._findings = findings
        self._norm = norm
        self.count = 0

    def row(self, row: Row, node: Node) -> None:
        """A control is broken."""
        self.count += 1
        place = _place(node, row.index)
        self._findings.block(row.code, row.wording.sentence(), place, row.severity)

    def day(self, node: Node, index: int) -> None:
        """A day does not exist."""
        self.count += 1
        code = node.shape.codes[index]
        control = self._norm.day_controls.get(code, f"{code}/CSL-00")
        text = _("This day does not exist in the calendar: correct it.")
        self._findings.block(control, text, _place(node, index))

    def missing(self, node: Node, block: str) -> None:
        """A block that must stand below an occurrence does not."""
        self.count += 1
        text = _(
            "The block {block} is missing below this {parent}: fill it in, or produce the file "
            "again."
        )
        shown = text.format(block=self._named(block), parent=self._named(node.shape.block))
        self._findings.block(f"{block}/CST-01", shown, node.line or None)

    def orphan(self, shape: Shape, line: int) -> None:
        """A block stands without its parent."""
        text = _(
            "The block {block} stands without the block {parent} above it: produce the file again."
        )
        self._place_of(shape, line, text.format(block=shape.block, parent=shape.parent))

    def misplaced(self, shape: Shape, line: int) -> None:
        """A block stands behind blocks that belong behind it."""
        text = _("The block {block} stands in the wrong place: produce the file again.")
        self._place_of(shape, line, text.format(block=shape.block))

    def too_many(self, shape: Shape, line: int) -> None:
        """A block stands more often than it may."""
        text = _(
            "The block {block} stands more than {most} times below one {parent}: leave out what is "
            "too many."
        )
        shown = text.format(block=shape.block, most=shape.most, parent=shape.parent)
        self._place_of(shape, line, shown)

    def _place_of(self, shape: Shape, line: int, text: str) -> None:
        self.count += 1
        self._findings.block(f"{shape.block}/CST-02", text, line)

    def _named(self, block: str) -> str:
        label = self._norm.label(block)
        return f"{block} ({label})" if label else block


def _place(node: Node, index: int) -> Rubrique | int:
    value = node.values[index] if index >= 0 else None
    line = node.line_of(index)
    if value is None:
        return line
    return Rubrique(node.shape.codes[index], value, line, 0)
