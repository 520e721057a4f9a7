"""Kept analyses: files from which the first page is shown as if it had just been computed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fusionscope.analysis.analysis import Analysis, analyse
from fusionscope.analysis.kept import kept_analysis as kept
from fusionscope.analysis.kept.kept_analysis import (
    SHIPPED,
    KeptKey,
    code_digest,
    file_name,
    keep_analysis,
    key_of,
    pack_analysis,
    unpack_analysis,
)
from fusionscope.analysis.kept.record_file import Damaged, pack, unpack
from fusionscope.analysis.kept.thumbnails import kept_thumbnails, thumbnail_of
from fusionscope.base.records import size_in_bytes
from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import cards
from fusionscope.nets.store.loading import load_network
from fusionscope.trace import Trace
from fusionscope.video.clip import Clip
from fusionscope_app.state import clip_sources

AGAIN = (
    "the shipped analyses differ from what the code makes now: run\n"
    "    .venv/bin/python -m docs.make_first_views\n"
    "and commit checkpoints/first-views"
)


@pytest.fixture(scope="module")
def fresh(network: Network, square: Clip) -> Analysis:
    return analyse(network, square)


@pytest.fixture
def key(square: Clip, card: Card) -> KeptKey:
    return key_of(square, card, "code")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FUSIONSCOPE_CACHE", str(tmp_path))
    return tmp_path / "first-views"


def never() -> Trace:
    raise AssertionError("the whole run was computed")


def test_an_analysis_from_its_file_shows_the_same(fresh: Analysis, key: KeptKey):
    clip, card = fresh.trace.clip, fresh.trace.card
    read = unpack_analysis(pack_analysis(fresh, key), clip, card, key, never)
    assert read is not None
    assert read.reel.to_bytes() == fresh.reel.to_bytes()
    assert read.sentence == fresh.sentence
    assert read.top() == fresh.top()
    assert read.passes.ledger(read.passes.deciding, read.passes.said) == fresh.passes.ledger(
        fresh.passes.deciding, fresh.passes.said
    )
    for one, other in zip(read.maps, fresh.maps, strict=True):
        assert np.array_equal(one.cells, other.cells)
        assert dataclasses.replace(one, cells=other.cells).__dict__ == other.__dict__
    assert (read.trace.seconds, read.trace.precision) == (
        fresh.trace.seconds,
        fresh.trace.precision,
    )
    assert not read.maps[0].cells.flags.writeable


def test_flow_and_maps_are_those_of_the_whole_run_computed_when_read(fresh: Analysis, key: KeptKey):
    asked = []

    def whole() -> Trace:
        asked.append(1)
        return fresh.trace

    clip, card = fresh.trace.clip, fresh.trace.card
    read = unpack_analysis(pack_analysis(fresh, key), clip, card, key, whole)
    assert read is not None
    assert size_in_bytes(read) < size_in_bytes(fresh)
    assert not asked
    assert read.trace.flow is fresh.trace.flow
    assert read.trace.maps("fused") is fresh.trace.fused
    assert read.trace.snippets is fresh.trace.snippets
    assert len(asked) > 1, "the whole run is held where its memory is counted, not here"
    with pytest.raises(AttributeError, match="nothing"):
        _ = read.trace.nothing  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("cut", [0, 1, 100, 3000, -1, -40])
def test_a_damaged_file_is_ignored(fresh: Analysis, key: KeptKey, cut: int):
    content = pack_analysis(fresh, key)
    clip, card = fresh.trace.clip, fresh.trace.card
    assert unpack_analysis(content[:cut], clip, card, key, never) is None


def test_a_changed_byte_is_noticed(fresh: Analysis, key: KeptKey):
    content = bytearray(pack_analysis(fresh, key))
    clip, card = fresh.trace.clip, fresh.trace.card
    for at in range(200, len(content) // 2, len(content) // 7):
        changed = content.copy()
        changed[at] ^= 0x55
        assert unpack_analysis(bytes(changed), clip, card, key, never) is None


def test_a_file_of_another_clip_card_weights_format_or_code_is_ignored(
    fresh: Analysis, key: KeptKey, square: Clip, numbered: Clip, card: Card
):
    content = pack_analysis(fresh, key)
    retrained = dataclasses.replace(card, sha256="0" * 64)
    for other, of in (
        (key_of(numbered, card, "code"), (numbered, card)),
        (key_of(square, retrained, "code"), (square, retrained)),
        (key_of(square, card, "other code"), (square, card)),
        (dataclasses.replace(key, format=key.format + 1), (square, card)),
    ):
        assert unpack_analysis(content, *of, other, never) is None


@pytest.mark.parametrize(
    "content",
    [
        {"key": 1},
        {"key": {}, "logits": {}},
        [1, 2],
        "text",
        {"record": "Reel", "fields": 3},
    ],
)
def test_a_file_of_other_records_is_ignored(content: object, square: Clip, card: Card, key):
    assert unpack_analysis(pack(content), square, card, key, never) is None


def test_a_file_names_only_known_classes_and_holds_no_pickle():
    safe = pack({"a": np.arange(3)})
    assert list(unpack(safe)["a"]) == [0, 1, 2]
    with pytest.raises(Damaged):
        unpack(pack(KeptKey("", "", "")))  # a record, but of another class
    with pytest.raises(ValueError, match="Object arrays"):
        pack(np.array([{}], dtype=object))


def test_an_analysis_is_kept_in_the_users_folder_and_found_there(
    folder: Path, fresh: Analysis, square: Clip, card: Card
):
    assert kept.kept_analysis("toybox:8", square, card, never) is None
    path = keep_analysis("toybox:8", fresh)
    assert path == folder / "toybox-8.tiny.npz"
    found = kept.kept_analysis("toybox:8", square, card, never)
    assert found is not None
    assert found.reel.digest == fresh.reel.digest
    path.write_bytes(path.read_bytes()[:-9])
    assert kept.kept_analysis("toybox:8", square, card, never) is None
    keep_analysis("toybox:8", fresh)
    assert kept.kept_analysis("toybox:8", square, card, never) is not None
    assert [one.name for one in folder.iterdir()] == [path.name], "a temporary file is left"


def test_a_change_of_the_code_makes_the_users_files_invalid(
    folder: Path, fresh: Analysis, square: Clip, card: Card, monkeypatch: pytest.MonkeyPatch
):
    assert folder.parent.is_dir()
    keep_analysis("toybox:8", fresh)
    monkeypatch.setattr(kept, "code_digest", lambda: "changed since")
    assert kept.kept_analysis("toybox:8", square, card, never) is None
    assert len(code_digest()) == 64


@pytest.fixture(scope="module")
def default() -> tuple[Card, Network]:
    card = next(iter(cards().values()))
    return card, load_network(card)


@pytest.mark.parametrize("name", clip_sources.bundled())
def test_the_shipped_analyses_are_what_the_code_makes_now(name: str, default: tuple[Card, Network]):
    card, network = default
    clip = clip_sources.world(name).clip
    path = SHIPPED / file_name(name, card)
    assert path.is_file(), AGAIN
    read = unpack_analysis(path.read_bytes(), clip, card, key_of(clip, card, ""), never)
    assert read is not None, AGAIN
    made = analyse(network, clip)
    for head, logits in made.trace.logits.items():
        assert np.allclose(read.trace.logits[head], logits, atol=1e-3), AGAIN
    for head, logits in made.passes.logits.items():
        assert np.allclose(read.passes.logits[head], logits, atol=1e-3), AGAIN
    for one, other in zip(read.maps, made.maps, strict=True):
        assert np.allclose(one.cells, other.cells, atol=1e-3 * np.abs(other.cells).max()), AGAIN
        assert dataclasses.replace(one, cells=other.cells).__dict__ == other.__dict__, AGAIN
    assert read.reel._header == made.reel._header or same_but_for_pictures(read, made), AGAIN
    for video, pictures in made.reel.videos.items():
        sizes = [len(picture) for picture in pictures.pictures]
        found = [len(picture) for picture in read.reel.videos[video].pictures]
        assert np.allclose(found, sizes, rtol=0.02), AGAIN


def same_but_for_pictures(read: Analysis, made: Analysis) -> bool:
    """Another version of a library may encode pictures, or round a map, a little differently."""
    same = dataclasses.replace(read.reel, videos=made.reel.videos)
    for one, other in zip(same.panels, made.reel.panels, strict=True):
        if (one.map is None) != (other.map is None):
            return False
        if one.map is not None and other.map is not None:
            gap = np.abs(one.map.values - other.map.values).max()
            if gap > (other.map.high - other.map.low) / 100:
                return False
        if not np.allclose(np.array(one.sums), np.array(other.sums), atol=1e-3):
            return False
        plain = ({**panel.__dict__, "map": None, "sums": ()} for panel in (one, other))
        if next(plain) != next(plain):
            return False
    return (same.shown, same.chunks, same.fps) == (made.reel.shown, made.reel.chunks, made.reel.fps)


def test_every_bundled_clip_has_a_shipped_thumbnail():
    found = kept_thumbnails()
    assert list(found) == clip_sources.bundled(), AGAIN
    for name, picture in found.items():
        again = thumbnail_of(clip_sources.world(name).clip)
        assert abs(len(again) - len(picture)) <= 0.02 * len(again), AGAIN
