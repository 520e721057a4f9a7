"""Tables: predictions files with wrong columns or cells, and files that are not tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from tests.hostile.case import REFUSED, SANE, WHOLE, Case

TEXT = (
    "clip,label,model,head,score:a,score:b,group,path,baseline,appearance,motion,synergy,x,y\n"
    "one,a,net,average,1.5,0,g1,clips/one.mp4,0.5,2,-1.5,0.5,3,4\n"
    "two,b,net,average,1,2,g1,,0,0,2,0,5,6\n"
)
_COLUMNS = TEXT.split("\n", 1)[0].split(",")
_NUMBERS = (4, 5, 8, 9, 10, 11, 12, 13)  # columns of them
_NEEDED = ("clip", "label", "head", "score:a", "score:b", "baseline", "motion", "x")
_CELLS = {
    **{"nothing": "", "nan": "nan", "inf": "inf", "less": "-inf", "huge": "1e999", "word": "much"},
    **{"digits": "9" * 5000, "letters": "x" * 100_000, "hex": "0x10", "comma": '"1,5"'},
    **{"line": '"a\nb"', "nul": "\0", "formula": "=1+1", "turn": "\u202e", "arabic": "\u0663"},
}
_NO_NUMBERS = ("nothing", "nan", "inf", "less", "huge", "word", "digits", "comma")


def tables() -> Iterator[Case]:
    """All of them."""
    yield Case("good.csv", TEXT.encode(), WHOLE)
    yield Case("good.parquet", _stored(_good()), WHOLE)
    yield from _texts()
    yield from _columns()
    yield from _not_tables()
    yield from _parquets()


def _texts() -> Iterator[Case]:
    data = TEXT.encode()
    for at in range(0, len(data), 17):
        yield Case(f"cut-{at}.csv", data[:at])
    random = np.random.default_rng(0)
    for time in range(25):
        changed = np.frombuffer(data, np.uint8).copy()
        places = random.integers(0, len(data), 3)
        changed[places] ^= (1 << random.integers(0, 8, 3)).astype(np.uint8)
        yield Case(f"flip-{time}.csv", changed.tobytes())
    first = TEXT.split("\n")[1].split(",")
    for at, column in enumerate(_COLUMNS):
        for name, cell in _CELLS.items():
            row = ",".join([*first[:at], cell, *first[at + 1 :]])
            text = TEXT.replace(TEXT.split("\n")[1], row)
            bad = at in _NUMBERS and name in _NO_NUMBERS
            may, says = (REFUSED, "needed: a finite number") if bad else (SANE, "")
            yield Case(f"cell-{column.replace(':', '-')}-{name}.csv", text.encode(), may, says=says)


def _columns() -> Iterator[Case]:
    head, rest = TEXT.split("\n", 1)
    for column in _COLUMNS:
        slug = column.replace(":", "-")
        needed = REFUSED if column in _NEEDED else SANE
        gone = head.replace(column, "other", 1) + "\n" + rest
        says = f"no column {column}" if column in ("clip", "label", "head") else ""
        yield Case(f"without-{slug}.csv", gone.encode(), needed, says=says)
        twice = head + f",{column}\n" + rest.replace("\n", ",1\n")
        yield Case(f"twice-{slug}.csv", twice.encode(), REFUSED)
        yield Case(
            f"capital-{slug}.csv", (head.replace(column, column.upper(), 1) + "\n" + rest).encode()
        )
    more = ",".join(f"score:c{n}" for n in range(20_000))
    row = "one,c0,net" + ",0" * 20_000
    many = f"clip,label,head,{more}\n{row}\n".encode()
    yield Case("columns-many.csv", many, REFUSED, says="20,003 columns; needed: 5,000 at most")
    yield Case("columns-unnamed.csv", f"{head},\n{rest}".replace("\n", ",\n").encode())
    yield Case("rows-long.csv", (TEXT + "three,a" + ",1" * 100_000 + "\n").encode(), REFUSED)
    rows = "".join(f"{n},a,h,1,0\n" for n in range(50_000))
    yield Case("rows-many.csv", f"clip,label,head,score:a,score:b\n{rows}".encode())


def _not_tables() -> Iterator[Case]:
    for name, content in {
        **{"nothing": b"", "nul": bytes(1000), "ones": b"\xff" * 1000, "lines": b"\n" * 1000},
        **{"quote": b'"' + TEXT.encode(), "quotes": b'"' * 100_001, "word": b"hello"},
        "latin": TEXT.replace("one", "\xfcn").encode("latin-1"),
        **{"html": b"<table><tr><td>1</td></tr></table>", "json": b'{"clip": ["one"]}'},
        **{"zip": b"PK\3\4" + bytes(100), "parquet": _stored(_good()), "head": b"PAR1"},
        **{"deep": b"[" * 100_000, "commas": b"," * 100_000, "address": b"http://127.0.0.1/a.csv"},
    }.items():
        yield Case(f"kind-{name}.csv", content, REFUSED)
        if name != "parquet":
            yield Case(f"kind-{name}.parquet", content, REFUSED)
    for name, separator in (("commas", ","), ("semicolons", ";"), ("tabs", "\t")):
        for coding in ("utf-8-sig", "utf-16"):
            text = TEXT.replace(",", separator).encode(coding)
            yield Case(f"spreadsheet-{name}-{coding}.csv", text, WHOLE)
    for ending in ("txt", "csv.gz"):
        yield Case(f"ending.{ending}", TEXT.encode(), REFUSED, says="ends in neither")


def _parquets() -> Iterator[Case]:
    data = _stored(_good())
    for step in range(1, 25):
        yield Case(f"cut-{step}.parquet", data[: len(data) * step // 25], REFUSED)
    random = np.random.default_rng(1)
    for time in range(50):
        changed = np.frombuffer(data, np.uint8).copy()
        places = random.integers(0 if time % 2 else len(data) - 900, len(data), 2)
        changed[places] ^= (1 << random.integers(0, 8, 2)).astype(np.uint8)
        yield Case(f"flip-{time}.parquet", changed.tobytes())
    for column in _COLUMNS:
        for name, values in _odd_columns().items():
            table = _good() | {column: values}
            yield Case(f"kind-{column.replace(':', '-')}-{name}.parquet", _stored(table))
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000), pa.array(["x" * 100_000]))
    many = {name: pa.array([value[0].as_py()] * 200_000) for name, value in _good().items()}
    yield Case("bomb-words.parquet", _stored(many | {"group": long}))
    wide = {
        name: pa.array([value[0].as_py()]).take(pa.array([0] * 6_000_000))
        for name, value in _good().items()
    }
    yield Case("bomb-rows.parquet", _stored(wide), REFUSED, says="50,000,000 at most")


def _good() -> dict[str, Any]:
    rows = [line.split(",") for line in TEXT.splitlines()[1:]]
    return {
        name: pa.array([float(r[at]) if at in _NUMBERS else r[at] for r in rows])
        for at, name in enumerate(_COLUMNS)
    }


def _odd_columns() -> Mapping[str, Any]:
    nested = pa.array([[1.0, 2.0], [3.0]])
    return {
        **{"lists": nested, "structs": pa.array([{"a": 1}, {"a": 2}]), "nulls": pa.nulls(2)},
        **{"bytes": pa.array([b"\xff", b"\0"]), "dates": pa.array([date(1, 1, 1), date.max])},
        **{"spans": pa.array([timedelta(1), None]), "truth": pa.array([True, False])},
        **{"decimals": pa.array([Decimal("1.5"), Decimal("2")]), "large": pa.array([2**62, 1])},
        "times": pa.array([-(2**62), 2**62], pa.timestamp("us")),
    }


def _stored(table: Mapping[str, Any]) -> bytes:
    stored = BytesIO()
    parquet.write_table(pa.table(dict(table)), stored, compression="zstd", store_schema=False)
    return stored.getvalue()
