"""The player in a real browser: panels, other reels, colours and layout."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from fusionscope_app.theme import palette
from tests.numbered_reel import (
    grey,
)
from tests.player_pages import (
    lent,
    page,
    panels,
    pause,
    pixels,
    player,
    said,
    settle,
    shared,
    shown_frame,
    url,
    wait_for_reel,
)
from tests.serve import (
    laid_out,
    pass_frames,
    settled,
    wait_player,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

SAME_REEL = """root => root.mine === root.fusionscope.reel && !root.fusionscope.incoming"""


@pytest.mark.browser
def test_panels_are_added_removed_and_change_places(shared: "Page") -> None:
    pause(shared, 3)
    shared.get_by_label("Add a panel").click()
    assert panels(shared) == ["frame", "flow", "spatial", "fused", "why"]
    assert shared.get_by_label("Add a panel").is_disabled()
    shared.get_by_label("Remove panel flow").click()
    assert panels(shared) == ["frame", "spatial", "fused", "why"]
    shared.locator(".fs-panel select").first.select_option("fused")
    assert panels(shared) == ["fused", "spatial", "frame", "why"]
    settle(shared)
    assert shown_frame(shared) == 3
    details = shared.locator(".fs-detail").all_inner_texts()
    assert details == [f"<b>{key}</b>" for key in panels(shared)]  # text, never markup
    for key in ("fused", "spatial", "why"):
        shared.get_by_label(f"Remove panel {key}").click()
    assert not shared.get_by_label("Remove panel frame").is_visible()


@pytest.mark.browser
def test_another_reel_takes_the_place_with_no_flash_and_no_jump(page: "Page") -> None:
    root = pause(page, 8)
    page.get_by_label("Remove panel flow").click()
    settle(page)
    root.evaluate(
        """root => {
          const decode = window.createImageBitmap; // a slow machine
          window.createImageBitmap = (blob) =>
            new Promise(done => setTimeout(done, 500)).then(() => decode(blob));
          const canvas = root.querySelector("canvas[data-panel=frame]");
          root.seen = [];
          const look = () => {
            const [grey, , , alpha] = canvas.getContext("2d").getImageData(5, 5, 1, 1).data;
            const { height } = root.getBoundingClientRect();
            root.seen.push([alpha, height, Number(root.dataset.frame), grey]);
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    page.get_by_text("second", exact=True).click()
    wait_for_reel(page, "second")
    wait_player(page, "player => player.root.seen.at(-1)[2] === 2")
    alphas, heights, places, greys = zip(*root.evaluate("root => root.seen"), strict=True)
    assert set(alphas) == {255}
    assert len(set(heights)) == 1
    assert set(places[: places.index(0)]) == {8}  # straight from where it was to the start
    told = [round((value - grey(0)) / 18) for value in greys]
    assert told == list(places)  # the picture and the place change together
    assert root.get_attribute("data-playing") == "true"
    assert panels(page) == ["frame", "spatial", "fused"]  # the viewer's choice stands
    assert page.locator(".fs-slider").get_attribute("aria-valuemax") == "9"


@pytest.mark.browser
def test_other_maps_on_the_same_clip_keep_the_place_and_the_mark(page: "Page") -> None:
    root = pause(page, 8)
    page.locator("canvas[data-panel=fused]").click()
    said(page, 2)
    mark = root.get_attribute("data-mark")
    page.get_by_text("same clip", exact=True).click()
    wait_for_reel(page, "same clip")
    assert root.get_attribute("data-frame") == "8"
    assert root.get_attribute("data-playing") == "false"
    assert root.get_attribute("data-mark") == mark
    assert shown_frame(page) == 8


@pytest.mark.browser
def test_the_app_can_ask_for_panels(page: "Page") -> None:
    root = pause(page, 5)
    root.evaluate("root => { root.mine = root.fusionscope.reel }")
    page.get_by_text("ask", exact=True).click()
    page.wait_for_selector("canvas[data-panel=why]")
    assert panels(page) == ["why", "flow"]
    assert root.get_attribute("data-frame") == "5"
    settled(page)
    pass_frames(page, 5)
    assert root.evaluate(SAME_REEL)  # not unpacked again


@pytest.mark.browser
def test_panels_share_one_row_on_a_desk_and_two_columns_on_a_phone(shared: "Page") -> None:
    def boxes() -> list[Any]:
        return shared.locator("canvas[data-panel]").evaluate_all(
            "all => all.map(c => c.getBoundingClientRect()).map(b => [b.x, b.y, b.width, b.height])"
        )

    shared.get_by_label("One row of panels").click()
    laid_out(shared)
    desk = np.round(boxes())
    assert len({y for _, y, _, _ in desk}) == 1
    assert len({x for x, _, _, _ in desk}) == 4
    shared.get_by_label("One row of panels").click()
    shared.set_viewport_size({"width": 390, "height": 844})
    laid_out(shared)
    phone = np.array(boxes())
    assert len(set(phone[:, 0].round())) == 2
    assert len(set(phone[:, 1].round())) == 2
    assert phone[:, 2] / phone[:, 3] == pytest.approx(32 / 24, rel=0.02)
    assert shared.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    right = shared.locator(".fs-player *").evaluate_all(
        "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
    )
    assert right <= 390
    pause(shared, 4)
    assert shown_frame(shared) == 4


@pytest.mark.browser
def test_the_streams_colours_are_the_palettes_in_both_themes(shared: "Page") -> None:
    root = shared.locator(".fs-player")
    for dark, shades in {False: palette.LIGHT, True: palette.DARK}.items():
        shared.emulate_media(color_scheme="dark" if dark else "light")
        shared.wait_for_selector(f".fs-player[data-theme={'dark' if dark else 'light'}]")
        for stream in ("appearance", "motion", "fused"):
            shade = root.evaluate(
                "(root, name) => getComputedStyle(root).getPropertyValue(name)", f"--fs-{stream}"
            )
            assert shade.strip() == shades[stream]


@pytest.mark.browser
def test_the_wheel_is_the_one_flow_is_coloured_with(shared: "Page") -> None:
    torch = pytest.importorskip("torch")
    from torchvision.utils import flow_to_image

    drawn = pixels(shared, ".fs-wheel:not([hidden])")[..., :3].astype(int)
    size = len(drawn)
    v, u = (2 * (np.indices((size, size)) + 0.5)) / size - 1
    inside = np.hypot(u, v) < 0.95
    flow = torch.tensor(np.stack([u * inside, v * inside]), dtype=torch.float)
    flow[:, 0, 0] = torch.tensor([1.0, 0.0])  # the longest: torchvision divides by it
    meant = flow_to_image(flow).permute(1, 2, 0).numpy().astype(int)
    assert np.abs(drawn - meant)[inside].max() <= 3
