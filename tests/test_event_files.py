"""Event files: TensorBoard reads back what a training wrote, each step once."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from fusionscope.base.records import InputError
from fusionscope.training.event_files import check_event_files
from fusionscope.training.trainer import train
from tests.tiny_training import PLAN, clips_in, fresh


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_losses_rates_and_throughput_of_a_resumed_run_are_read_back(tmp_path: Path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    clips = clips_in(tmp_path / "clips")
    plan = dataclasses.replace(PLAN, epochs=2)
    train(fresh(), plan, clips, tmp_path / "run", every=2, pause=1e9, stop=3, events=True)
    train(fresh(), plan, clips, tmp_path / "run", every=2, measure=lambda _: 0.5, events=True)
    found = EventAccumulator(str(tmp_path / "run")).Reload()
    assert {*found.Tags()["scalars"]} == {
        "loss/total", "loss/spatiotemporal", "loss/temporal", "rate", "clips per second",
        "accuracy/training", "accuracy/validation",
    }  # fmt: skip
    assert [one.step for one in found.Scalars("loss/temporal")] == [1, 2, 3, 4]
    assert all(one.value > 0 for one in found.Scalars("clips per second"))
    parts = zip(found.Scalars("loss/spatiotemporal"), found.Scalars("loss/temporal"), strict=True)
    total = [one.value for one in found.Scalars("loss/total")]
    assert [a.value + b.value for a, b in parts] == pytest.approx(total, rel=1e-5)


def test_without_tensorboard_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch):
    modules = __import__("sys").modules
    monkeypatch.delitem(modules, "torch.utils.tensorboard", raising=False)
    monkeypatch.setitem(modules, "tensorboard", None)
    with pytest.raises(InputError, match=r"pip install 'fusionscope\[tensorboard\]'"):
        check_event_files()
