"""Network check: each line tests one property, and fails if that property is broken."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch

from fusionscope.card import Card
from fusionscope.diagnostics.network_check import BROKEN, LACKS, WORKS, check_model, check_network
from fusionscope.nets.network import Network, Seen
from fusionscope.nets.store.loading import prepared_for_inference
from tests.test_adapter import adapted, answer

Forward = Callable[[torch.Tensor, torch.Tensor], Seen]


@pytest.fixture(scope="module")
def plain(card: Card) -> Card:
    return dataclasses.replace(card, fusion="sum", place="cells", keep_temporal=False)


def verdicts(network: Network) -> dict[str, str]:
    return {line.name: line.verdict for line in check_network(network)}


def test_all_works_with_a_network_of_ours(network: Network):
    stages: list[str] = []
    lines = check_network(network, lambda stage, _: stages.append(stage))
    assert {line.verdict for line in lines} == {WORKS}, lines
    assert stages == [line.name for line in lines]
    assert all(line.detail for line in lines)


def test_a_single_stream_has_no_lens_and_no_second_stream(card: Card, build: Any):
    lines = verdicts(build(dataclasses.replace(card, spatial=None, fusion=None)))
    lacks = {name for name, verdict in lines.items() if verdict == LACKS}
    assert lacks == {"both streams matter", "fusion lens"}
    assert BROKEN not in lines.values()


def test_a_card_that_cannot_be_loaded_has_one_line(card: Card):
    (line,) = check_model(card)
    assert (line.name, line.verdict) == ("loads", BROKEN)
    assert "weights of tiny are missing" in line.detail


def changed(change: Callable[[Seen], object]) -> Forward:
    def forward(rgb: torch.Tensor, flow: torch.Tensor) -> Seen:
        seen = answer(rgb, flow)
        change(seen)
        return seen

    return forward


def _noisy(seen: Seen) -> None:
    seen.logits["spatiotemporal"] = seen.logits["spatiotemporal"] + torch.rand(1)


def _batch(seen: Seen) -> None:
    scores = seen.logits["spatiotemporal"]
    seen.logits["spatiotemporal"] = scores - scores.mean(dim=0) + scores[:1] * len(scores)


FAULTS: dict[str, tuple[Callable[[Seen], object], str]] = {
    "runs": (lambda seen: seen.spatial["cells"].fill_(float("nan")), BROKEN),
    "shapes as declared": (
        lambda seen: seen.logits.update(other=seen.logits.pop("spatiotemporal")),
        BROKEN,
    ),
    "differentiable": (
        lambda seen: seen.temporal.update(cells=seen.temporal["cells"].clone()),
        BROKEN,
    ),
    "ledger adds up": (_batch, BROKEN),
    "both streams matter": (
        lambda seen: seen.logits.update(
            spatiotemporal=seen.spatial["cells"].mean(dim=(1, 3, 4)).repeat(1, 4)
        ),
        LACKS,
    ),
    "Grad-CAM": (lambda seen: seen.fused.update(cells=seen.fused["cells"].detach()), LACKS),
    "repeatable": (_noisy, BROKEN),
    "thread-safe": (_noisy, BROKEN),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_line_fails_if_its_property_is_broken(name: str, plain: Card):
    change, verdict = FAULTS[name]
    assert verdicts(adapted(plain, answer))[name] == WORKS
    assert verdicts(adapted(plain, changed(change)))[name] == verdict


@pytest.mark.parametrize("fault", ["weights", "buffer", "mode", "hook"])
def test_side_effects_of_a_run_are_reported(fault: str, plain: Card):
    module = torch.nn.BatchNorm2d(1)

    def forward(rgb: torch.Tensor, flow: torch.Tensor) -> Seen:
        if fault == "weights":
            module.weight.data.add_(1)
        elif fault == "buffer":
            assert module.num_batches_tracked is not None
            module.num_batches_tracked.add_(1)
        elif fault == "mode":
            module.train()
        else:
            module.register_forward_hook(lambda *_: None)
        return answer(rgb, flow)

    network = adapted(plain, forward, part=module)
    *_, line = check_network(prepared_for_inference(network))
    assert (line.name, line.verdict) == ("network unchanged", BROKEN)
    assert line.detail.split()[0] in ("weights", "the", "hooks")


def test_an_unknown_flow_method_is_reported_in_one_line(plain: Card):
    (line,) = check_network(adapted(dataclasses.replace(plain, flow="raft?"), answer))
    assert (line.name, line.verdict) == ("runs", BROKEN)
    assert "flow method 'raft?'" in line.detail
