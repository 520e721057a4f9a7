"""Links: addresses of pages with random errors in every parameter that a page reads.

``LINKS`` are good ones. What a page takes as it comes (what is wrong there is as if it were not)
is mangled all at once, each value in another way; what can end in a sentence, one at a time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote, urlencode

from fusionscope.explain.edits.edit_list import EDITS, MOST, write_edits
from tests.hostile.case import REFUSED, SANE, WHOLE
from tests.hostile.lures import Bait

MARK = "fs-evil"  # no element, word or address of ours has it
HERE: Mapping[str, str] = MappingProxyType({"clip": "toybox:8", "model": "toybox-temporal"})
FUSED = {**HERE, "model": "toybox-conv"}

NAMES = (f"<{MARK}>.mp4", f"[{MARK}](javascript:alert(1)) $${MARK}$$.mp4", "a\n\tb\"'.mp4")
"""Of clips that are there."""

LINKS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "": {**HERE, "expected": "down, then up", "pin": "12.250.500.temporal"},
        "fusion": {
            **FUSED,
            **{"place": "relu5", "stage": "fused.relu5", "unit": "3", "cell": "1.2.3"},
            **{"fusion_move_right": "1", "fusion_move_down": "-1", "fusion_move_later": "1"},
            **{"fusion_move_mirror": "true", "fusion_move_shuffle": "true", "fusion_swap": "max"},
        },
        "why": {
            **HERE,
            **{"target": "down, then up", "against": "up, then down", "head": "temporal"},
            **{"method": "grad-cam", "stage": "temporal.relu5"},
        },
        "what_if": {**HERE, "edits": "mirror~zero", "way": "along", "motion": "toybox:21"},
        "flow": {**HERE, "methods": "dis.farneback", "drawn": "speed"},
        "compare": {**HERE, "other": "toybox-late"},
        "errors": {
            **{"errors_view": "Confusion", "errors_part": "rescued", "errors_truth": "clap"},
            **{"errors_said": "catch", "errors_sure": "0.5 to 0.6", "errors_text": "a"},
            **{"errors_spatial": "jhmdb-late: spatial", "errors_late": "jhmdb-late: average"},
            "errors_temporal": "jhmdb-late: temporal",
            "errors_fused": "jhmdb-conv: spatiotemporal",
        },
        "models": {"model": "toybox-temporal"},
    }
)
ALONE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{"": ("clip", "model"), "what_if": ("edits", "way", "motion")},
        **{"compare": ("other",), "models": ("model",)},
    }
)
"""What can end in a sentence, or stands alone."""


@dataclass(frozen=True)
class Link:
    """A page and its query string, as sent by a browser."""

    name: str
    page: str
    query: str
    may: str = SANE  # any page, or a sentence; REFUSED, WHOLE: one of them


def links(bait: Bait, seed: int = 0) -> Iterator[Link]:
    """All of them, each with a name of its own."""
    dice = random.Random(seed)
    for page, good in LINKS.items():
        yield Link(f"good-{page}", page, urlencode(good))
        yield from _all_at_once(page, good, bait, dice)
        for key in ALONE.get(page, ()):
            ways = [*_mangled(good[key], bait, dice).items()]
            if key != "clip":  # what names one of a list is mangled in some of them
                ways = dice.sample(ways, 15)
            for name, value in ways:
                yield Link(f"{page}-{key}-{name}", page, _query(good, **{key: value}))
        whole = urlencode(good)
        for at in sorted(dice.sample(range(len(whole)), 5)):
            yield Link(f"{page}-cut-{at}", page, whole[:at])
    yield from _clips(bait)
    yield from _edits()
    yield from _queries()


def _all_at_once(
    page: str, good: Mapping[str, str], bait: Bait, dice: random.Random
) -> Iterator[Link]:
    """Values that are taken as they come; each link mangles every one in another way."""
    keys = [key for key in good if key not in (*ALONE.get(page, ()), *HERE)]
    ways = [[*_mangled(good[key], bait, dice).values()] for key in keys]
    for first in range(0, len(ways[0]) if keys else 0, 2):
        changed = {
            key: values[(first + 7 * at) % len(values)]
            for at, (key, values) in enumerate(zip(keys, ways, strict=True))
        }
        yield Link(f"{page}-all-{first}", page, _query(good, **changed))


def _query(good: Mapping[str, str], **changed: str) -> str:
    """A query string with changed values verbatim and the rest encoded."""
    rest = {key: value for key, value in good.items() if key not in changed}
    return "&".join([urlencode(rest), *(f"{key}={value}" for key, value in changed.items())])


def _mangled(good: str, bait: Bait, dice: random.Random) -> dict[str, str]:
    """Name of a change -> the changed value, as in the address."""
    texts = {
        **{"empty": "", "blank": "   ", "long": "x" * 100_000, "doubled": good * 2},
        **{"capital": good.upper() + "A", "cut": good[: dice.randint(0, max(0, len(good) - 1))]},
        **{"minus": "-1", "huge": "9" * 4000, "large": str(2**63), "below": "-9" + "9" * 30},
        **{"float": "1.5", "tiny": "1e-400", "beyond": "1e999", "nan": "nan", "inf": "-inf"},
        **{"hex": "0x10", "arabic": "\u0663", "super": "\u00b2", "under": "1_0", "plus": "+1"},
        **{"none": "None", "true": "true", "list": "[1,2]", "object": '{"a":1}', "points": "." * 9},
        **{"nul": "a\0b", "lines": "a\r\nSet-Cookie: a=b\r\n", "escape": "\x1b[31m\x07\x08\x7f"},
        **{"right": "\u202eabc", "emoji": "\N{GRINNING FACE}" * 50, "marks": "e" + "\u0301" * 500},
        **{"passwd": "../../../../etc/passwd", "root": "/etc/passwd", "wide": "..%2f..%2f"},
        **{"file": f"file://{bait.film}", "http": f"{bait.address}/{MARK}.png"},
        "script": f"<{MARK}><script>fetch('{bait.address}')</script>",
        "picture": f'"><img src="{bait.address}/{MARK}" onerror="alert(1)">',
        "markdown": f"![{MARK}]({bait.address}/a.png) [{MARK}](javascript:alert(1)) `{MARK}`",
        "formula": f"$${MARK}$$ :red[{MARK}] :material/{MARK}: {bait.address}/{MARK}",
        **{"sql": "'; DROP TABLE clips; --", "format": "%s%n{0.__class__}{{7*7}}${7*7}"},
        **{"magic": "__class__", "proto": "__proto__", "upload": "upload:123456789abc"},
    }
    raw = {
        **{"percent": "%", "half": "%c3%28", "digits": "%zz", "old": "%u0041", "twice": "%252e"},
        **{"lone": "%ED%A0%80", "raw": "\u00fc\u2713", "semi": ";a=b", "equals": "==="},
        "repeated": f"{quote(good)}&{MARK}={quote(good)}",
    }
    return {name: quote(text) for name, text in texts.items()} | raw


def _clips(bait: Bait) -> Iterator[Link]:
    """Clips that are not of the data folder, by every way that leads there; and odd ones."""
    film, beside = str(bait.film), f"../{bait.film.parent.name}/{bait.film.name}"
    names = {
        **{"absolute": film, "up": beside, "double": f"/{film}", "url": "data:"},
        **{"inner": f"sub/../{beside}", "dots": f"....//{bait.film.name}"},
        **{"link": "link.mp4", "through": f"away/{bait.film.name}", "root": "root/etc/passwd"},
        **{"pipe": "pipe.mp4", "self": "self/" * 30 + "good.mp4", "ring": "ring.mp4"},
        **{
            "back": beside.replace("/", "\\"),
            "drive": "C:\\a.mp4",
            "share": "\\\\127.0.0.1\\a.mp4",
        },
        **{"proc": "/proc/self/environ", "fd": "/proc/self/fd/0", "dev": "/dev/stdin"},
        **{"concat": f"concat:{film}|{film}", "file": f"file:{film}", "http": bait.address},
        **{"here": ".", "nul": f"good.mp4\0{film}", "home": "~/a.mp4", "text": "notes.txt"},
        **{"dash": "-i", "variable": "$HOME/a.mp4", "glob": "*.mp4", "hidden": ".hidden.txt"},
    }
    for name, inside in names.items():
        may = SANE if name == "self" else REFUSED
        yield Link(f"clip-data-{name}", "", urlencode({**HERE, "clip": f"data:{inside}"}), may)
        if name in ("absolute", "up", "link", "through", "pipe", "proc", "nul", "text", "self"):
            query = urlencode({**HERE, "motion": f"data:{inside}"})
            yield Link(f"motion-data-{name}", "what_if", query, may)
    for number, named in enumerate(NAMES):
        for page in ("", "fusion", "why", "what_if", "flow", "compare"):
            query = urlencode({**LINKS[page], "motion": "", "clip": f"data:{named}"})
            yield Link(f"{page}-named-{number}", page, query, WHOLE)
    for name, clip in {
        **{"good": "data:good.mp4", "again": "data:again.mp4", "kind": "DATA:good.mp4"},
        **{"twice": "data:data:good.mp4", "alone": "data", "other": "http:good.mp4"},
        **{"minus": "toybox:-1", "large": "toybox:9999999999", "zeros": "toybox:000000008"},
        **{"twin": "toybox:8~8~8", "many": "toybox:" + "8~" * 5000, "arabic": "toybox:\u0668"},
        **{"most": "toybox:999999999", "blank": "toybox: 8", "upload": "upload:../../good.mp4"},
    }.items():
        yield Link(f"clip-{name}", "", urlencode({**HERE, "clip": clip}))


def _edits() -> Iterator[Link]:
    """Every field of every edit with absurd values; many edits, deep ones, none."""
    odd = ("", "nan", "-inf", "1e999", "-1", "9" * 400, "1.5", "\u0663", "a", "rest", "\0")
    texts = {}
    for name, kind in EDITS.items():
        good = write_edits([kind()]).split("_")
        for at in range(1, len(good)):
            for number, value in enumerate(odd):
                # each value meets each kind of edit; not each of its fields, which are alike
                if (number + at) % max(1, len(good) - 1) == 0:
                    texts[f"{name}-{at}-{number}"] = "_".join([*good[:at], value, *good[at + 1 :]])
        texts[f"{name}-more"] = "_".join([*good, "1"])
    texts |= {
        **{"thousands": "~".join(["mirror"] * 5000), "empty": "~" * 20, "all": "~".join(EDITS)},
        **{"one-more": "~".join(["mirror"] * (MOST + 1)), "deep": "mirror" + "_(" * 3000},
        **{"slow": "~".join(["speed_0.25"] * MOST), "fast": "~".join(["speed_4"] * MOST)},
        **{"still": "~".join(["speed_4"] * 4 + ["freeze_0_rest"]), "blank": " mirror"},
        **{"same": "~".join(["reverse"] * MOST), "blur": "blur_32", "wrong": "mirror~nothing"},
        **{"box": "erase_1_1_1_1_0_599", "last": "freeze_599_rest", "pieces": "shuffle_0_300"},
        **{"hot": "~".join(["scale_4"] * MOST), "html": f"<{MARK}>"},
    }
    for name, text in texts.items():
        yield Link(f"edits-{name}", "what_if", urlencode({**HERE, "edits": text}))


def _queries() -> Iterator[Link]:
    """Addresses that are wrong as a whole, and pages that are none."""
    good = urlencode(HERE)
    for name, query in {
        **{"none": "", "question": "?" + good, "ands": "&" * 500, "equals": "=" * 500},
        **{"fields": "&".join(f"a{n}=1" for n in range(5000)), "nul": "\0", "hash": "#" + good},
        **{"keys": f"{good}&<{MARK}>=1&__proto__=1&clip[]=1&a.b=2", "long": f"a={'x' * 600_000}"},
        **{"embed": f"{good}&embed=true&embed_options=x", "twice": f"{good}&clip=toybox:nine"},
        **{"values": f"{good}&" + "&".join(f"clip=toybox:{n}" for n in range(500))},
        **{"case": "CLIP=toybox:8&Model=toybox-temporal", "entity": good.replace("&", "&amp;")},
        **{"state": f"{good}&address=1&opened=1&upload_folder=/tmp&uploads=1&pin=1&whatif_way=x"},
    }.items():
        yield Link(f"query-{name}", "", query)
    other = urlencode([pair for values in LINKS.values() for pair in values.items()])
    for page in LINKS:
        yield Link(f"query-of-all-{page}", page, other)
    for page in (
        "../fusion",
        "fusion/",
        "x" * 5000,
        f"<{MARK}>",
        "\0",
        "views/why.py",
    ):
        yield Link(f"page-{page[:20]}", page, good)
