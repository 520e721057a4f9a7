"""Address: one state for all pages, which no page loses and no mangled link upsets."""

from streamlit.testing.v1 import AppTest


def two_pages() -> None:
    import streamlit as st

    from app import address

    address.carry_over(st.session_state.get("at", "one"))
    if st.session_state.get("put"):
        address.put(**st.session_state.pop("put"))
    st.text(str(address.number("unit")))
    st.text(str(address.numbers("cell")))
    st.text(str(address.words("methods")))


def app(**params: str) -> AppTest:
    page = AppTest.from_function(two_pages)
    for key, value in params.items():
        page.query_params[key] = value
    return page.run()


def test_another_page_is_shown_with_what_the_first_one_was():
    page = app(clip="toybox:8", unit="5", foreign="x")
    page.query_params.clear()  # as Streamlit does when a page is opened
    page.session_state["at"] = "two"
    page.run()
    assert page.query_params["clip"] == "toybox:8"
    assert page.query_params["unit"] == "5"
    assert "foreign" not in page.query_params


def test_what_a_link_says_stands_before_what_was_kept():
    page = app(clip="toybox:8", unit="5")
    page.query_params.clear()
    page.query_params["unit"] = "7"
    page.session_state["at"] = "two"
    page.run()
    assert page.query_params["unit"] == "7"
    assert page.query_params["clip"] == "toybox:8"


def test_what_was_taken_out_does_not_come_back():
    page = app(unit="5", cell="1.2.3")
    page.session_state["put"] = {"unit": None, "cell": (0, 4, 2)}
    page.run()
    page.query_params.clear()
    page.session_state["at"] = "two"
    page.run()
    assert "unit" not in page.query_params
    assert page.query_params["cell"] == "0.4.2"


def test_on_one_page_a_key_that_is_gone_stays_gone():
    page = app(unit="5")
    page.query_params.clear()
    page.run()
    assert "unit" not in page.query_params


def test_numbers_are_read_and_anything_else_is_nothing():
    for cell, read in (("1.2.3", "(1, 2, 3)"), ("", "()"), ("1..3", "()"), ("-1.2.3", "()")):
        assert app(cell=cell).text[1].value == read
    for unit, read in (("12", "12"), ("1.2", "None"), ("one", "None"), ("9" * 40, "None")):
        assert app(unit=unit).text[0].value == read


def test_words_are_put_and_read_joined_by_points():
    page = app(methods="dis.tvl1")
    assert page.text[2].value == "('dis', 'tvl1')"
    page.session_state["put"] = {"methods": ("farneback", "true")}
    page.run()
    assert page.query_params["methods"] == "farneback.true"
    page.session_state["put"] = {"methods": None}
    page.run()
    page.run()
    assert page.text[2].value == "()"
    assert app(methods="..dis..").text[2].value == "('dis',)"
