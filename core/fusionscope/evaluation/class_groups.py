"""Class groups: classes that are often confused with each other, by clustering a confusion matrix.

The nearness of two classes is the mean share of clips of one that are predicted as the other.
Clusters are joined by average linkage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from scipy.spatial.distance import squareform

NEAR = 0.02  # mean nearness of the classes of a group, at least
_ORDERED = 200  # classes for which the order of the leaves is optimised


@dataclass(frozen=True)
class ClassGroup:
    """Classes that are confused with each other."""

    classes: tuple[int, ...]  # indices, in the order of ``neighbours``; two or more
    confused: int  # clips of one of them predicted as another


def neighbours(table: np.ndarray) -> np.ndarray:
    """Order classes so that often confused ones are adjacent: (K, K) confusion -> (K,) order."""
    tree = _tree(table)
    return np.arange(len(table)) if tree is None else leaves_list(tree)


def class_groups(table: np.ndarray) -> list[ClassGroup]:
    """Groups of classes that are nearer to each other than ``NEAR``, (K, K) confusion.

    A class that is near to none belongs to no group. The group with the most confused clips is
    first.
    """
    tree = _tree(table)
    if tree is None:
        return []
    member = fcluster(tree, 1 - NEAR, "distance")
    ordered: dict[int, list[int]] = {}
    for one in leaves_list(tree).tolist():
        ordered.setdefault(int(member[one]), []).append(one)
    found = []
    for classes in ordered.values():
        inside = table[np.ix_(classes, classes)]
        confused = int(inside.sum() - inside.trace())
        if len(classes) > 1 and confused:
            found.append(ClassGroup(tuple(classes), confused))
    return sorted(found, key=lambda group: -group.confused)


def _tree(table: np.ndarray) -> np.ndarray | None:
    """The linkage of the classes; None for fewer than three."""
    count = len(table)
    if count < 3:
        return None
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    far = 1 - (shares + shares.T) / 2
    np.fill_diagonal(far, 0)
    return linkage(squareform(far, checks=False), "average", optimal_ordering=count <= _ORDERED)
