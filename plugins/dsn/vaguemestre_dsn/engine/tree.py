"""Holds the occurrences of a declaration to the tree of its nature, as they come."""

from __future__ import annotations

from vaguemestre_dsn.engine.layout import ROOT
from vaguemestre_dsn.engine.nodes import Node, Values
from vaguemestre_dsn.engine.shapes import Shape, Shapes
from vaguemestre_dsn.engine.telling import Telling


class Tree:
    """What is open: the occurrence that was read last, and those above it."""

    def __init__(self, shapes: Shapes, root: Node, telling: Telling) -> None:
        self.root = root
        self._shapes = shapes
        self._telling = telling
        self._open = [root]

    def enter(
        self, shape: Shape, values: Values, line: int, lines: tuple[int, ...] | None = None
    ) -> Node:
        """Put an occurrence into its place; say so if that is not where it stands."""
        depth, opened = shape.depth, self._open
        if len(opened) > depth:
            self.close(depth)
        if len(opened) < depth or opened[-1].shape.block != shape.parent:
            self._miss_parent(shape, line)
        parent = opened[-1]
        node = Node(shape, values, line, parent)
        node.lines = lines
        if shape.rank < parent.rank:
            self._telling.misplaced(shape, line)
        parent.rank = shape.rank
        counts = parent.counts
        if counts is None:
            counts = parent.counts = {}
        times = counts.get(shape.block, 0) + 1
        counts[shape.block] = times
        if shape.most is not None and times > shape.most:
            self._telling.too_many(shape, line)
        opened.append(node)
        return node

    def parent_of(self, shape: Shape) -> Node | None:
        """The open occurrence that the next one of a shape stands below, None if there is none."""
        if len(self._open) < shape.depth:
            return None
        above = self._open[shape.depth - 1]
        return above if above.shape.block == shape.parent else None

    def leave(self) -> None:
        """The occurrence that was read last is known to be complete."""
        self._open.pop()

    def close(self, depth: int) -> None:
        """Complete what is open from a depth on."""
        while len(self._open) > depth:
            self._end(self._open.pop())

    def finish(self) -> None:
        """Complete everything."""
        self.close(0)

    def _end(self, node: Node) -> None:
        """Say what is missing below an occurrence, unless that was only made up."""
        if not node.line and node is not self.root:
            return
        for block in node.shape.children:
            if block not in (node.counts or ()):
                self._telling.missing(node, block)

    def _miss_parent(self, shape: Shape, line: int) -> None:
        """The block stands without its parent: said once, and read on as if it were there."""
        chain = [shape.parent]
        while chain[-1] != ROOT:
            chain.append(self._shapes.by_block[chain[-1]].parent)
        chain.reverse()
        kept = 1
        while kept < min(len(chain), len(self._open)):
            if self._open[kept].shape.block != chain[kept]:
                break
            kept += 1
        self.close(kept)
        self._telling.orphan(shape, line)
        for block in chain[kept:]:
            above = self._shapes.by_block[block]
            self._open.append(Node(above, above.none, 0, self._open[-1]))
