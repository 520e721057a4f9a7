"""Table: a CSV or Parquet file as columns, and what its cells hold. Nothing in it is trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from core.records import InputError, spoken

ENDINGS = (".csv", ".parquet")
_TOKENS = "Error tokenizing data. C error: "  # how pandas begins
_MOST = 50_000_000  # numbers in a table
_WIDEST = 5000  # columns


def read_table(content: bytes, name: str) -> pd.DataFrame:
    """What stands in a file of that name; every column has a name of its own.

    Raises:
        InputError: it ends otherwise, is no such file, or is too large.
    """
    check_ending(name)
    table = _csv(content, name) if name.lower().endswith(".csv") else _parquet(content, name)
    names = [*map(str, table.columns)]
    twice = [column for column, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(f"{name} has the column {spoken(twice[0])!r} twice; needed: once")
    return table.set_axis(names, axis=1)


def _check_width(columns: int, name: str) -> None:
    if columns > _WIDEST:
        raise InputError(f"{name} has {columns:,} columns; needed: {_WIDEST:,} at most")


def check_ending(name: str) -> None:
    """Raise InputError unless a file of that name would be a table."""
    if not name.lower().endswith(ENDINGS):
        raise InputError(f"{name} ends on neither {' nor '.join(ENDINGS)}; needed: one of them")


def words(table: pd.DataFrame, column: str) -> list[str]:
    """A column as text; what is missing, the whole column too, is empty."""
    if column not in table.columns:
        return [""] * len(table)
    cells = table[column]
    return [str(cell) if there else "" for cell, there in zip(cells, cells.notna(), strict=True)]


def words_of_all(table: pd.DataFrame, column: str, whose: str) -> tuple[str, ...]:
    """A column as text, none of it empty; nothing where all of it is.

    Raises:
        InputError: some of it is.
    """
    found = words(table, column)
    if any(found) and not all(found):
        raise InputError(f"{whose} has a {column} for some clips only; needed: for all or none")
    return tuple(filter(None, found))


def numbers_or_none(table: pd.DataFrame, columns: Sequence[str], whose: str) -> np.ndarray | None:
    """Columns -> (n, columns) finite numbers; None where none of them holds anything.

    Raises:
        InputError: some are there and others are not.
    """
    there = [column for column in columns if any(words(table, column))]
    if not there:
        return None
    if len(there) < len(columns):
        lacking = ", ".join(column for column in columns if column not in there)
        raise InputError(f"{whose} has {', '.join(there)} and lacks {lacking}; needed: all or none")
    return numbers(table, columns, whose)


def numbers(table: pd.DataFrame, columns: Sequence[str], whose: str) -> np.ndarray:
    """Columns -> (n, columns) finite numbers.

    Raises:
        InputError: a cell is no such number; says which.
    """
    found = np.full((len(table), len(columns)), np.nan)
    for at, column in enumerate(columns):
        try:
            found[:, at] = pd.to_numeric(table[column], errors="coerce")
        except (TypeError, ValueError) as problem:
            raise InputError(f"the column {column} of {whose} does not hold numbers") from problem
    if not np.isfinite(found).all():
        row, at = np.argwhere(~np.isfinite(found))[0]
        clip, value = table["clip"].iloc[row], table[columns[at]].iloc[row]
        cell = f"{spoken(str(columns[at]))} of {spoken(str(clip))}"
        raise InputError(f"{cell} for {whose} is {str(value)[:40]!r}; needed: a finite number")
    return found


def _csv(content: bytes, name: str) -> pd.DataFrame:
    """A CSV as text throughout; its head is read as a row, so that no column is renamed."""
    _check_width(content.split(b"\n", 1)[0].count(b",") + 1, name)
    try:
        table = pd.read_csv(BytesIO(content), dtype=str, header=None, keep_default_na=False)
    except ValueError as problem:  # pandas' own errors are, and so is a byte that is no UTF-8
        said = str(problem).strip().splitlines()[-1].removeprefix(_TOKENS)
        raise InputError(f"{name} is not a CSV in UTF-8: {spoken(said)}") from problem
    return table.iloc[1:].set_axis([*table.iloc[0]], axis=1)


def _parquet(content: bytes, name: str) -> pd.DataFrame:
    """A Parquet table; a text that stands in many cells is in memory once, as it is in the file."""
    try:
        metadata = parquet.read_metadata(BytesIO(content))
        _check_width(metadata.num_columns, name)
        size = metadata.num_rows * metadata.num_columns
        if size > _MOST:
            raise InputError(f"{name} holds {size:,} numbers; needed: {_MOST:,} at most")
        columns = map(metadata.schema.column, range(metadata.num_columns))
        texts = [c.path for c in columns if c.physical_type == "BYTE_ARRAY"]
        file = parquet.ParquetFile(BytesIO(content), read_dictionary=texts)
        table = file.read().to_pandas(ignore_metadata=True)
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError) as problem:  # ValueError: no UTF-8
        said = str(problem).strip().splitlines()[0]
        raise InputError(f"{name} is not a Parquet table: {spoken(said)}") from problem
    kinds = table.dtypes.items()
    shared = [column for column, kind in kinds if isinstance(kind, pd.CategoricalDtype)]
    return table.astype(dict.fromkeys(shared, object))
