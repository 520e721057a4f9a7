"""Make fields: write the tables of a recipe's fields in docs/recipes.md from the code.

Run ``python -m docs.make_fields`` after a change of ``Recipe`` or ``Card``.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from fusionscope.training.recipe_file import documented_fields, toml_value

PAGE = Path(__file__).with_name("recipes.md")


def with_tables(text: str) -> str:
    """The page with present tables: one for each section, between its two comments."""
    for section, rows in groupby(documented_fields(), key=lambda row: row[0]):
        table = ["| field | default | meaning |", "|---|---|---|"]
        for _, name, default, told in rows:
            shown = "" if default is None else f"`{toml_value(default)}`"
            table.append(f"| `{name}` | {shown} | {told} |")
        before, mark, after = text.partition(f"<!-- fields of {section} -->\n")
        _, end, rest = after.partition("<!-- end -->")
        text = "".join((before, mark, "\n".join(table), "\n", end, rest))
    return text


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
