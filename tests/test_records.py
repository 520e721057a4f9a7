"""Records: read-only at every depth, identified by content, measured in bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pytest

from fusionscope.base.records import InputError, digest_of, no_progress, seal, size_in_bytes


@dataclass(frozen=True, eq=False)
class Inner:
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Outer:
    name: str
    inner: Inner
    maps: Mapping[str, object]
    several: list[object]


def outer(*, seen: np.ndarray | None = None) -> Outer:
    """A record with arrays in every supported kind of field."""
    maps = {"a": np.ones(3), "deep": {"b": [np.ones(2), Inner(np.ones(4))]}}
    several = [np.zeros(2) if seen is None else seen, (np.ones(1), {"c": np.ones(5)})]
    return Outer("x", Inner(np.arange(6.0)), maps, several)


def arrays_in(value: object) -> list[np.ndarray]:
    """Every array in a value, at any depth."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, Mapping):
        return [a for item in value.values() for a in arrays_in(item)]
    if isinstance(value, list | tuple):
        return [a for item in value for a in arrays_in(item)]
    return (
        [a for item in vars(value).values() for a in arrays_in(item)]
        if hasattr(value, "__dict__")
        else []
    )


def test_seal_closes_arrays_at_every_depth():
    record = outer()
    found = arrays_in(record)
    assert len(found) == 7
    assert all(array.flags.writeable for array in found)
    seal(record)
    assert [array.flags.writeable for array in arrays_in(record)] == [False] * 7
    with pytest.raises(ValueError, match="read-only"):
        record.inner.values[0] = 1


def test_seal_closes_the_array_itself_not_a_copy():
    values = np.arange(6.0)
    record = Inner(values)
    seal(record)
    assert record.values is values
    assert not values.flags.writeable


def test_seal_also_closes_the_base_of_a_view():
    base = np.zeros((4, 6))
    record = outer(seen=base[1:3].reshape(2, 3, 2)[0].T)
    seal(record)
    assert not base.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        base[1, 0] = 7


def test_seal_closes_mappings_and_lists_of_any_depth():
    record = outer()
    seal(record)
    assert isinstance(record.maps, MappingProxyType)
    deep = record.maps["deep"]
    assert isinstance(deep, MappingProxyType)
    assert isinstance(deep["b"], tuple)
    assert isinstance(record.several, tuple)
    with pytest.raises(TypeError):
        record.maps["new"] = 1  # pyright: ignore[reportIndexIssue]


def test_a_sealed_mapping_does_not_follow_the_callers():
    given: dict[str, object] = {"a": np.ones(1)}
    record = Outer("x", Inner(np.ones(1)), given, [])
    seal(record)
    given["b"] = 2
    assert list(record.maps) == ["a"]


@pytest.mark.parametrize(
    "other",
    [
        np.arange(6, dtype=np.int64).reshape(3, 2),
        np.arange(6, dtype=np.int64),
        np.arange(6, dtype=np.uint64).reshape(2, 3),
        np.arange(6, dtype=np.int64).reshape(2, 3) + np.eye(2, 3, dtype=np.int64),
        np.arange(6, dtype=">i8").reshape(2, 3),
        np.arange(6, dtype=np.int64).reshape(2, 3).view(np.float64),
    ],
    ids=["shape", "rank", "sign", "value", "byte order", "kind"],
)
def test_digest_distinguishes_arrays_by(other: np.ndarray):
    assert digest_of(np.arange(6, dtype=np.int64).reshape(2, 3)) != digest_of(other)


def test_digest_depends_on_content_and_not_on_memory_layout():
    values = np.arange(24, dtype=np.float16).reshape(4, 6)
    digest = digest_of(values)
    assert (
        digest
        == digest_of(np.asfortranarray(values))
        == digest_of(np.repeat(values, 2, axis=1)[:, ::2])
    )
    assert digest_of(values[:, ::2]) == digest_of(values[:, ::2].copy()) != digest
    assert len(digest) == 64


def test_digest_distinguishes_parts_and_their_order():
    one, two = np.zeros(2), np.ones(2)
    digests = [
        digest_of(one, two),
        digest_of(two, one),
        digest_of(np.concatenate((one, two))),
        digest_of(one, 2.0),
        digest_of(one, 2),
        digest_of(one, "2"),
        digest_of("ab", "c"),
        digest_of("a", "bc"),
        digest_of("abc"),
        digest_of(1, 23),
        digest_of(12, 3),
        digest_of(),
    ]
    assert len(set(digests)) == len(digests)


def test_size_counts_every_array_and_bytes_at_any_depth():
    record = outer()
    assert size_in_bytes(record) == 8 * sum(a.size for a in arrays_in(record)) == 8 * 23
    seal(record)
    assert size_in_bytes(record) == 8 * 23
    assert size_in_bytes((b"12345", {"a": np.zeros(3, np.uint8)}, "words", 7, None)) == 8


def test_an_input_error_is_a_value_error_and_no_progress_prints_nothing(
    capsys: pytest.CaptureFixture[str],
):
    assert issubclass(InputError, ValueError)
    no_progress("flow", 0.5)
    assert capsys.readouterr() == ("", "")
