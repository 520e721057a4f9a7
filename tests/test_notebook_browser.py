"""Notebook: the player as a cell's output, two on one page, in a real browser."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fusionscope import InputError, analyse, show
from fusionscope.analysis import notebook
from fusionscope.nets.network import Network
from fusionscope.video.clip import Clip
from tests.serve import open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page


def html_of(network: Network, clip: Clip) -> str:
    return show(analyse(network, clip))._repr_html_()


def players(page: Page, count: int) -> list[Frame]:
    """The documents of the iframes on a page, once their players have drawn."""
    frames = page.frames[1:]
    assert len(frames) == count
    for frame in frames:
        frame.wait_for_selector(".fs-player[data-ready]", timeout=60_000)
    return frames


def frame_of(frame: Frame) -> int:
    return int(frame.locator(".fs-player").get_attribute("data-frame") or -1)


def plays(frame: Frame) -> None:
    """Wait until a player shows another frame (the page's policy forbids ``eval``)."""
    from playwright.sync_api import expect

    player = frame.locator(".fs-player")
    expect(player).not_to_have_attribute("data-frame", str(frame_of(frame)), timeout=30_000)


def test_the_iframe_allows_scripts_only(network: Network, square: Clip):
    made = html_of(network, square)
    assert re.findall(r'sandbox="(.*?)"', made) == ["allow-scripts"]
    assert "<script" not in made  # all of it is the frame's, escaped
    assert "default-src &#x27;none&#x27;" in made
    assert analyse(network, square)._repr_html_() == made


def test_without_the_app_an_error_names_what_is_needed(
    network: Network, square: Clip, monkeypatch: pytest.MonkeyPatch
):
    player = show(analyse(network, square))
    monkeypatch.setattr(notebook, "entry_points", lambda **_: importlib.metadata.EntryPoints())
    with pytest.raises(InputError, match="needed: fusionscope installed with pip"):
        player._repr_html_()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 700, 850, 1280])
def test_two_players_on_one_page_are_independent_and_fit(
    network: Network, square: Clip, tmp_path: Path, browser: Browser, width: int
):
    path = tmp_path / "cells.html"
    made = html_of(network, square)
    path.write_text(f"<!doctype html><meta charset=utf-8>{made}<p>Next</p>{made}", "utf-8")
    with open_page(path.as_uri(), width, 1200, browser=browser, motion=True) as page:
        one, two = players(page, 2)
        for frame in (one, two):
            plays(frame)
        one.locator(".fs-play").click()
        one.wait_for_selector(".fs-player[data-playing=false]")
        one.evaluate("() => document.querySelector('.fs-player').fusionscope.seek(5)")
        plays(two)
        plays(two)
        assert frame_of(one) == 5
        assert two.locator(".fs-player").get_attribute("data-playing") == "true"
        for frame in (one, two):
            end, room = frame.evaluate(
                "() => [document.querySelector('.fs-player').getBoundingClientRect().bottom,"
                " innerHeight]"
            )
            assert end <= room <= end + 60, "it must fit, without a gap below"
        assert one.evaluate("() => window.origin") == "null"  # it cannot touch the notebook
