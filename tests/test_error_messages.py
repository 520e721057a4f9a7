"""Errors are shown literally, whatever names they contain."""

import inspect

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope_app.widgets.error_messages import plain
from tests.serve import open_page, serve, settled


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("![](http://127.0.0.1/x.png)", "!\\[\\](http:\u2060//127.0.0.1/x.png)"),
        ("[a](b)", r"\[a\](b)"),
        ("<img src=x>", r"\<img src=x>"),
        ("$x^2$", r"\$x^2\$"),
        ("**b** `c`", r"\*\*b\*\* \`c\`"),
        ("www.a.b", "www\u2060.a.b"),
        ("a@b.c", "a@\u2060b.c"),
        (":red[x] :smile:", "\\:red\\[x\\] :\u2060smile:"),
        ("a -> b --- c", "a -\u2060> b -\u2060-\u2060- c"),
        ("# h", r"\# h"),
        ("1. one", r"1\. one"),
        ("_a_ ~~b~~ c_d", r"\_a\_ \~\~b\~\~ c_d"),
        ("&lt; a & b", r"\&lt; a & b"),
        ("a\nb", "a b"),
        ("\ud800", "?"),
        (r"a\b", r"a\\b"),
        ("brush_hair: 3 of 4, 50 %", "brush_hair: 3 of 4, 50 %"),
    ],
)
def test_a_name_is_not_read_as_markdown(name, shown):
    assert plain(name) == shown


def test_a_long_text_is_shortened_in_its_middle():
    shown = plain("begins so " + "x" * 5000 + " needed: this")
    assert len(shown) < 650
    assert shown.startswith("begins so ")
    assert shown.endswith(" needed: this")


def say(text: str) -> None:
    from fusionscope.base.records import InputError
    from fusionscope_app.widgets import error_messages

    error_messages.show_error(InputError(text))


def test_an_input_error_is_shown_on_the_page():
    page = AppTest.from_function(say, args=("there is no clip ![](http://a.b)",)).run()
    (error,) = page.error
    assert error.value == "there is no clip !\\[\\](http:\u2060//a.b)"


ODD = (
    r"# dir $x$ *b* **c** :red[x] :red-background[y] `d` <b>e</b> :smile: :material/home: a -> b"
    r" <- c -- d _i_ ~~s~~ & &lt; www.a.com http://b.com a@b.com [l](http://x) ![i](y) 10:30:45"
)


KINDS = {
    **{"stMarkdown": 2, "stAlert": 2, "stButton": 1},
    **{"stCheckbox": 1, "stButtonGroup": 1, "stSelectbox": 1},
}


def show(text: str) -> None:
    import streamlit as st

    from fusionscope_app.widgets.error_messages import plain

    for element in (st.write, st.caption, st.error, st.info, st.button, st.toggle):
        element(plain(text))
    st.pills("pills", [text], format_func=plain)
    st.selectbox(plain(text), [text])
    st.text("shown")


@pytest.mark.browser
def test_every_kind_of_element_shows_a_name_literally(browser, tmp_path):
    script = tmp_path / "odd.py"
    body = inspect.getsource(show)
    script.write_text(f"{body}\nshow({ODD!r})\n", "utf-8")
    with serve(script) as url, open_page(url, browser=browser) as page:
        page.get_by_text("shown", exact=True).wait_for(timeout=60_000)
        settled(page)
        for kind, count in KINDS.items():
            found = page.locator(f"[data-testid={kind}]")
            found.nth(count - 1).wait_for(timeout=60_000)
            said = [text.replace("\u2060", "").count(ODD) for text in found.all_inner_texts()]
            assert (kind, said) == (kind, [1] * count)
        assert page.locator("[data-testid=stMain] a").count() == 0
        assert page.locator("[data-testid=stSelectbox] input").input_value() == ODD
