"""Pictures: the images of README.md and docs/, made from the running app.

    .venv/bin/python -m docs.make_pictures

Needs Chromium and the `test` extra. The app runs with an empty data folder, so that every clip in
a picture is a generated Toybox clip. Light theme, 1280 pixels wide.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.serve import ROOT, chromium, open_page, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FOLDER = Path(__file__).parent / "pictures"
WAIT = 300_000  # milliseconds for one state of a page
PLAYER = ".fs-player"
READY = f"{PLAYER}[data-ready]"
MOVING, STILL = 1_500_000, 200_000  # bytes, the largest file of each kind
WIDTH = 1000  # pixels of the moving picture
MARGIN = 8  # pixels above and below a cropped part

DRAWN = """(root, n) => new Promise(done => {
    const player = root.fusionscope, before = player.drawn;
    player.seek(n);
    const look = () => player.drawn > before && root.dataset.frame === String(n)
        ? requestAnimationFrame(() => requestAnimationFrame(done))
        : requestAnimationFrame(look);
    look();
})"""
"""Go to a frame and return once its panels are drawn."""


def main() -> None:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as empty,
        serve(ROOT / "app/main.py", env={"FUSIONSCOPE_DATA": empty}) as url,
        chromium() as browser,
    ):
        first_view(url, browser)
        lens(url, browser)
        why(url, browser)
        errors(url, browser)


def first_view(url: str, browser: Browser) -> None:
    """The page that opens, played once from its first frame to its last."""
    with open_page(url, height=1000, browser=browser) as page:
        page.wait_for_selector(READY, timeout=WAIT)
        page.wait_for_selector(".fs-ledger", timeout=WAIT)
        player = page.locator(PLAYER)
        if player.get_attribute("data-playing") == "true":
            player.press(" ")
        player.evaluate("root => root.blur()")
        count = int(player.evaluate("root => root.fusionscope.reel.nearest.length"))
        fps = float(player.evaluate("root => root.fusionscope.reel.fps"))
        height = round(bottom(page, ".fs-ledger") + MARGIN)
        frames = []
        for number in range(count):
            player.evaluate(DRAWN, number)
            frame = picture(page, (0, 0, 1280, height))
            frames.append(
                frame.resize((WIDTH, round(height * WIDTH / 1280)), Image.Resampling.LANCZOS)
            )
    save(frames, "first-view", MOVING, duration=round(1000 / fps))


def lens(url: str, browser: Browser) -> None:
    """Page Fusion: the player with the two parts of a unit, and the unit taken apart."""
    with open_page(
        f"{url}/fusion?clip=toybox:8&cell=0.4.1&unit=1", height=2600, browser=browser
    ) as page:
        page.wait_for_selector(READY, timeout=WAIT)
        page.wait_for_selector(".fs-lens", timeout=WAIT)
        page.wait_for_selector(".stPlotlyChart .plot-container", timeout=WAIT)
        save([between(page, ".fs-sentence", ".fs-unit")], "lens", STILL)


def why(url: str, browser: Browser) -> None:
    """Page Why: integrated gradients of both streams on one scale."""
    query = "clip=toybox:8&method=integrated-gradients"
    with open_page(f"{url}/why?{query}", height=1600, browser=browser) as page:
        start, maps = ".st-key-why_start button", f"{PLAYER} canvas[data-panel=temporal]"
        page.wait_for_selector(f"{start}, {maps}", timeout=WAIT)
        if page.locator(start).count():  # the page asks before slow work
            page.click(start)
        page.wait_for_selector(maps, timeout=WAIT)
        player = page.locator(PLAYER)
        if player.get_attribute("data-playing") == "true":
            player.press(" ")
        player.evaluate(DRAWN, 6)
        player.evaluate("root => root.blur()")
        save([between(page, "[data-testid=stSelectbox] >> nth=1", PLAYER)], "why", STILL)


def errors(url: str, browser: Browser) -> None:
    """Page Errors: which stream is correct on which clips, and whether fusion helps."""
    with open_page(f"{url}/errors", height=2600, browser=browser) as page:
        page.wait_for_selector(".fs-eight button", timeout=WAIT)
        page.wait_for_selector("[data-testid=stDataFrame] canvas", timeout=WAIT)
        save(
            [between(page, "[data-testid=stSelectbox] >> nth=0", ".stPlotlyChart")], "errors", STILL
        )


def between(page: Page, first: str, last: str) -> Image.Image:
    """The page from the top of one element to the bottom of another."""
    top = (page.locator(first).first.bounding_box() or {"y": 0})["y"]
    return picture(page, (0, top - MARGIN, 1280, bottom(page, last) + MARGIN))


def bottom(page: Page, selector: str) -> float:
    """The lowest pixel of the first such element."""
    box = page.locator(selector).first.bounding_box()
    if box is None:
        raise ValueError(f"expected a visible {selector}, got none")
    return box["y"] + box["height"]


def picture(page: Page, box: tuple[float, float, float, float]) -> Image.Image:
    """What is inside a box (left, top, right, bottom) of the page, in pixels."""
    page.mouse.move(1279, 1)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    left, top, right, low = (round(edge) for edge in box)
    return shot.crop((left, max(top, 0), right, min(low, shot.height)))


def save(frames: Sequence[Image.Image], name: str, most: int, duration: int = 0) -> None:
    """Write one picture, or several that move, as WebP.

    Raises:
        ValueError: the file is larger than it may be.
    """
    path = FOLDER / f"{name}.webp"
    moving = {"save_all": True, "append_images": frames[1:], "duration": duration, "loop": 0}
    frames[0].save(path, quality=80, method=6, **(moving if frames[1:] else {}))
    size = path.stat().st_size
    if size > most:
        raise ValueError(f"expected at most {most:,} bytes in {path.name}, got {size:,}")
    print(f"{path.relative_to(ROOT)}: {frames[0].width} x {frames[0].height}, {size:,} bytes")


if __name__ == "__main__":
    main()
