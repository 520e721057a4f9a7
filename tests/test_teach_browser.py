"""Page Teach in a real browser whose camera is a file: record, teach, test, open, keep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.serve import FLAGS, address, chromium, executable, open_page, settled
from tests.test_webcam_browser import CAMERA, film
from tests.videos import numbered

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]
WAIT = 300_000


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium that films a Toybox clip."""
    with chromium(*CAMERA, f"--use-file-for-fake-video-capture={film(tmp_path_factory)}") as found:
        yield found


def arrive(page: Page) -> None:
    page.set_default_timeout(WAIT)
    page.wait_for_selector("text=Taught: 8 clips of 2 classes.", timeout=WAIT)


def start_over(page: Page) -> None:
    page.get_by_role("button", name="Start over").click()
    page.wait_for_selector("section[data-name='class 1'] >> text=0 clips")


def teach(page: Page, said: str) -> None:
    page.get_by_role("button", name="Teach", exact=True).click()
    page.wait_for_selector(f"text={said}")
    settled(page)


def record(page: Page, into: str) -> None:
    page.get_by_role("combobox", name="Record into").select_option(label=into)
    page.get_by_role("button", name="Record 3 seconds").click()
    page.wait_for_selector(".fs-webcam[data-state=recording]")
    page.wait_for_selector(".fs-webcam[data-state=live]")


def count(page: Page, label: str, clips: str) -> None:
    page.wait_for_selector(f"section[data-name='{label}'] >> text={clips}")


def trouble(page: Page) -> str:
    page.wait_for_selector(".fs-board-said.fs-trouble")
    return page.locator(".fs-board-said").inner_text()


def drop(page: Page, label: str, *files: Path) -> None:
    with page.expect_file_chooser() as choosing:
        page.locator(f"section[data-name='{label}']").get_by_role(
            "button", name="Add files"
        ).click()
    choosing.value.set_files([str(file) for file in files])


def test_three_classes_are_recorded_taught_tested_opened_kept_and_taken_back(
    filmed: Browser, site: str, tmp_path: Path
):
    with open_page(f"{site}/teach", browser=filmed) as page:
        arrive(page)
        start_over(page)
        page.get_by_role("button", name="New class").click()
        count(page, "class 3", "0 clips")
        page.get_by_role("button", name="Turn on the camera").click()
        page.wait_for_selector(".fs-webcam[data-state=live]")
        for number in (1, 2, 3):
            record(page, f"class {number}")
            count(page, f"class {number}", "1 clip")
        teach(page, "Taught: 3 clips of 3 classes.")
        record(page, "Test: predict it")
        page.wait_for_selector("text=Add it to")
        assert page.locator(".fs-tested").count() == 3
        with page.expect_download() as downloading:
            page.get_by_role("button", name="Keep").click()
        kept = tmp_path / downloading.value.suggested_filename
        downloading.value.save_as(kept)
        page.get_by_role("button", name="class 2", exact=True).click()
        count(page, "class 2", "2 clips")
        page.wait_for_selector("text=press Teach again")
        for title in ("Why", "What if"):
            page.get_by_role("button", name=f"Open in {title}").click()
            page.wait_for_selector(".fs-player[data-ready]", timeout=WAIT)
            settled(page)
            assert address(page, "model").startswith("taught-")
            assert page.locator("[data-testid=stAlert]").count() == 0
            page.get_by_role("link", name="Teach", exact=True).click()
            page.wait_for_selector("text=press Teach again")
        link = address(page, "model")
    with open_page(f"{site}/teach", browser=filmed) as page:
        arrive(page)
        page.get_by_role("button", name="Take back").click()
        page.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(str(kept))
        page.wait_for_selector("text=It is on the network list of every page.")
        page.goto(f"{site}/?model={kept.stem}")
        page.wait_for_selector(f"text=there is no model '{kept.stem}'")  # a load is a new visit
    assert link == kept.stem


def test_files_teach_two_actions_and_what_is_wrong_is_one_sentence(
    filmed: Browser, site: str, tmp_path: Path
):
    for n in range(4):
        numbered(tmp_path / f"{n}.mp4", 30 + n)
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    with open_page(f"{site}/teach", browser=filmed) as page:
        arrive(page)
        start_over(page)
        page.wait_for_selector("text=The class class 1 has no clip")
        drop(page, "class 1", tmp_path / "0.mp4", tmp_path / "broken.mp4", tmp_path / "1.mp4")
        count(page, "class 1", "2 clips")
        assert trouble(page).count("broken.mp4") == 1
        page.get_by_role("button", name="Teach", exact=True).click()
        page.wait_for_selector("[data-testid=stAlert] >> text=class 2 has no clip")
        drop(page, "class 2", tmp_path / "2.mp4", tmp_path / "3.mp4")
        count(page, "class 2", "2 clips")
        teach(page, "Taught: 4 clips of 2 classes.")
        assert page.locator(".fs-taught .fs-head").count() == 4
        drop(page, "class 2", tmp_path / "0.mp4")
        assert "already in the class class 1" in trouble(page)


def test_a_refused_camera_is_told_in_one_sentence(filmed: Browser, site: str):
    flags = [*FLAGS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny"]
    refusing = filmed.browser_type.launch(executable_path=executable(), args=flags)
    with open_page(f"{site}/teach", browser=refusing) as page:
        arrive(page)
        page.get_by_role("button", name="Turn on the camera").click()
        page.wait_for_selector(".fs-said.fs-trouble:has-text('allow it in the browser')")
    refusing.close()
