"""Card: JSON round trip, use as a key, and invalid cards."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from fusionscope.base.records import InputError
from fusionscope.card import Card, read_card, write_card

FULL = Card(
    name="full",
    title="Füll “card”",
    labels=("left, then right", "größer"),
    spatial="vgg-m-2048",
    temporal="vgg-m-mini",
    fusion="conv3d",
    place="relu3+relu5",
    units=20,
    classifier="linear",
    start="netA",
    pool="3d",
    keep_temporal=False,
    chunks=7,
    stack=4,
    size=112,
    flow="tvl1",
    rgb_mean=(123.68, 116.779, 103.939),
    rgb_scale=64.0,
    flow_mean=127.5,
    flow_scale=32.0,
    weights="one+other",
    world="toybox",
    data="Toybox, 2,000 clips",
    task="Which way did the ball move?",
    accuracy=(("spatiotemporal", 0.995), ("temporal", 0.25)),
    tested=1200,
    by_seed=(("spatiotemporal", (0.995, 0.99)),),
    by_shift=(0.995, 0.4),
    ceiling=(("spatiotemporal", 1.0),),
    parameters=1_332_824,
    seed=3,
    recipe="fusionscope train full",
    licence="CC0",
    sha256="ab" * 32,
)


def test_a_card_comes_back_from_json_as_it_went(tmp_path: Path):
    bare = Card("bare", "Bare", ("a",), spatial="vgg-m-mini")
    defaults = {f.name: f.default for f in dataclasses.fields(Card)}
    assert all(getattr(FULL, name) != value for name, value in defaults.items())  # no field untried
    for card in (FULL, bare):
        path = tmp_path / f"{card.name}.json"
        write_card(card, path)
        again = read_card(path)
        assert again == card
        assert hash(again) == hash(card)


def test_a_card_on_disk_is_plain_json_one_field_a_line(tmp_path: Path):
    write_card(FULL, tmp_path / "full.json")
    text = (tmp_path / "full.json").read_text("utf-8")
    stored = json.loads(text)
    assert list(stored) == [f.name for f in dataclasses.fields(Card)]
    assert stored["labels"] == ["left, then right", "größer"]
    assert "größer" in text
    assert text.endswith("}\n")
    assert ' "chunks": 7,\n' in text


def test_cards_serve_as_keys_and_replace_varies_them():
    varied = dataclasses.replace(FULL, chunks=8)
    assert varied != FULL
    assert varied.chunks == 8
    assert dataclasses.replace(varied, chunks=7) == FULL
    assert {FULL: 1, varied: 2, dataclasses.replace(varied, chunks=7): 3} == {FULL: 3, varied: 2}
    with pytest.raises(dataclasses.FrozenInstanceError):
        FULL.chunks = 9  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "Expecting"),
        ("", "Expecting"),
        ("[]", "no attribute"),
        ("null", "no attribute"),
        ('{"name": "x", "labels": ["a"]}', "title"),
        ('{"name": "x", "title": "X", "labels": ["a"], "colour": "red"}', "colour"),
        (b"\xff\xfe\x00", "UTF-8"),
    ],
    ids=["cut short", "empty", "list", "null", "a field missing", "an unknown field", "no text"],
)
def test_an_invalid_card_is_an_input_error_that_names_the_file(
    tmp_path: Path, content: str | bytes, why: str
):
    path = tmp_path / "odd.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=rf"^odd\.json is not a fusionscope card: .*{why}"):
        read_card(path)


def test_a_card_that_is_not_there_is_an_input_error(tmp_path: Path):
    with pytest.raises(InputError, match=r"absent\.json"):
        read_card(tmp_path / "absent.json")


def test_the_backbone_is_named_once_where_both_streams_have_it():
    assert FULL.backbone == "vgg-m-2048 + vgg-m-mini"
    assert dataclasses.replace(FULL, temporal="vgg-m-2048").backbone == "vgg-m-2048"
    assert dataclasses.replace(FULL, spatial=None).backbone == "vgg-m-mini"


@pytest.mark.parametrize(
    ("fields", "heads"),
    [
        ({"fusion": None}, ("spatial", "temporal")),
        ({"fusion": None, "keep_temporal": True}, ("spatial", "temporal")),
        ({"fusion": None, "temporal": None}, ("spatial",)),
        ({"fusion": None, "spatial": None}, ("temporal",)),
        ({"keep_temporal": True}, ("spatiotemporal", "temporal")),
        ({"keep_temporal": False}, ("spatiotemporal",)),
    ],
)
def test_heads_follow_from_the_arrangement(fields: dict[str, bool | None], heads: tuple[str, ...]):
    assert dataclasses.replace(FULL, **fields).heads == heads  # pyright: ignore[reportArgumentType]
