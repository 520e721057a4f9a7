"""What if page in a real browser: an edit changes the panels, and a link restores it."""

from typing import TYPE_CHECKING

import pytest

from tests.serve import address, hold, open_page, settled, wait_player

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WAIT = 200_000  # milliseconds: the first run of a network, on a busy machine
CHEAP = "clip=toybox:8&model=toybox-temporal"


CHANGED_AT = """(player, frame, panel, before) => {
  if (player.state.playing) player.toggle();
  if (player.frame !== frame) player.seek(frame);
  const canvas = player.root.querySelector(`canvas[data-panel="${panel}"]`);
  return canvas && !player.dirty && !player.incoming && canvas.toDataURL() !== before;
}"""


def wait_panel(page: "Page", key: str) -> None:
    page.wait_for_selector(f"canvas[data-panel='{key}']", timeout=WAIT)


def picture(page: "Page", key: str) -> str:
    return page.locator(f"canvas[data-panel='{key}']").evaluate("c => c.toDataURL()")


def wait_address(page: "Page", key: str, value: str) -> None:
    page.wait_for_function(
        "([key, value]) => (new URL(location).searchParams.get(key) || '') === value",
        arg=[key, value],
        timeout=WAIT,
    )


def test_an_edit_changes_the_panels_below_a_link_restores_it_and_undo_takes_it_back(site, browser):
    with open_page(f"{site}/what_if?{CHEAP}", browser=browser) as page:
        page.wait_for_selector("text=No edits yet", timeout=WAIT)
        wait_panel(page, "frame")
        page.get_by_role("button", name="Mirror", exact=True).click()
        wait_panel(page, "b:frame")
        page.wait_for_selector("text=Mirrored: ", timeout=WAIT)
        hold(page, 5)
        before, after = picture(page, "frame"), picture(page, "b:frame")
        assert min(len(before), len(after)) > 2000
        assert before != after
        page.get_by_role("button", name="Freeze", exact=True).click()
        page.wait_for_selector("text=then frozen from frame 1 on: ", timeout=WAIT)
        hold(page, 30)
        assert picture(page, "b:frame") not in (before, after)
        assert address(page, "edits") == "mirror~freeze_0_rest"
        link = page.url
        page.get_by_role("button", name="Undo").click()
        wait_address(page, "edits", "mirror")
        page.get_by_role("button", name="Undo").click()
        wait_address(page, "edits", "")
        page.wait_for_selector("canvas[data-panel='b:frame']", state="detached", timeout=WAIT)
        assert page.get_by_role("button", name="Undo").is_disabled()
    with open_page(link, browser=browser) as page:
        page.wait_for_selector("text=then frozen from frame 1 on: ", timeout=WAIT)
        wait_panel(page, "b:frame")
        hold(page, 5)
        first = picture(page, "b:frame")
        hold(page, 30)
        assert picture(page, "b:frame") == first  # frozen
        assert picture(page, "frame") != before


@pytest.mark.parametrize(("width", "rows"), [(1280, 2), (390, 4)])
def test_after_is_shown_below_before_and_on_a_phone_beside_it(site, browser, width, rows):
    with open_page(f"{site}/what_if?{CHEAP}&edits=mirror", width=width, browser=browser) as page:
        wait_panel(page, "b:why")
        boxes = page.locator("canvas[data-panel]").evaluate_all(
            """all => Object.fromEntries(all.map(c => {
                 const { left, top, right } = c.getBoundingClientRect();
                 return [c.dataset.panel, { left: Math.round(left), top: Math.round(top), right }];
               }))"""
        )
        assert len({box["top"] for box in boxes.values()}) == rows
        same = "left" if rows == 2 else "top"
        for key in ("frame", "flow"):
            assert boxes[key][same] == boxes[f"b:{key}"][same]
        assert max(box["right"] for box in boxes.values()) <= width
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_two_clicks_draw_the_box(site, browser):
    link = f"{site}/what_if?{CHEAP}&edits=erase_0.1_0.1_0.1_0.1_0_599"
    with open_page(link, browser=browser) as page:
        wait_panel(page, "b:frame")
        hold(page, 5)
        before = picture(page, "b:frame")
        page.get_by_text("Draw the box with two clicks").click()
        page.wait_for_selector(".st-key-whatif_draw_0 input:checked", state="attached")
        settled(page)
        canvas = page.locator("canvas[data-panel=frame]")
        box = canvas.bounding_box()
        assert box
        canvas.click(position={"x": 0.2 * box["width"], "y": 0.3 * box["height"]})
        page.wait_for_selector("text=Click the opposite corner", timeout=WAIT)
        canvas.click(position={"x": 0.7 * box["width"], "y": 0.8 * box["height"]})
        page.wait_for_function("() => !location.search.includes('erase_0.1_')", timeout=WAIT)
        x, y, w, h = map(float, address(page, "edits").split("_")[1:5])
        assert (x, y, w, h) == pytest.approx((0.2, 0.3, 0.5, 0.5), abs=0.03)
        wait_player(page, CHANGED_AT, 5, "b:frame", before, timeout=WAIT)
