"""Table file: read columns of text and numbers from an untrusted CSV or Parquet file.

The columns of a CSV file may be separated by commas, semicolons or tabs, the first that its header
has. With the latter two, as European spreadsheets write them, a number may have a decimal comma.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from io import BytesIO, StringIO

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from fusionscope.base.records import InputError, printable
from fusionscope.base.user_files import text_in
from fusionscope.evaluation.answers import Column

ENDINGS = (".csv", ".parquet")
_TOKENS = "Error tokenizing data. C error: "  # start of pandas' message
_MOST = 50_000_000  # numbers in a table
_WIDEST = 5000  # columns
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_TOLD = re.compile(r'"?sep=(.)"?', re.IGNORECASE)  # a first line that names the separator (Excel)
_QUOTED = re.compile(r'"[^"]*"?')


def read_table(content: bytes, name: str) -> pd.DataFrame:
    """Parse the content of a file of this name; column names are unique.

    Raises:
        InputError: it has another ending or format, a duplicate column, or is too large.
    """
    check_ending(name)
    table = _csv(content, name) if name.lower().endswith(".csv") else _parquet(content, name)
    names = [*map(str, table.columns)]
    twice = [column for column, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(f"{name} has the column {printable(twice[0])!r} twice; needed: once")
    return table.set_axis(names, axis=1)


def _check_width(columns: int, name: str) -> None:
    if columns > _WIDEST:
        raise InputError(f"{name} has {columns:,} columns; needed: {_WIDEST:,} at most")


def check_ending(name: str) -> None:
    """Raise InputError unless the file name ends in .csv or .parquet."""
    if not name.lower().endswith(ENDINGS):
        raise InputError(f"{name} ends in neither {' nor '.join(ENDINGS)}; needed: one of them")


def words(table: pd.DataFrame, column: str) -> list[str]:
    """Read a column as text; missing cells, or a missing column, become empty."""
    if column not in table.columns:
        return [""] * len(table)
    cells = table[column]
    return [str(cell) if there else "" for cell, there in zip(cells, cells.notna(), strict=True)]


def words_of_all(table: pd.DataFrame, column: str, whose: str) -> tuple[str, ...]:
    """Read a column that is either filled or empty in all rows; an empty one gives ().

    Raises:
        InputError: some of its cells are empty.
    """
    found = words(table, column)
    if any(found) and not all(found):
        raise InputError(f"{whose} has a {column} for only some clips; needed: for all or none")
    return tuple(filter(None, found))


def numbers_or_none(table: pd.DataFrame, columns: Sequence[str], whose: str) -> np.ndarray | None:
    """Read columns as (n, columns) finite numbers; None if all of them are empty.

    Raises:
        InputError: only some of the columns have values.
    """
    there = [column for column in columns if any(words(table, column))]
    if not there:
        return None
    if len(there) < len(columns):
        missing = ", ".join(column for column in columns if column not in there)
        raise InputError(f"{whose} has {', '.join(there)} but not {missing}; needed: all or none")
    return numbers(table, columns, whose)


def numbers(table: pd.DataFrame, columns: Sequence[str], whose: str) -> np.ndarray:
    """Read columns as (n, columns) finite numbers.

    Raises:
        InputError: a cell is not a finite number; names it.
    """
    there = [column for column in columns if column in table.columns]
    kinds = [str(table[column].dtype) for column in there]
    if len(there) == len(columns) and all(k.startswith(("float", "int", "uint")) for k in kinds):
        found = table[there].to_numpy(float)
        if np.isfinite(found).all():
            return found
    found = np.full((len(table), len(columns)), np.nan)
    for at, column in enumerate(columns):
        try:
            found[:, at] = pd.to_numeric(_with_points(table, column), errors="coerce")
        except (TypeError, ValueError) as problem:
            raise InputError(
                f"the column {column} of {whose} does not contain numbers; needed: finite numbers"
            ) from problem
    if not np.isfinite(found).all():
        row, at = np.argwhere(~np.isfinite(found))[0]
        clip, value = table["clip"].iloc[row], table[columns[at]].iloc[row]
        cell = f"{printable(str(columns[at]))} of {printable(str(clip))}"
        mark = "read as" in table.attrs and "," in str(value)
        read = f" ({table.attrs['read as']})" if mark else ""
        raise InputError(
            f"{cell} for {whose} is {str(value)[:40]!r}{read}; needed: a finite number"
        )
    return found


def column_of(texts: Sequence[str], decimal_comma: bool = False) -> Column | None:
    """Cells as numbers (n,), nan where a cell is empty, or as n texts; None if all are empty.

    They are numbers if every filled cell is a finite number.
    """
    cells = pd.Series([text.strip() for text in texts], dtype=str)
    filled = cells.ne("").to_numpy()
    if not filled.any():
        return None
    points = cells.str.replace(",", ".", regex=False) if decimal_comma else cells
    found = np.asarray(pd.to_numeric(points, errors="coerce"), float)
    return found if np.isfinite(found[filled]).all() else tuple(cells)


def columns_of_table(table: pd.DataFrame, known: Collection[str], start: str) -> dict[str, Column]:
    """All columns but the ``known`` ones and those whose names begin with ``start``.

    Columns without a name and empty ones are left out.
    """
    comma = bool(table.attrs.get("decimal comma"))
    others = [c for c in table.columns if c and c not in known and not c.startswith(start)]
    found = {name: column_of(words(table, name), comma) for name in others}
    return {name: column for name, column in found.items() if column is not None}


def _with_points(table: pd.DataFrame, column: str) -> pd.Series:
    """A column of numbers with decimal points."""
    cells = pd.Series(table[column])
    return cells.str.replace(",", ".", regex=False) if table.attrs.get("decimal comma") else cells


def _csv(content: bytes, name: str) -> pd.DataFrame:
    """Read a CSV file as text; its header is read as a row, so that pandas renames no column."""
    text = text_in(content, name)
    header, _, rest = text.partition("\n")
    told = _TOLD.fullmatch(header.strip(" "))
    if told:
        text, header = rest, rest.partition("\n")[0]
    separator = told[1] if told and told[1] in _SEPARATORS else _separator(header)
    _check_width(header.count(separator) + 1, name)
    comma = separator != "," and _has_decimal_comma(text, separator)
    mark = "comma" if comma else "point"
    read_as = f"separator {_SEPARATORS[separator]}, decimal mark {mark}"
    try:
        table = pd.read_csv(
            StringIO(text), sep=separator, dtype=str, header=None, keep_default_na=False
        )
    except ValueError as problem:  # also pandas' own errors
        reason = str(problem).strip().splitlines()[-1].removeprefix(_TOKENS)
        raise InputError(f"{name} is not a CSV file ({read_as}): {printable(reason)}") from problem
    table = table.iloc[1:].set_axis([*table.iloc[0]], axis=1)
    empty = table.eq("").to_numpy()  # rows and unnamed columns that spreadsheets leave at the end
    named = np.array([bool(column) for column in table.columns], bool)
    table = table.loc[~empty.all(axis=1), named | ~empty.all(axis=0)]
    table.attrs = {"decimal comma": comma, "read as": read_as}
    return table


def _separator(header: str) -> str:
    """The first separator in a header, outside quotes; a comma if it has none."""
    bare = _QUOTED.sub("", header)
    return min(_SEPARATORS, key=lambda mark: bare.find(mark) % (len(bare) + 1))


def _has_decimal_comma(text: str, separator: str) -> bool:
    """Whether more numbers have a decimal comma than a decimal point."""
    edge = re.escape(separator)
    commas, points = (
        len(
            re.findall(
                rf'(?:^|{edge})"?[+-]?\d*{mark}\d+(?:[eE][+-]?\d+)?"?(?={edge}|$)',
                text,
                re.MULTILINE,
            )
        )
        for mark in (",", r"\.")
    )
    return commas > points


def _parquet(content: bytes, name: str) -> pd.DataFrame:
    """Read a Parquet table; repeated text is kept in memory once, as in the file."""
    try:
        metadata = parquet.read_metadata(BytesIO(content))
        _check_width(metadata.num_columns, name)
        size = metadata.num_rows * metadata.num_columns
        if size > _MOST:
            raise InputError(f"{name} has {size:,} cells; needed: {_MOST:,} at most")
        columns = map(metadata.schema.column, range(metadata.num_columns))
        texts = [c.path for c in columns if c.physical_type == "BYTE_ARRAY"]
        file = parquet.ParquetFile(BytesIO(content), read_dictionary=texts)
        table = file.read().to_pandas(ignore_metadata=True)
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError) as problem:  # ValueError: invalid UTF-8
        reason = str(problem).strip().splitlines()[0]
        raise InputError(f"{name} is not a Parquet table: {printable(reason)}") from problem
    kinds = table.dtypes.items()
    shared = [column for column, kind in kinds if isinstance(kind, pd.CategoricalDtype)]
    return table.astype(dict.fromkeys(shared, object))
