"""New operators, defined here alone: registering them is enough for core, pages and commands."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import Tensor, nn
from typer.testing import CliRunner

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.data.toybox.ceilings import CEILINGS, ceilings_of
from fusionscope.explain.attribution.after_towers import AfterTowers
from fusionscope.explain.fusion.channel_weights import correspondence
from fusionscope.explain.fusion.contributions import unit_contributions
from fusionscope.explain.fusion.lens import before_relu, lens, swapped_lenses
from fusionscope.explain.fusion.unit_evidence import swaps
from fusionscope.explain.target import Target
from fusionscope.nets import fusion
from fusionscope.nets.fusion import Fusion, LinearFusion, register_fusion
from fusionscope.nets.inspect.structure import structure
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import save_network
from fusionscope.trace import Trace, run
from fusionscope_app import warmup
from fusionscope_app.cli import cli
from fusionscope_app.compare.second_network import instructive
from fusionscope_app.state import results
from tests import test_fusion as laws

MAIN = Path(__file__).parents[1] / "app" / "main.py"


class Gate(Fusion):
    """y = a sigmoid(b): motion lets appearance through."""

    name = "gate"
    title = "Gated product"
    symbol = "a gate(b)"
    formula = "y = a gate(b)"
    words = "multiplies appearance by a gate that motion opens"
    unit_formula = "y_d = a_d gate(m_d)"
    rank = 6

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        return spatial * temporal.sigmoid()

    def halves(self, spatial: Tensor, temporal: Tensor) -> tuple[Tensor, Tensor]:
        return self(spatial, temporal), torch.zeros_like(temporal)

    def filters(self) -> Tensor:
        raise InputError("a gated product has no fixed filter: its weights depend on motion")

    def unit_weights(self, channel: int, window: Tensor) -> Tensor:
        weights = torch.zeros(2, self.out_channels, 1, 1, 1, dtype=window.dtype)
        weights[0, channel] = window[1, 0, channel].sigmoid()
        return weights


class Delay(LinearFusion):
    """y of chunk t = w a(t) - v b(t - 1) + bias: appearance less the motion of the chunk before."""

    name = "delay"
    title = "Delayed difference"
    symbol = "a - b'"
    formula = "y = relu(w a - v b' + bias)"
    words = "subtracts the motion of the chunk before"
    rank = 7
    learned = True
    reach = (1, 0)

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.weight = nn.Parameter(torch.ones(2, channels))
        self.shift = nn.Parameter(torch.full((channels,), 0.125))

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        late = torch.cat((torch.zeros_like(temporal[:, :1]), temporal[:, :-1]), dim=1)
        w, v = self.weight[:, :, None, None]
        return w * spatial - v * late + self.shift[:, None, None]

    def filters(self) -> Tensor:
        found = torch.zeros(self.out_channels, 2, self.out_channels, 3, 1, 1)
        found[:, 0, :, 1, 0, 0] = self.weight[0].detach().diag()
        found[:, 1, :, 0, 0, 0] = -self.weight[1].detach().diag()
        return found

    def bias(self) -> Tensor:
        return self.shift.detach()


@pytest.fixture(autouse=True, params=[Gate, Delay], ids=lambda one: one.name)
def operator(request: pytest.FixtureRequest) -> Iterator[type[Fusion]]:
    """One of the two, registered for one test."""
    yield register_fusion(request.param)
    fusion._known.pop(request.param.name)


@pytest.fixture
def pair(build, trace: Trace, operator: type[Fusion]) -> tuple[Network, Trace]:
    """A network with the operator, and its run."""
    network = build(dataclasses.replace(trace.card, fusion=operator.name))
    return network, run(network, trace.clip, trace.flow)


def test_the_laws_of_all_operators_hold_for_it(operator: type[Fusion]):
    for law in (
        laws.test_shape_is_kept_and_out_channels_are_true,
        laws.test_clips_of_a_batch_are_strangers_to_each_other,
        laws.test_bias_and_halves_add_up_to_the_output,
        laws.test_weights_times_the_activations_in_reach_add_up_to_the_output,
    ):
        law(operator(laws.C).eval())  # pyright: ignore[reportCallIssue]
    laws.test_flip_then_fuse_is_fuse_then_flip(operator(laws.C), mirrored=False)
    laws.test_every_operator_describes_itself_and_only_linear_ones_have_a_fixed_filter(
        operator.name
    )


def test_lens_and_contributions_add_up_to_the_output(pair: tuple[Network, Trace]):
    network, found = pair
    whole = before_relu(network, found, "relu5")
    for channel in (0, 7):
        parts = unit_contributions(network, found, "relu5", channel)
        total = parts.bias + parts.appearance + parts.motion
        np.testing.assert_allclose(total, whole[:, channel], atol=1e-4)
        seen = lens(network, found, "relu5", channel, (1, 2, 3))
        assert seen.value == pytest.approx(whole[1, channel, 2, 3], abs=1e-4)
        assert seen.shares == pytest.approx(
            (parts.appearance[1, 2, 3], parts.motion[1, 2, 3]), abs=1e-4
        )


def test_channel_weights_are_its_filters_or_a_clear_sentence(pair: tuple[Network, Trace]):
    network, _ = pair
    if network.operator("relu5").linear:
        found = correspondence(network, "relu5")
        assert np.array_equal(found.weight[:, 0], np.eye(96))  # the chunk itself: no motion
        assert found.share == pytest.approx(np.full(96, 0.5))
        assert (found.neighbours, found.learned, found.drift) == (2, True, None)
    else:
        with pytest.raises(InputError, match="its weights depend on motion"):
            correspondence(network, "relu5")


def test_a_changed_stream_gives_the_score_of_a_whole_run(pair: tuple[Network, Trace]):
    network, found = pair
    target = Target("spatiotemporal", "one")
    own, other = (torch.tensor(maps["relu5"])[None] for maps in (found.temporal, found.spatial))
    changed = own[:, 1:2] * 1.5
    whole = own.clone()
    whole[:, 1:2] = changed
    with torch.inference_mode():
        again = target.of(network.onward(other, whole, after="relu5"), network.card.labels)
        scores = AfterTowers(network, target, "temporal", own, other).scores(changed, 1)
    assert float(scores[0]) == pytest.approx(float(again[0]), rel=1e-3, abs=1e-5)


def test_ceilings_structure_and_comparison_know_it(operator: type[Fusion], card: Card):
    ordered = (
        " that knows the order" if operator.knows_order() else ", chunks averaged or max-pooled"
    )
    expected = float(CEILINGS[f"fusion of features{ordered}"])
    assert dict(ceilings_of(operator.name, ("spatiotemporal",))) == {"spatiotemporal": expected}
    mine = dataclasses.replace(card, name="mine", fusion=operator.name)
    join = structure(mine).stage("fused", "relu5")
    assert join.operator is not None
    assert (join.operator.name, join.operator.symbol) == (operator.name, operator.symbol)
    assert join.parameters == (3 * 96 if operator.learned else 0)
    others = {one: dataclasses.replace(card, name=one, fusion=one) for one in ("sum", "conv3d")}
    assert instructive(mine, {**others, "mine": mine}) == "conv3d"


def test_describe_counts_it(operator: type[Fusion]):
    words = ["describe", "--fusion", operator.name, "--at", "relu5"]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.output
    counts = re.findall(r"fused\.relu5 +5 x 512 x 13 x 13|fusion\.relu5 +1,536", done.output)
    assert len(counts) == 1 + operator.learned


def test_it_replaces_another_operator_if_it_has_no_weights(
    operator: type[Fusion], network: Network, trace: Trace
):
    assert (operator.name in swaps()) != operator.learned
    at = lens(network, trace, "relu5", 3, (1, 2, 3))
    (other,) = swapped_lenses(network, trace, at, operator.name)
    assert (other.operator, other.channel) == (operator.name, 3)


def test_page_fusion_shows_it(
    operator: type[Fusion],
    pair: tuple[Network, Trace],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    network, _ = pair
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(tmp_path))
    monkeypatch.setenv("FUSIONSCOPE_DATA", "/nowhere")
    monkeypatch.setattr(warmup, "warm", lambda: None)
    save_network(network, dataclasses.replace(network.card, name="mine"), tmp_path)
    results.networks.clear()
    page = AppTest.from_file(str(MAIN), default_timeout=200)
    page.switch_page("fusionscope_app/views/fusion.py")
    page.query_params["model"] = "mine"
    for view in ("Picture", "Table"):
        page.query_params["fusion_lens"] = view
        page.run()
        assert not page.exception
        assert not page.error
    results.networks.clear()
    shown = " ".join(e.proto.body for e in page.get("html"))
    said = " ".join(e.value for e in (*page.caption, *page.info))
    (line,) = re.findall(r'<p class="fs-sum">(.*?)</p>', shown)
    plain = re.sub(r"<[^>]+>", " ", line).replace("\N{MINUS SIGN}", "-")
    numbers = [float(one) for one in re.findall(r"-?\d+\.\d+", plain)]
    count = 3 if operator.learned else 2
    assert sum(numbers[:count]) == pytest.approx(numbers[count], abs=1e-9)
    if operator.learned:
        assert "2 neighbouring taps" in shown
        assert "2 neighbouring taps have weights too" in said
    else:
        assert "y<sub>d</sub> = a<sub>d</sub> gate(m<sub>d</sub>)" in shown
        assert "its weights depend on motion." in said
