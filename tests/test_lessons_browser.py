"""Every lesson in a browser: each question answered wrongly and rightly, each task done.

One page, never loaded anew: steps are turned by key, as in a lecture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fusionscope_app.learn.lesson_check import lessons
from fusionscope_app.pages import TITLES
from tests.layout_pages import WITHOUT_PLAYER, at_rest, opened, shifts
from tests.serve import address, settled
from tests.visit import entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

    from fusionscope_app.learn.lesson_file import Step

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

LESSONS = {one.name: one.lesson for one in lessons().values() if one.lesson}
SHOWN = ".fs-strip .fs-step.fs-shown"
MOST = 0.1  # of all shifts of an answer: "good" by Web Vitals


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The page of a visitor who came by a link to the first step."""
    with opened(browser, f"{site}/?lesson={next(iter(LESSONS))}&step=1", 1280) as found:
        yield found


def turn(page: Page, name: str, number: int, key: str) -> None:
    """Press a key that turns to a step."""
    page.keyboard.press(key)
    page.wait_for_function(
        """([name, step]) => {
          const found = new URLSearchParams(location.search);
          return found.get("lesson") === name && found.get("step") === step;
        }""",
        arg=[name, str(number)],
    )
    page.wait_for_selector("html[data-fs-whole]", state="attached")


def is_open(page: Page, step: Step) -> None:
    """The app shows the view that the step states."""
    title = TITLES[step.page]
    page.wait_for_function("title => document.title.startsWith(title)", arg=title)
    at_rest(page, step.page not in WITHOUT_PLAYER)
    for key, value in step.view.items():
        assert address(page, key) == str(value)
    page.locator(f"{SHOWN} .fs-text", has_text=step.text.replace("*", "")).wait_for()
    if step.heading:  # it is below the strip, which stays in view
        page.wait_for_function(
            """([heading, low]) => {
              const found = [...document.querySelectorAll("h2, h3")]
                .find(one => one.textContent.trim() === heading)?.getBoundingClientRect();
              return found && found.top > low && found.top < innerHeight / 2;
            }""",
            arg=[step.heading, 60],
        )
        assert page.locator(".fs-strip").evaluate("e => e.getBoundingClientRect().top") > 50


def reveal_after(page: Page, button: Locator) -> str:
    """What the strip says after a button of it was pressed."""
    said = page.locator(f"{SHOWN} .fs-reveal")
    button.click()
    page.wait_for_function(
        "button => button.getAttribute('aria-pressed') === 'true'", arg=button.element_handle()
    )
    settled(page)
    return said.inner_text()


def answered(page: Page) -> str:
    """Give every answer: one of them is correct; the numbers of the reveal are the same."""
    shifts(page)
    buttons = page.locator(f"{SHOWN} .fs-choices button").all()
    said = [reveal_after(page, button) for button in buttons]
    moved, what = shifts(page)
    assert moved < MOST, what
    right = [text.removeprefix("Correct. ") for text in said if text.startswith("Correct. ")]
    wrong = [
        text.removeprefix("Not correct. ") for text in said if text.startswith("Not correct. ")
    ]
    assert len(right) == 1
    assert len(wrong) == len(buttons) - 1
    assert {*wrong} == {*right}
    reveal_after(page, buttons[[text.startswith("Correct") for text in said].index(True)])
    return right[0]


def done(page: Page, step: Step) -> str:
    """Do something else than the task asks, then what it asks."""
    verdict = page.locator(f"{SHOWN} .fs-reveal")
    assert verdict.inner_text() == ""
    if step.page == "what_if":
        other = "Reverse" if "grey" in str(step.task and step.task.solution) else "Grey"
        page.get_by_role("button", name=other, exact=True).click()
    else:
        page.get_by_role("slider", name="Shift right (cells)").press("ArrowRight")
    page.wait_for_selector(f"{SHOWN} .fs-reveal >> text=Not yet.")
    page.get_by_role("button", name="Show me").locator("visible=true").click()
    page.wait_for_selector(f"{SHOWN} .fs-reveal >> text=Done.")
    return verdict.inner_text()


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_is_walked_with_wrong_and_right_answers(page: Page, name: str) -> None:
    lesson, names = LESSONS[name], [*LESSONS]
    at = names.index(name)
    if address(page, "lesson") != name:  # a test before this one failed, or was left out
        page.goto(f"{page.url.split('/', 3)[0]}//{page.url.split('/')[2]}/?lesson={name}&step=1")
    for number, step in enumerate(lesson.steps, 1):
        if number > 1:
            before = entries(page)
            turn(page, name, number, "n")
            assert entries(page) == before + 1
        is_open(page, step)
        said = answered(page) if step.question else done(page, step)
        assert said
        assert "does not show" not in said
        assert "{" not in said
    turn(page, name, len(lesson.steps) + 1, "n")
    page.locator(f"{SHOWN} .fs-text", has_text=lesson.section).wait_for()
    if at + 1 < len(names):
        turn(page, names[at + 1], 1, "n")
        return
    page.get_by_role("button", name="All lessons").click()
    page.wait_for_function("document.title.startsWith('Learn')")
    page.wait_for_selector("text=/\\d answered/")
    assert page.locator("text=/\\d answered/").count() >= 1
    assert not address(page, "lesson")


def test_lecture_mode_enlarges_the_type_and_fades_what_is_not_used(page: Page, site: str) -> None:
    page.goto(f"{site}/?lesson=1-streams&step=1&lecture=true")
    at_rest(page)
    size = "() => parseFloat(getComputedStyle(document.documentElement).fontSize)"
    large = page.evaluate(size)
    page.get_by_role("button", name="Note").click()
    assert page.locator(".fs-note").inner_text() == LESSONS["1-streams"].steps[0].note
    page.wait_for_selector("html[data-fs-idle]", state="attached")
    turn(page, "1-streams", 2, "n")
    assert page.locator("html[data-fs-idle]").count() == 1  # the key brings nothing back
    assert address(page, "lecture") == "true"
    turn(page, "1-streams", 1, "p")
    page.mouse.move(300, 300)
    page.wait_for_selector("html:not([data-fs-idle])", state="attached")
    page.get_by_role("button", name="Lecture mode").click()
    page.wait_for_selector("html:not([data-fs-lecture])", state="attached")
    assert page.evaluate(size) < large
