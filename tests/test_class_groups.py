"""Class groups: confused classes are adjacent, and form groups."""

import numpy as np

from fusionscope.evaluation.class_groups import class_groups, neighbours


def test_confused_classes_are_neighbours():
    table = np.full((5, 5), 1) + np.diag([20] * 5)
    table[0, 3] = table[4, 1] = 30
    order = [*neighbours(table)]
    assert sorted(order) == [0, 1, 2, 3, 4]
    assert abs(order.index(0) - order.index(3)) == 1
    assert abs(order.index(4) - order.index(1)) == 1
    np.testing.assert_array_equal(neighbours(np.eye(2)), [0, 1])
    assert sorted(neighbours(np.zeros((4, 4)))) == [0, 1, 2, 3]


def test_groups_have_the_classes_that_are_confused_and_the_largest_comes_first():
    """1 and 4 share 3 of 100 clips, 0, 2 and 5 share 20 of 100; 3 is confused with none."""
    table = np.diag([100] * 6)
    table[4, 1] = 6
    for one, other in ((0, 2), (2, 5), (5, 0)):
        table[one, other] = 40
    found = class_groups(table)
    assert [sorted(group.classes) for group in found] == [[0, 2, 5], [1, 4]]
    assert [group.confused for group in found] == [120, 6]
    order = [*neighbours(table)]
    for group in found:
        at = order.index(group.classes[0])
        assert order[at : at + len(group.classes)] == [*group.classes]


def test_without_mistakes_or_with_two_classes_there_are_no_groups():
    assert class_groups(np.eye(5, dtype=int)) == []
    assert class_groups(np.zeros((4, 4), int)) == []
    assert class_groups(np.array([[1, 1], [1, 1]])) == []
