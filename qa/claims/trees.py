"""Boosted regression trees, as :mod:`benchmarks.development.evidence` stores them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Trees:
    """A sum of small trees.

    Attributes:
        start: what the sum begins with.
        feature: int64 of shape (trees, nodes), which number of a row a node looks at; -1 in a leaf.
        threshold: float64 of that shape; a row goes on to the left where its number is at most that.
        left, right: int64 of that shape, the nodes that come next; those of a leaf are itself.
        leaf: float64 of that shape, what a leaf adds.
    """

    start: float
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    leaf: NDArray[np.float64]

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "Trees":
        """Trees from JSON: ``start``, and ``trees``, each with the attributes above as lists of one number a node."""
        nodes = max(len(tree["feature"]) for tree in fields["trees"])

        def table(name: str, kind: type, rest: float) -> NDArray[Any]:
            rows = [[*tree[name], *[rest] * (nodes - len(tree[name]))] for tree in fields["trees"]]
            return np.array(rows, dtype=kind)

        return cls(
            start=float(fields["start"]),
            feature=table("feature", np.int64, -1),
            threshold=table("threshold", np.float64, 0.0),
            left=table("left", np.int64, 0),
            right=table("right", np.int64, 0),
            leaf=table("leaf", np.float64, 0.0),
        )

    def value(self, row: Sequence[float]) -> float:
        """The sum over all trees of the leaf that ``row`` comes to."""
        return self.values([row])[0]

    def values(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """The same for several rows, each as long, which takes hardly longer than for one."""
        if not rows:
            return []
        numbers = np.asarray(rows, dtype=np.float64)
        trees, row = np.arange(len(self.feature)), np.arange(len(numbers))[:, None]
        places = np.zeros((len(numbers), len(trees)), dtype=np.int64)
        while True:
            looked_at = self.feature[trees, places]
            if (looked_at < 0).all():
                return [self.start + float(total) for total in self.leaf[trees, places].sum(axis=1)]
            below = numbers[row, looked_at] <= self.threshold[trees, places]
            places = np.where(below, self.left[trees, places], self.right[trees, places])
