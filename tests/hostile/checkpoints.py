"""Checkpoints: cards and weights that are damaged, wrong, executable or mismatched."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from fusionscope.card import Card

Files = Mapping[str, bytes]
"""What lies in a folder: name -> content."""


class Code:
    """An object that runs code when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.canary}",)


def cards(card: Card) -> Iterator[tuple[str, Files]]:
    """Cards with every field of another kind, cut off, deep, or none at all; without weights."""
    good = dataclasses.asdict(card)
    values = {
        **{"null": None, "text": "", "long": "x" * 100_000, "minus": -1, "huge": 10**300},
        **{"nan": float("nan"), "list": [], "lists": [[["a"]]], "object": {"a": 1}, "true": True},
        **{"path": "../../etc/passwd", "plus": "+", "zero": 0, "two": [0.0, 0.0, 0.0]},
        **{"mark": "<b>\0\n", "half": "\ud800"},
    }
    for field in good:
        for name, value in values.items():
            yield f"card-{field}-{name}", {"tiny.json": _json(good | {field: value})}
    text = _json(good)
    for at in range(0, len(text), 60):
        yield f"card-cut-{at}", {"tiny.json": text[:at]}
    for name, content in {
        **{"deep": b"[" * 100_000, "null": b"null", "list": b"[]", "number": b"1" * 5000},
        **{"nul": bytes(100), "ones": b"\xff" * 100, "utf-16": text.decode().encode("utf-16")},
        **{"twice": text[:-2] + b', "name": "other"}', "more": _json(good | {"extra": 1})},
        **{
            "towers": _json(good | {"spatial": "none-such"}),
            "fusion": _json(good | {"fusion": "x"}),
        },
        **{
            "place": _json(good | {"place": "relu9"}),
            "places": _json(good | {"place": "relu5+" * 99}),
        },
        **{"labels": _json(good | {"labels": [str(n) for n in range(200_000)]})},
        **{
            "itself": _json(good | {"weights": "tiny+tiny"}),
            "flow": _json(good | {"flow": "magic"}),
        },
    }.items():
        yield f"card-{name}", {"tiny.json": content}


def weights(
    card: Card, good: Mapping[str, torch.Tensor], canary: Path
) -> Iterator[tuple[str, Files]]:
    """Weights beside a card that names them, whatever they are."""
    stored = save(dict(good))
    for name, content in _safetensors(stored, good).items():
        yield f"weights-{name}", _beside(card, "safetensors", content)
    for name, content in _digests(stored).items():
        named = dataclasses.replace(card, sha256=content[1])
        yield f"digest-{name}", _beside(named, "safetensors", content[0])
    for name, content in _pickles(good, canary).items():
        yield f"pickle-{name}", _beside(card, "pt", content)


def _digests(stored: bytes) -> dict[str, tuple[bytes, str]]:
    """Weights, each with a digest for its card, which may be wrong."""
    right = hashlib.sha256(stored).hexdigest()
    flipped = stored[:-1] + bytes([stored[-1] ^ 1])
    return {
        **{"right": (stored, right), "flipped": (flipped, right), "longer": (stored, right + "0")},
        **{"other": (stored, "0" * 64), "short": (stored, right[:12]), "word": (stored, "sha256")},
        **{"of-nothing": (stored, hashlib.sha256(b"").hexdigest()), "blank": (stored, " ")},
    }


def _safetensors(stored: bytes, good: Mapping[str, torch.Tensor]) -> dict[str, bytes]:
    size = int.from_bytes(stored[:8], "little")
    head, body = json.loads(stored[8 : 8 + size]), stored[8 + size :]
    first, second = [key for key in head if key != "__metadata__"][:2]
    made: dict[str, bytes] = {"empty": b"", "short": stored[:7], "head-alone": stored[: 8 + size]}
    made |= {f"cut-{part}": stored[: len(stored) * part // 8] for part in range(1, 8)}
    made |= {
        f"head-{n:x}": struct.pack("<Q", n) + stored[8:] for n in (0, 1, 2**31, 2**63, 2**64 - 1)
    }
    for name, entry in {
        "shape-large": {"shape": [2**62]},
        "shape-overflows": {"shape": [2**33, 2**33]},
        "shape-minus": {"shape": [-1, 4]},
        "kind": {"dtype": "X128"},
        "integers": {"dtype": "I16"},
        "ends-before": {"data_offsets": [100, 0]},
        "ends-behind": {"data_offsets": [0, 2**40]},
        "overlaps": {"data_offsets": head[second]["data_offsets"]},
    }.items():
        made[name] = _with_head(head | {first: head[first] | entry}, body)
    made["deep"] = struct.pack("<Q", 100_000) + b"[" * 100_000
    made["more-behind"] = stored + b"more"
    made["names-many"] = _with_head(head | {f"x{n}": head[first] for n in range(20_000)}, body)
    for name, value in (("nan", float("nan")), ("inf", float("inf")), ("less", -float("inf"))):
        made[name] = save({**good, first: torch.full_like(good[first], value)})
    made["without-one"] = save({key: value for key, value in good.items() if key != first})
    made["one-more"] = save({**good, "more": torch.zeros(1)})
    made["none"] = save({})
    made["other-shape"] = save({**good, first: torch.zeros(3)})
    made["no-size"] = save({**good, first: torch.zeros(0)})
    made["complex"] = save({**good, first: torch.zeros(2, dtype=torch.complex64)})
    made["other-names"] = save({f"module.{key}": value for key, value in good.items()})
    random = np.random.default_rng(2)
    for time in range(20):
        changed = bytearray(stored)
        for at in random.integers(0, 8 + size, 3):
            changed[at] ^= 1 << int(random.integers(0, 8))
        made[f"flip-{time}"] = bytes(changed)
    return made


def _pickles(good: Mapping[str, torch.Tensor], canary: Path) -> dict[str, bytes]:
    stored = _saved(dict(good))
    code = Code(canary)
    made = {
        "code": pickle.dumps(code),
        "code-in-torch": _saved(code),
        "code-among-tensors": _saved({**good, "more": code}),
        "code-as-name": _saved({code: torch.zeros(1)}),
        "code-old": _saved(code, old=True),
        "text": b"cos\nsystem\n(S'touch " + str(canary).encode() + b"'\ntR.",
        "builtins": b"cbuiltins\neval\n(S'1'\ntR.",
        "module": _saved(torch.nn.Linear(2, 2)),
        "numbers": _saved({"a": 1.0}),
        "list": _saved([torch.zeros(1)]),
        "nan": _saved({key: torch.full_like(value, float("nan")) for key, value in good.items()}),
        "other-shape": _saved({key: value[:1] for key, value in good.items()}),
        "sparse": _saved({key: value.to_sparse() for key, value in good.items()}),
        "empty": b"",
        "zip": b"PK\3\4" + bytes(100),
        "deep": b"\x80\4" + b"(" * 100_000 + b".",
        "memo": b"\x80\4" + b"j\xff\xff\xff\x7f.",
        "long": b"\x80\4\x8b\xff\xff\xff\x7f",
        "tar": b"tiny" + bytes(508) + b"ustar",
        "swelling": _swelling(),
    }
    made |= {f"cut-{part}": stored[: len(stored) * part // 8] for part in range(1, 8)}
    random = np.random.default_rng(3)
    for time in range(12):
        changed = bytearray(stored)
        for at in random.integers(0, 2000, 3):
            changed[at] ^= 1 << int(random.integers(0, 8))
        made[f"flip-{time}"] = bytes(changed)
    return made


def _swelling() -> bytes:
    """An archive whose one tensor takes a few MB on the disk and 3 GB unpacked."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_saved({"a": torch.zeros(1)}))) as small,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
    ):
        for name in small.namelist():
            content = small.read(name)
            if name.endswith("data.pkl"):
                content = content.replace(b"K\x01tq", b"J\xff\xff\xff\x2ftq", 1)
            if name.endswith("data/0"):
                with file.open(name, "w", force_zip64=True) as opened:
                    for _ in range(3000):
                        opened.write(bytes(1 << 20))
            else:
                file.writestr(name, content)
    return packed.getvalue()


def _beside(card: Card, ending: str, content: bytes) -> Files:
    return {"tiny.json": _json(dataclasses.asdict(card)), f"tiny.{ending}": content}


def _json(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields).encode()


def _with_head(head: Mapping[str, Any], body: bytes) -> bytes:
    said = json.dumps(head).encode()
    return struct.pack("<Q", len(said)) + said + body


def _saved(what: object, old: bool = False) -> bytes:
    stored = io.BytesIO()
    torch.save(what, stored, _use_new_zipfile_serialization=not old)
    return stored.getvalue()
