"""Telling: a trouble is shown in its own words, whatever names stand in it."""

import pytest
from streamlit.testing.v1 import AppTest

from app.telling import plain


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("![](http://127.0.0.1/x.png)", r"!\[\](http\://127.0.0.1/x.png)"),
        ("[a](b)", r"\[a\](b)"),
        ("<img src=x>", r"\<img src=x>"),
        ("$x^2$", r"\$x^2\$"),
        ("**b** `c`", r"\*\*b\*\* \`c\`"),
        ("www.a.b", r"www\.a.b"),
        ("a\nb", "a b"),
        ("\ud800", "?"),
        (r"a\b", r"a\\b"),
        ("brush_hair: 3 of 4, 50 %", "brush_hair: 3 of 4, 50 %"),
    ],
)
def test_a_name_is_no_markdown(name, shown):
    assert plain(name) == shown


def test_of_a_long_text_the_middle_goes():
    shown = plain("begins so " + "x" * 5000 + " needed: this")
    assert len(shown) < 650
    assert shown.startswith("begins so ")
    assert shown.endswith(" needed: this")


def say(text: str) -> None:
    from app import telling
    from core.records import InputError

    telling.trouble(InputError(text))


def test_a_trouble_is_an_error_on_the_page():
    page = AppTest.from_function(say, args=("there is no clip ![](http://a.b)",)).run()
    (error,) = page.error
    assert error.value == r"there is no clip !\[\](http\://a.b)"
