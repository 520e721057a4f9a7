"""Fusion initialisation: the initial weights of the released code, by value."""

import pytest
import torch

from fusionscope.base.records import InputError
from fusionscope.nets.fusion import FUSIONS, build_fusion
from fusionscope.nets.fusion_init import STARTS

I = torch.eye(3)  # noqa: E741


@pytest.mark.parametrize(
    ("name", "appearance", "motion"),
    [
        ("sumAB", 1, 1),
        ("2sumAB", 0.25, 0.75),
        ("100sumAB", 0.01, 1),
        ("netA", 1, 0),
        ("netB", 0, 1),
    ],
)
def test_initialisations_made_of_identities(name: str, appearance: float, motion: float):
    expected = torch.cat((appearance * I, motion * I), dim=1)
    torch.testing.assert_close(STARTS[name](3), expected)


def test_the_uniform_start_is_the_mean_of_all_channels():
    assert STARTS["uniformly"](5).flatten().tolist() == pytest.approx([0.1] * 50)


@pytest.mark.parametrize(
    ("name", "deviation", "most"),
    [
        ("classic", 0.01, None),
        ("xavier", 1 / 512**0.5, (3 / 512) ** 0.5),
        ("xavierimproved", (2 / 256) ** 0.5, None),
    ],
)
def test_random_starts_have_their_spread(name: str, deviation: float, most: float | None):
    torch.manual_seed(0)
    weights = STARTS[name](256)
    assert weights.shape == (256, 512)
    assert weights.mean().abs() < 4 * deviation / 362
    assert weights.std() == pytest.approx(deviation, rel=0.02)
    if most is not None:
        assert weights.abs().max() <= most


@pytest.mark.parametrize("fusion", [name for name, one in FUSIONS.items() if one.takes_start])
@pytest.mark.parametrize("start", STARTS)
def test_every_learned_fusion_takes_every_start(fusion: str, start: str):
    operator = build_fusion(fusion, 4, start)
    cells = torch.rand(1, 2, 4, 3, 3)
    assert operator(cells, cells).shape == cells.shape


@pytest.mark.parametrize(
    ("fusion", "start", "says"),
    [
        ("glue", "", "there is no fusion 'glue'; choose one of sum, max"),
        ("conv", "cold", "there is no start 'cold'; choose one of sumAB"),
        ("max", "sumAB", "max fusion has no weights to start as 'sumAB'"),
    ],
)
def test_unknown_fusions_and_initialisations_are_refused(fusion: str, start: str, says: str):
    with pytest.raises(InputError, match=says):
        build_fusion(fusion, 4, start)
