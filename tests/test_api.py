"""Interface: what ``import fusionscope`` offers, lazily, and what its functions return."""

from __future__ import annotations

import doctest
import subprocess
import sys

import numpy as np
import pytest

import fusionscope
from fusionscope import InputError
from fusionscope.explain.ledger.ledger import passes_of_run
from fusionscope.nets.network import Network
from fusionscope.trace import Trace
from fusionscope.video.clip import Clip

PUBLIC = (
    *("read_clip", "dense_flow", "load_network", "networks", "analyse", "run", "attribute"),
    *("ledger", "edit", "evaluate", "Card", "Clip", "Trace", "Analysis", "Network", "Adapter"),
    *("Seen", "InputError", "show", "film_windows", "Window", "teach"),
)


def test_the_package_exposes_only_its_interface():
    shown = [name for name in dir(fusionscope) if not name.startswith("__")]
    assert sorted(shown) == sorted(PUBLIC)
    assert sorted(fusionscope.__all__) == sorted(PUBLIC)
    for name in PUBLIC:
        assert getattr(fusionscope, name).__doc__, name
        assert f"    {name} " in (fusionscope.__doc__ or ""), name
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = fusionscope.colour  # pyright: ignore[reportAttributeAccessIssue]


def test_importing_it_imports_nothing_heavy():
    code = "import sys, fusionscope; dir(fusionscope); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"torch", "cv2", "numpy", "fusionscope.api"}.isdisjoint(done.stdout.split())


def test_its_example_works():
    found = doctest.testmod(fusionscope)
    assert found.attempted >= 9
    assert found.failed == 0


def test_the_networks_are_named_and_load_by_name():
    listed = fusionscope.networks()
    assert next(iter(listed)) == "toybox-conv3d"
    assert fusionscope.load_network("toybox-late").card == listed["toybox-late"]
    with pytest.raises(InputError, match="there is no model 'nothing'"):
        fusionscope.load_network("nothing")


def test_flow_is_computed_by_default(network: Network, square: Clip, trace: Trace):
    again = fusionscope.run(network, square)
    np.testing.assert_array_equal(again.flow, trace.flow)
    shown = fusionscope.analyse(network, square)
    np.testing.assert_array_equal(shown.trace.flow, trace.flow)
    assert len(repr(shown)) < 100
    assert len(repr(trace)) < 100


def test_a_ledger_adds_up_and_defaults_to_the_deciding_head(network: Network, trace: Trace):
    found = fusionscope.ledger(network, trace)
    passes = passes_of_run(network, trace)
    assert (found.head, found.label) == (passes.deciding, passes.said)
    assert found == passes.ledger(passes.deciding, passes.said)
    named = fusionscope.ledger(network, trace, "two", "temporal")
    assert (named.head, named.label) == ("temporal", "two")
    for label, head, words in (("five", None, "no class 'five'"), (None, "x", "no head 'x'")):
        with pytest.raises(InputError, match=words):
            fusionscope.ledger(network, trace, label, head)


def test_an_attribution_explains_a_class_or_its_lead(network: Network, trace: Trace):
    one = fusionscope.attribute(network, trace, label="one")
    lead = fusionscope.attribute(network, trace, "grad-cam-signed", "one", "two", "temporal")
    scores = trace.logits["temporal"]
    assert one.target.label == "one"
    assert lead.score == pytest.approx(scores[0] - scores[1], abs=1e-4)
    with pytest.raises(InputError, match="there is no method 'guess'"):
        fusionscope.attribute(network, trace, "guess")


def test_edits_return_a_clip_and_its_flow(network: Network, square: Clip):
    clip, flow = fusionscope.edit(square, "mirror", network=network)
    np.testing.assert_array_equal(clip.frames, square.frames[:, :, ::-1])
    np.testing.assert_array_equal(flow, fusionscope.dense_flow(clip))
    same, still = fusionscope.edit(square, "zero")
    assert same is square
    assert not still.any()
    with pytest.raises(InputError, match="there is no edit 'melt'"):
        fusionscope.edit(square, "melt")


def test_a_data_set_is_evaluated_by_its_name(network: Network, tmp_path):
    from tests.videos import numbered

    for label in ("one", "two"):
        (tmp_path / label).mkdir()
        numbered(tmp_path / label / "a.mp4", 12, height=128, width=128)
    found = fusionscope.evaluate(network, "folder", tmp_path)
    assert set(found.accuracy) == {"spatiotemporal", "temporal", "average"}
    assert found.accuracy["average"] == found.heads["average"].right.mean() == 0.5
    with pytest.raises(InputError, match="has no fold 7"):
        fusionscope.evaluate(network, "folder", tmp_path, folds=("7",))


def test_a_toybox_clip_is_read_by_its_name():
    clip = fusionscope.read_clip("toybox:8~21")
    assert clip.digest != fusionscope.read_clip("toybox:8").digest
    with pytest.raises(InputError, match="is not a Toybox clip"):
        fusionscope.read_clip("toybox:eight")
