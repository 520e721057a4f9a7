"""RAFT: its weights are found in their folders, and its flow is in pixels, x before y."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models.optical_flow import raft_small

from fusionscope.base.records import InputError
from fusionscope.video.clip import Clip
from fusionscope.video.flow import raft
from fusionscope.video.flow.methods import FLOW_METHODS, dense_flow, missing_reason

Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the only one looked into."""
    monkeypatch.setenv("FUSIONSCOPE_FLOW", str(tmp_path / "mine"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    (tmp_path / "mine").mkdir()
    return tmp_path / "mine"


def weights(push: tuple[float, float] | None = None, seed: int = 0) -> dict[str, torch.Tensor]:
    """Random weights; with ``push``, of a network that predicts this flow everywhere.

    RAFT adds its head's output to the flow 12 times, on a grid of 8 pixels a cell.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = raft_small(weights=None)
    if push:
        last = made.update_block.flow_head.conv2
        torch.nn.init.zeros_(last.weight)
        last.bias.data = torch.tensor(push) / (12 * 8)
    return made.state_dict()


def clip_of(height: int, width: int) -> Clip:
    noise = np.random.default_rng(4).integers(0, 256, (3, height, width, 3)).astype(np.uint8)
    return Clip(noise, 25.0, "noise")


def test_without_weights_one_sentence_explains_what_is_missing_and_where_to_put_it(folder: Path):
    said = missing_reason("raft")
    assert said.count(". ") == 0
    assert "raft_small_C_T_V2-01064c6d.pth" in said
    assert str(folder.parent / "torch/hub/checkpoints") in said
    assert "FUSIONSCOPE_FLOW" in said
    with pytest.raises(InputError, match="RAFT needs its weights"):
        dense_flow(clip_of(64, 80), "raft")
    assert [missing_reason(method) for method in FLOW_METHODS if method != "raft"] == ["", "", ""]


@pytest.mark.parametrize("at", ["mine", "torch/hub/checkpoints"])
def test_weights_are_found_in_either_folder(folder: Path, at: str):
    place = folder.parent / at
    place.mkdir(parents=True, exist_ok=True)
    torch.save(weights(), place / raft.FILE)
    assert missing_reason("raft") == ""


@pytest.mark.parametrize("size", [(48, 72), (130, 150), (128, 160)])
def test_the_flow_is_in_pixels_x_before_y_forward_in_time(folder: Path, size: tuple[int, int]):
    torch.save(weights((3.0, -1.5)), folder / raft.FILE)
    flow = dense_flow(clip_of(*size), "raft").astype(np.float32)
    assert flow.shape == (2, 2, *size)
    np.testing.assert_allclose(flow[:, 0], 3.0, atol=0.02)
    np.testing.assert_allclose(flow[:, 1], -1.5, atol=0.02)


def test_it_is_fed_as_torchvision_feeds_it(folder: Path):
    """Colour in -1..1, first frame first, to the corner that was not put on."""
    torch.save(weights(), folder / raft.FILE)
    clip, net = clip_of(136, 160), raft_small(weights=None)
    net.load_state_dict(weights())
    first, second = (
        torch.tensor(clip.frames[n]).permute(2, 0, 1)[None].float() / 255 * 2 - 1 for n in (0, 1)
    )
    with torch.inference_mode():
        theirs = net.eval()(first, second)[-1][0].numpy()
    ours = dense_flow(clip, "raft")[0].astype(np.float32)
    assert np.abs(theirs).max() > 0.1
    np.testing.assert_allclose(ours, theirs, atol=0.01 + 1e-3 * np.abs(theirs).max())


def test_changed_weights_are_read_again(folder: Path):
    for push in ((3.0, 0.0), (0.0, 2.0)):
        torch.save(weights(push), folder / raft.FILE)
        found = dense_flow(clip_of(128, 128), "raft").astype(np.float32).mean(axis=(0, 2, 3))
        np.testing.assert_allclose(found, push, atol=0.02)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"no weights", "does not contain"), ({"a": torch.zeros(1)}, "state_dict")],
)
def test_other_weights_are_refused_in_one_sentence(folder: Path, content: object, says: str):
    path = folder / raft.FILE
    path.write_bytes(content) if isinstance(content, bytes) else torch.save(content, path)
    said = missing_reason("raft")
    assert says in said
    assert raft.FILE in said
    assert "\n" not in said
    with pytest.raises(InputError):
        dense_flow(clip_of(64, 64), "raft")
