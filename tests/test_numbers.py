"""Numbers as people read them: signs and terms that add up as shown."""

from __future__ import annotations

import numpy as np

from fusionscope.base.numbers import adding_up, difference, signed


def test_a_term_that_rounds_to_zero_has_no_sign_and_minus_is_a_minus_sign():
    terms = [signed(value, 2) for value in (-0.004, 0.004, 0.0, -1.25, 0.5)]
    assert terms == ["0.00", "0.00", "0.00", "\N{MINUS SIGN}1.25", "+0.50"]


def test_shown_terms_add_up_to_the_shown_sum_and_are_less_than_one_unit_off():
    for parts in np.random.default_rng(0).normal(0, 3, (500, 4)):
        shown = adding_up(list(parts), 1)
        assert round(sum(shown), 6) == round(sum(parts), 1)
        assert np.abs(np.array(shown) - parts).max() < 0.1


def test_a_difference_is_that_of_the_numbers_shown():
    assert difference(-1.149, -1.051, 1) == 0.0
    assert difference(0.26, 0.14, 1) == 0.2
