"""Exports: a film's windows as a CSV table, and as subtitles for a video player."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from fusionscope.analysis.windows.bands import Band, bands, disagreements, stream_bands
from fusionscope.analysis.windows.window import Window
from fusionscope.base.numbers import class_name
from fusionscope.base.records import percent


def csv_of(windows: Sequence[Window]) -> str:
    """One row a window: start, end (seconds), class and probability of each band, disagree.

    A stream without a head of its own is a band too: the final prediction with the other stream
    replaced.
    """
    found = bands(windows)
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    columns = [column for band in found for column in (band.name, f"{band.name}_p")]
    table.writerow(["start", "end", *columns, "disagree"])
    for n, (one, disagree) in enumerate(zip(windows, disagreements(windows), strict=True)):
        cells = [cell for b in found for cell in (one.labels[int(b.labels[n])], f"{b.p[n]:.4f}")]
        table.writerow([f"{one.start:.3f}", f"{one.end:.3f}", *cells, int(disagree)])
    return out.getvalue()


def vtt_of(windows: Sequence[Window]) -> str:
    """WebVTT subtitles: the final prediction, and the streams where they disagree.

    A cue lasts while all of it stays the same.
    """
    if not windows:
        return "WEBVTT\n"
    found = bands(windows)
    streams = stream_bands(found)
    apart = disagreements(windows)
    final = [windows[0].labels[int(k)] for k in found[0].labels]
    said = [
        (final[n], *(_class(windows, band, n) for band in streams.values() if apart[n]))
        for n in range(len(windows))
    ]
    cues = ["WEBVTT\n"]
    first = 0
    for past in range(1, len(windows) + 1):
        if past < len(windows) and said[past] == said[first]:
            continue
        end = windows[past].start if past < len(windows) else windows[-1].end
        p = percent(float(found[0].p[first:past].mean()))
        text = f"{_escaped(class_name(final[first]))} ({p})"
        if apart[first]:
            text += "\n" + "; ".join(
                f"{stream}: {_escaped(class_name(label))}"
                for stream, label in zip(streams, said[first][1:], strict=True)
            )
        cues.append(f"{_stamp(windows[first].start)} --> {_stamp(end)}\n{text}\n")
        first = past
    return "\n".join(cues)


def _class(windows: Sequence[Window], band: Band, n: int) -> str:
    return windows[0].labels[int(band.labels[n])]


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _escaped(text: str) -> str:
    """A class name as WebVTT text: no markup, no arrow that would look like times."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(text.split())
