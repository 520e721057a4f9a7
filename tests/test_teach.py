"""Teach: what is learned from a few clips, and that the taught network is a network like any."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest

import fusionscope
from fusionscope import InputError
from fusionscope.card import Card
from fusionscope.explain.fusion.channel_weights import correspondence
from fusionscope.explain.fusion.lens import lens
from fusionscope.nets.fusion import build_fusion
from fusionscope.nets.inspect.sizes import describe
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import load_network
from fusionscope.teaching.examples import Example, Options
from fusionscope.teaching.taught import Taught, teach
from fusionscope.teaching.tower_maps import (
    TowerMaps,
    place_of,
    tower_maps,
    tower_maps_of_run,
    towers_digest,
)
from fusionscope.trace import Trace, run
from fusionscope.video.clip import Clip

HEADS = ["appearance", "motion", "late", "fused"]


def moving(seed: int, step: tuple[int, int]) -> Clip:
    """A textured square on a textured ground, at a random place, moving by ``step`` a frame."""
    random = np.random.default_rng(seed)
    ground = np.kron(random.integers(60, 120, (28, 28, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    patch = np.kron(random.integers(130, 256, (6, 6, 3)), np.ones((5, 5, 1))).astype(np.uint8)
    frames = np.repeat(ground[None], 12, axis=0)
    y, x = 41 + random.integers(-6, 7, 2) - 6 * np.array(step)
    for n, frame in enumerate(frames):
        top, left = y + step[0] * n, x + step[1] * n
        frame[top : top + 30, left : left + 30] = patch
    return Clip(frames, 25.0, f"square {seed}")


def backwards(clip: Clip) -> Clip:
    return Clip(np.ascontiguousarray(clip.frames[::-1]), clip.fps, f"{clip.name} backwards")


def made(network: Network, label: str, name: str, maps: np.ndarray, group: str = "") -> Example:
    """An example whose streams both have these maps, (T, C, h, w), also in the mirror."""
    views = np.repeat(maps[None], 2, axis=0).astype(np.float16)
    both = TowerMaps(name, towers_digest(network), place_of(network), views, views.copy())
    return Example(label, both, name, group)


def noise(network: Network, seed: int) -> np.ndarray:
    channels = network.operator("relu5").out_channels
    return np.random.default_rng(seed).standard_normal((3, channels, 2, 2))


@pytest.fixture(scope="module")
def network(build: Callable[..., Network], card: Card) -> Network:
    """A network of this file's own, for which nothing has chosen bfloat16."""
    return build(card)


@pytest.fixture(scope="module")
def clips() -> dict[str, list[Clip]]:
    steps = {"down": (3, 0), "right": (0, 3)}
    return {
        label: [moving(5 * number + k, step) for k in range(3)]
        for number, (label, step) in enumerate(steps.items())
    }


@pytest.fixture(scope="module")
def taught(network: Network, clips: dict[str, list[Clip]]) -> Taught:
    return fusionscope.teach(clips, network)


@pytest.fixture(scope="module")
def seen(taught: Taught, clips: dict[str, list[Clip]]) -> list[Trace]:
    return [
        run(taught.network, clip, precision="float32") for some in clips.values() for clip in some
    ]


def test_the_taught_network_predicts_what_the_fused_classifier_does(taught: Taught, seen):
    scores = taught.scores([example.maps for example in taught.examples])
    assert list(scores) == HEADS
    finals = np.stack([one.final for one in seen])
    np.testing.assert_allclose(finals, scores["fused"], atol=0.02)
    assert (finals.argmax(axis=1) == scores["fused"].argmax(axis=1)).all()
    assert taught.network.card.labels == taught.classes == ("down", "right")


def test_its_scores_split_exactly_among_the_streams(taught: Taught, seen: list[Trace]):
    for trace in seen[::3]:
        found = fusionscope.ledger(taught.network, trace)
        parts = found.baseline + found.appearance + found.motion + found.synergy
        assert parts == pytest.approx(found.logit, abs=1e-5)
        assert found.logit == pytest.approx(trace.final.max(), abs=1e-4)


def test_its_fusion_is_explained_like_any_other(taught: Taught, seen: list[Trace]):
    network, place = taught.network, taught.network.card.place
    found = lens(network, seen[0], place, 1, (1, 0, 2))
    assert max(found.value, 0) == pytest.approx(seen[0].fused[place][1, 1, 0, 2], abs=1e-3)
    peaks = seen[0].fused[place].max(axis=(2, 3)).mean(axis=0)
    assert np.allclose(seen[0].final, taught.classifiers.scale["fused"] * peaks, atol=1e-4)
    assert found.bias + found.terms.sum() == pytest.approx(found.value)
    filters = correspondence(network, place)
    assert len(filters.weight) == network.card.units
    assert filters.drift is None
    told = describe(network.card)
    assert told.parameters == network.card.parameters
    assert told.shapes[f"fused.{place}"][1] == network.card.units
    maps = fusionscope.attribute(network, seen[0], "grad-cam").maps
    assert all(np.isfinite(one.cells).all() for one in maps.values())


def test_the_towers_are_shared_and_the_base_is_left_as_it_was(taught: Taught, network: Network):
    assert taught.base is network
    own = dict(taught.network.named_parameters())
    below = [name for name in own if name.startswith(("spatial.stages.relu", "temporal."))]
    theirs = dict(network.named_parameters())
    assert below
    assert all(own[name].data_ptr() == theirs[name].data_ptr() for name in below)


def test_a_saved_network_is_listed_and_predicts_the_same(
    taught: Taught, seen: list[Trace], tmp_path, monkeypatch
):
    card = taught.save(tmp_path, "my-actions", taught.left_out())
    assert card.tested == 6
    assert "one clip left out at a time" in card.data
    monkeypatch.setenv("FUSIONSCOPE_MODELS", str(tmp_path))
    assert fusionscope.networks()["my-actions"] == card
    again = load_network("my-actions")
    for trace in seen[::3]:
        other = run(again, trace.clip, trace.flow, "float32")
        np.testing.assert_allclose(other.final, trace.final, atol=0.1)
        assert other.final.argmax() == trace.final.argmax()


def test_maps_of_a_run_are_those_of_its_clip(network: Network, square: Clip):
    trace = run(network, square, precision="float32")
    one, other = tower_maps(network, square), tower_maps_of_run(network, trace)
    assert (one.clip, one.towers, one.place) == (square.digest, towers_digest(network), "relu5")
    for stream in ("spatial", "temporal"):
        np.testing.assert_allclose(
            getattr(one, stream), getattr(other, stream), rtol=0.01, atol=1e-3
        )
        assert getattr(one, stream).shape[:2] == (2, network.card.chunks)
    mirror = Clip(np.ascontiguousarray(square.frames[:, :, ::-1]), square.fps)
    flipped = tower_maps(network, mirror)
    np.testing.assert_allclose(one.spatial[1], flipped.spatial[0], rtol=0.01, atol=2e-3)


def test_a_left_out_clip_is_predicted_by_the_others_alone(network: Network):
    """Clips of noise: learned by heart, but no clip tells anything of another."""
    examples = [made(network, "ab"[n % 2], f"clip {n}", noise(network, n)) for n in range(12)]
    taught = teach(examples, network)
    assert taught.measured_on(examples).accuracy["fused"] == 1
    found = taught.left_out()
    assert found is not None
    assert (found.n, found.chance, found.skipped) == (12, 0.5, ())
    assert found.accuracy["fused"] < 0.75
    assert "fused" in found.too_few
    odd = found.odd()
    assert odd is not None
    assert odd[1] < 0.5
    wrong = sum(len(ids) for _, _, ids in found.confusions("fused"))
    assert wrong == 12 - found.heads["fused"].right.sum()
    assert found.confusion("fused").sum() == 12


def test_a_group_is_left_out_as_a_whole(network: Network):
    """Two takes of each scene: one gives the other away, unless both are left out."""
    examples = [
        made(network, "ab"[n % 2], f"{n}, take {take}", noise(network, n), f"scene {n}")
        for n in range(8)
        for take in (1, 2)
    ]
    taught = teach(examples, network)
    by_clip, by_group = taught.left_out(), taught.left_out("group")
    assert by_clip is not None
    assert by_group is not None
    assert by_clip.accuracy["fused"] == 1
    assert by_group.accuracy["fused"] < 0.8
    assert by_group.n == 16


def test_the_only_clip_of_a_class_cannot_be_left_out(network: Network):
    one = made(network, "a", "one", noise(network, 0))
    two, three = (made(network, "b", f"{n}", noise(network, n)) for n in (1, 2))
    found = teach([one, two, three], network).left_out()
    assert found is not None
    assert found.skipped == ("one",)
    assert found.heads["fused"].clips == ("1", "2")
    alone = teach([one, two], network)
    assert alone.left_out() is None
    assert alone.learning_curve() == []


def test_more_clips_of_a_pattern_are_learned_better(network: Network):
    pattern = {label: noise(network, 100 + n) for n, label in enumerate("abc")}
    examples = [
        made(network, label, f"{label}{n}", pattern[label] / 2 + noise(network, 10 * n + k))
        for k, label in enumerate("abc")
        for n in range(1, 9)
    ]
    curve = teach(examples, network).learning_curve()
    assert [point.clips for point in curve] == [1, 2, 3, 5, 7]
    assert [point.tested for point in curve] == [21, 18, 15, 9, 3]
    assert curve[-2].accuracy["fused"] > curve[0].accuracy["fused"] > 1 / 3


def test_mirrored_copies_are_used_only_if_asked(network: Network):
    examples = [made(network, "ab"[n % 2], f"clip {n}", noise(network, n)) for n in range(4)]
    strange = []
    for example in examples:
        views = {s: getattr(example.maps, s).copy() for s in ("spatial", "temporal")}
        for view in views.values():
            view[1] = 3 - view[1]
        strange.append(
            dataclasses.replace(example, maps=dataclasses.replace(example.maps, **views))
        )
    asked = [made(network, "a", "asked", noise(network, 9)).maps]
    for mirror, same in ((False, True), (True, False)):
        one, other = (
            teach(some, network, Options(mirror)).scores(asked)["motion"]
            for some in (examples, strange)
        )
        assert np.allclose(one, other) == same


def test_what_cannot_be_taught_is_said(network: Network, build: Callable[..., Network], card: Card):
    one, two = (made(network, "a", name, noise(network, 0)) for name in "xy")
    refused: Sequence[tuple[list[Example], str]] = (
        ([], "there is no clip; needed: two classes or more"),
        ([one, two], r"there is one class \(a\); needed: two classes or more"),
        ([one, dataclasses.replace(one, label="b")], "the same name"),
    )
    for examples, words in refused:
        with pytest.raises(InputError, match=words):
            teach(examples, network)
    other = build(card, seed=3)
    with pytest.raises(InputError, match="from other towers than those of Tiny"):
        teach([one, dataclasses.replace(two, label="b")], other)
    alone = build(dataclasses.replace(card, spatial=None, fusion=None, place="", pool="2d"))
    with pytest.raises(InputError, match="needed: a network with both towers"):
        place_of(alone)


def test_a_fusion_has_the_units_that_its_card_asks_for():
    assert build_fusion("conv", 8, units=3).out_channels == 3
    for name, units in (("conv3d", 3), ("sum", 3), ("conv", 9)):
        with pytest.raises(InputError, match=f"cannot have {units} units; needed: conv fusion"):
            build_fusion(name, 8, units=units)


@pytest.mark.slow
def test_a_clip_and_its_reverse_differ_in_motion_alone():
    """Squares that move, and the same frames in reverse order, on the Toybox towers."""
    network = load_network("toybox-conv3d")
    forward = [moving(seed, (3, 0) if seed % 2 else (0, 3)) for seed in range(16)]
    clips = {"forward": forward[:6], "backward": [backwards(clip) for clip in forward[6:12]]}
    taught = fusionscope.teach(clips, network, mirror=False)
    right = dict.fromkeys(HEADS, 0)
    for clip in forward[12:]:
        for label, one in (("forward", clip), ("backward", backwards(clip))):
            for head, shares in taught.predict(one).items():
                right[head] += next(iter(shares)) == label
    assert right["motion"] == right["fused"] == 8
    assert 1 <= right["appearance"] <= 7
