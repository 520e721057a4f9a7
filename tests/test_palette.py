"""Palette: the only file with colours; readable, and distinct for colour-blind viewers too."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from fusionscope.base.colour_ramps import RAMPS, tint
from fusionscope.base.palette import DARK, LIGHT, LOGO, ON_PICTURES, SCALE_GROUND, rgb
from fusionscope_app.theme.palette import VARIABLES

ROOT = Path(__file__).parents[1]
PALETTE = ROOT / "core/fusionscope/base/palette.py"
COPIES = {ROOT / "app/.streamlit/config.toml", ROOT / "app/fusionscope_app/logo.svg"}
"""Files that cannot read the palette; a test compares them with it."""
DRAWING = (ROOT / "core/fusionscope/analysis", ROOT / "core/fusionscope/base", ROOT / "app")
"""Folders in which three numbers in brackets are a colour; elsewhere they are sizes or times."""
SOURCES = [
    path
    for path in sorted([*ROOT.glob("app/**/*"), *ROOT.glob("core/**/*")])
    if path.suffix in {".py", ".js", ".ts", ".css", ".html", ".svg", ".toml"}
    and "node_modules" not in path.parts
    and path not in {PALETTE, *COPIES}
]
HEX = re.compile(r"(?<!&)(?:#|%23)([0-9a-fA-F]{3,8})\b")
FUNCTION = re.compile(r"\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(([^)]*)\)")
NUMBERS = re.compile(r"\((\d{1,3}), (\d{1,3}), (\d{1,3})\)")
NAMED = re.compile(
    r"""\b(?:color|background|fill|stroke|border|outline)[\w-]*["']?\s*[:=][^;\n]*
    (?<![\w-])(red|green|blue|orange|purple|teal|turquoise|pink|magenta|cyan|yellow|gold|brown|
    crimson|tomato|navy|indigo|violet|maroon|olive|lime|salmon|coral|orchid|plum)(?![\w-])""",
    re.VERBOSE,
)
PLAIN = np.eye(3)
PROTANOPIA = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
"""Of linear RGB: Machado, Oliveira and Fernandes 2009, complete loss of one kind of cone."""
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = np.array([0.95047, 1, 1.08883])
STREAMS = ("appearance", "motion", "fused")
TEXT = (*STREAMS, "positive", "negative", "accent", "ink", "muted", "alarm")


def linear(colour: str | np.ndarray) -> np.ndarray:
    """(3,) RGB without gamma, in 0..1."""
    v = np.array(rgb(colour) if isinstance(colour, str) else colour) / 255
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The contrast of WCAG 2, from 1 to 21."""
    low, high = sorted(float(linear(c) @ TO_XYZ[1]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str | np.ndarray, seen_by: np.ndarray = PLAIN) -> np.ndarray:
    """(3,) CIE L*a*b* of a colour as a viewer sees it."""
    xyz = TO_XYZ @ np.clip(seen_by @ linear(colour), 0, 1) / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str | np.ndarray, other: str | np.ndarray) -> float:
    """The smallest distance of two colours for viewers with normal, protan and deutan vision."""
    return min(
        float(np.linalg.norm(lab(one, eye) - lab(other, eye)))
        for eye in (PLAIN, PROTANOPIA, DEUTERANOPIA)
    )


def colours_in(text: str, drawing: bool = True) -> Iterator[str]:
    """Every colour with a hue that a text writes out."""
    for digits in HEX.findall(text):
        if len(digits) in (3, 4, 6, 8):
            size = 1 if len(digits) < 6 else 2
            if len({digits[i * size : (i + 1) * size].lower() for i in range(3)}) > 1:
                yield f"#{digits}"
    for inside in FUNCTION.findall(text):
        numbers = re.findall(r"^[\d.]+%?|(?<=[ ,])[\d.]+%?", inside)[:3]
        if len(numbers) == 3 and len(set(numbers)) > 1:
            yield inside
    for triple in NUMBERS.findall(text) if drawing else ():
        if max(map(int, triple)) > 31 and len(set(triple)) > 1 and max(map(int, triple)) < 256:
            yield f"({', '.join(triple)})"
    yield from NAMED.findall(text)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_palette_has_colours(path: Path):
    drawing = any(path.is_relative_to(folder) for folder in DRAWING)
    assert [*colours_in(path.read_text("utf-8"), drawing)] == []


@pytest.mark.parametrize(
    "text",
    ["a: #0072b2;", "stroke='%23b50'", "rgb(10 12 16 / 80%)", "rgba(1, 2, 3, 0.5)",
     "(255, 214, 133)", "hsl(120 50% 40%)", "color: crimson;", '"color": "teal"'],
)  # fmt: skip
def test_a_colour_that_is_written_out_is_found(text: str):
    assert [*colours_in(text)]


@pytest.mark.parametrize(
    "text",
    ["a: #000;", "#808080", "rgb(0 0 0 / 65%)", "rgb(128 128 128 / ${a})", "(255, 255, 255)",
     "color: var(--fs-red)", "#1b1b1b80", "rgb(${r} ${g} ${b} / ${a / 255})"],
)  # fmt: skip
def test_black_white_grey_and_variables_are_not(text: str):
    assert not [*colours_in(text)]


def test_files_that_cannot_read_the_palette_repeat_it():
    theme = tomllib.loads((ROOT / "app/.streamlit/config.toml").read_text("utf-8"))["theme"]
    names = {"primary": "accent", "background": "ground", "secondaryBackground": "raised"}
    names |= {"text": "ink", "border": "line"}
    for page, shades in (("light", LIGHT), ("dark", DARK)):
        assert theme[page] == {f"{key}Color": shades[name] for key, name in names.items()}
    logo = (ROOT / "app/fusionscope_app/logo.svg").read_text("utf-8")
    assert tuple(re.findall(r"#\w{6}", logo)) == LOGO


def test_every_colour_is_a_variable_of_both_pages():
    assert set(LIGHT) == set(DARK)
    for name in LIGHT:
        assert f"--fs-{name}: light-dark({LIGHT[name]}, {DARK[name]});" in VARIABLES


@pytest.mark.parametrize("shades", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_on_the_page_and_marks_are_visible(shades: dict[str, str]):
    for name in TEXT:
        for ground in ("ground", "raised"):
            assert contrast(shades[name], shades[ground]) >= 4.5, (name, ground)
    assert contrast(shades["middle"], shades["ground"]) >= 3
    for end in (stops[-1] for stops in ON_PICTURES.values()):
        assert contrast(end, SCALE_GROUND) >= 4.5


@pytest.mark.parametrize("shades", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_that_are_compared_differ_for_colour_blind_viewers_too(shades: dict[str, str]):
    assert distance(shades["positive"], shades["negative"]) > 60
    for one, other in combinations(STREAMS, 2):
        assert distance(shades[one], shades[other]) > 18, (one, other)
    for stream in STREAMS:
        assert distance(shades["accent"], shades[stream]) > 20, stream
        for sign in ("positive", "negative"):
            assert distance(shades[sign], shades[stream]) > 20, (sign, stream)
        assert distance(shades["middle"], shades[stream]) > 15, stream


def test_the_signs_of_a_map_differ_at_every_strength():
    for size in np.linspace(0.1, 1, 10):
        more, less = tint("signed", np.array([size, -size]))
        assert more[3] == less[3]
        assert distance(more[:3], less[:3]) > 25, size


@pytest.mark.parametrize("name", sorted(RAMPS))
def test_without_colour_a_stronger_value_is_lighter(name: str):
    for side in {"for", "against"} & set(RAMPS[name]):
        light = [lab(colour)[0] for colour in RAMPS[name][side]]
        assert all(b - a > 10 for a, b in pairwise(light)), (name, side, light)


def test_a_ramp_of_a_stream_has_no_colour_for_negative_values():
    assert [name for name, ramp in RAMPS.items() if "against" in ramp] == ["signed"]
