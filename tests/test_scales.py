"""Scales: limits by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fusionscope.base.scales import robust_limit, share_words, shared_scale, signed_scale


def test_without_an_outlier_the_limit_is_the_largest_magnitude():
    assert robust_limit([1, -3, 2]) == 3
    assert robust_limit(np.linspace(0, 1, 1000)) == 1
    assert robust_limit([4, 8]) == 8  # twice as much is no outlier


def test_an_outlier_does_not_set_the_limit():
    assert robust_limit([4, 8.1]) == 4
    assert robust_limit([1.0] * 99 + [-50.0]) == 1
    assert robust_limit([1.0] * 98 + [40.0, -50.0]) == 50  # two of a hundred are no outlier
    values = np.append(np.arange(1.0, 1000.0), 5000.0)
    assert robust_limit(values) == 990  # the 99th percentile of 1000 values


def test_zeros_do_not_count():
    assert robust_limit(np.append(np.zeros(1000), [3.0, 4.0])) == 4
    assert robust_limit(np.append(np.zeros(1000), 7.0)) == 7
    assert robust_limit(np.zeros(4)) == robust_limit([]) == 0


def test_zero_is_in_the_middle_of_a_signed_scale():
    low, high = signed_scale(5)
    assert low == -5
    assert 255 * -low / (high - low) == pytest.approx(127)
    assert signed_scale(0)[0] < 0


def test_maps_on_one_scale_reach_the_largest_of_their_limits():
    assert shared_scale([(0, 2), (0, 5)]) == (0, 5)
    assert shared_scale([(0, 2), signed_scale(3)]) == signed_scale(3)
    assert shared_scale([(0, 9), signed_scale(3)]) == signed_scale(9)


def test_a_share_that_rounds_to_zero_is_not_called_zero():
    assert [share_words(share) for share in (0, 0.0004, 0.0096, 1)] == [
        "0.0 %",
        "under 0.1 %",
        "1.0 %",
        "100.0 %",
    ]
