"""Address: page state shared by all pages; invalid links do no harm."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope_app.state import address


def two_pages() -> None:
    import streamlit as st

    from fusionscope_app.state import address

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


def test_another_page_keeps_the_parameters_of_the_first():
    page = app(clip="toybox:8", unit="5", foreign="x")
    page.query_params.clear()  # as Streamlit does when another page is opened
    page.session_state["at"] = "two"
    page.run()
    assert page.query_params["clip"] == "toybox:8"
    assert page.query_params["unit"] == "5"
    assert "foreign" not in page.query_params


def test_parameters_of_a_link_override_stored_ones():
    page = app(clip="toybox:8", unit="5")
    page.query_params.clear()
    page.query_params["unit"] = "7"
    page.session_state["at"] = "two"
    page.run()
    assert page.query_params["unit"] == "7"
    assert page.query_params["clip"] == "toybox:8"


def test_a_removed_parameter_is_not_restored():
    page = app(unit="5", cell="1.2.3")
    page.session_state["put"] = {"unit": None, "cell": (0, 4, 2)}
    page.run()
    page.query_params.clear()
    page.session_state["at"] = "two"
    page.run()
    assert "unit" not in page.query_params
    assert page.query_params["cell"] == "0.4.2"


def test_a_parameter_removed_on_the_same_page_is_not_restored():
    page = app(unit="5")
    page.query_params.clear()
    page.run()
    assert "unit" not in page.query_params


def test_numbers_are_read_and_invalid_ones_ignored():
    for cell, read in (("1.2.3", "(1, 2, 3)"), ("", "()"), ("1..3", "()"), ("-1.2.3", "()")):
        assert app(cell=cell).text[1].value == read
    for unit, read in (("12", "12"), ("1.2", "None"), ("one", "None"), ("9" * 40, "None")):
        assert app(unit=unit).text[0].value == read


def test_words_are_written_and_read_joined_by_dots():
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


def bound_widgets() -> None:
    import streamlit as st

    from fusionscope_app.state import address

    address.carry_over(st.session_state.get("at", "errors"))
    truth = address.option("errors_truth", ("golf", "clap"), "clap")
    st.selectbox("Truth", ["clap", "golf"], **address.bound("errors_truth", truth, usual="clap"))
    right = address.step("fusion_move_right", -3, 3)
    st.slider("Right", -3, 3, **address.bound("fusion_move_right", right, usual=0))
    mirror = address.switch("fusion_move_mirror")
    st.toggle("Mirror", **address.bound("fusion_move_mirror", mirror, usual=False))
    unit = address.number("unit") or 0
    st.number_input("Unit", 0, 9, **address.bound("unit", unit, widget="number", clear=("cell",)))
    st.pills("Some", [1, 2], **address.bound("unit", unit if unit in (1, 2) else None, "pills"))
    doubled = address.number("cell") or 0
    st.number_input(
        "Half",
        0,
        99,
        **address.bound(
            "cell", doubled // 2, widget="half", write=lambda half: address.put(cell=2 * half)
        ),
    )
    st.text(f"{truth} {right} {mirror} {unit} {doubled}")


def widgets(**params: str) -> AppTest:
    page = AppTest.from_function(bound_widgets)
    page.query_params.update(params)
    page.run()
    assert not page.exception
    assert not page.warning
    return page


def test_a_link_sets_every_kind_of_widget():
    page = widgets(
        errors_truth="golf", fusion_move_right="-2", fusion_move_mirror="true", unit="2", cell="6"
    )
    assert page.text[0].value == "golf -2 True 2 6"
    assert page.selectbox[0].value == "golf"
    assert page.slider[0].value == -2
    assert page.toggle[0].value
    assert [one.value for one in page.number_input] == [2, 3]
    assert page.pills[0].value == 2


def test_a_change_of_a_widget_is_written_and_read_in_the_same_run():
    page = widgets(cell="6")
    page.selectbox[0].set_value("golf").run()
    page.slider[0].set_value(-3).run()
    page.toggle[0].set_value(True).run()
    page.number_input(key="half").set_value(4).run()
    assert page.text[0].value == "golf -3 True 0 8"
    assert page.query_params == {
        "errors_truth": "golf",
        "fusion_move_right": "-3",
        "fusion_move_mirror": "true",
        "cell": "8",
    }


def test_the_default_is_not_written():
    page = widgets(errors_truth="golf", fusion_move_right="1", fusion_move_mirror="true")
    page.selectbox[0].set_value("clap").run()
    page.slider[0].set_value(0).run()
    page.toggle[0].set_value(False).run()
    assert not page.query_params


def test_two_widgets_of_one_parameter_agree_and_clear_its_dependants():
    page = widgets(unit="5", cell="6")
    assert page.pills[0].value is None
    page.number_input(key="number").set_value(1).run()
    assert page.pills[0].value == 1
    assert page.query_params == {"unit": "1"}
    page.pills[0].set_value(2).run()
    assert page.number_input(key="number").value == 2


def test_a_widget_follows_the_address_when_the_browser_goes_back():
    page = widgets(errors_truth="golf")
    page.slider[0].set_value(2).run()
    del page.query_params["fusion_move_right"]
    page.run()
    assert page.slider[0].value == 0
    assert page.selectbox[0].value == "golf"


def test_a_widget_being_changed_is_not_set():
    """Setting it would redraw it and move a slider while it is being dragged."""
    page = widgets()
    assert page.slider[0].proto.set_value
    page.slider[0].set_value(2).run()
    assert not page.slider[0].proto.set_value
    assert page.slider[0].value == 2
    page.toggle[0].set_value(True).run()
    assert not page.toggle[0].proto.set_value
    assert page.slider[0].value == 2


@pytest.mark.parametrize("value", ["4", "-4", "--1", "x", "", "1.0", "-", "9" * 40])
def test_an_invalid_step_is_zero(value: str):
    assert widgets(fusion_move_right=value).slider[0].value == 0


def test_parameters_of_one_page_are_dropped_on_the_next():
    page = widgets(errors_truth="golf", unit="2")
    page.slider[0].set_value(2).run()
    page.query_params.clear()
    page.session_state["at"] = "fusion"
    page.run()
    assert page.query_params == {"unit": "2"}
    page = app(unit="2")
    page.session_state["put"] = {"errors_truth": "golf"}
    page.run()
    assert page.query_params["errors_truth"] == "golf"
    page.query_params.clear()
    page.session_state["at"] = "two"
    page.run()
    assert page.query_params == {"unit": "2"}


def test_pages_use_only_the_address_module_for_the_address():
    folder = Path(address.__file__).parents[1]
    for path in folder.rglob("*.py"):
        source = path.read_text("utf-8")
        if path != Path(address.__file__):
            assert "st.query_params" not in source, path
            assert "bind=" not in source, path
