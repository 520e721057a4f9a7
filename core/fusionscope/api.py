"""Interface: the functions of ``import fusionscope`` that combine several subpackages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fusionscope.analysis.analysis import Analysis
from fusionscope.analysis.notebook import NotebookPlayer
from fusionscope.base.paths import data_folder
from fusionscope.base.records import InputError, Progress, no_progress, printable
from fusionscope.card import Card
from fusionscope.explain.edits.edit import Edit
from fusionscope.explain.edits.edit_list import AGAIN, edited_clip, edited_flow, read_edits
from fusionscope.explain.ledger.ledger import Ledger, Passes, passes_of_run
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import cards
from fusionscope.trace import Trace
from fusionscope.video import clip as video
from fusionscope.video.clip import Clip

if TYPE_CHECKING:
    from fusionscope.evaluation.evaluate import Evaluation
    from fusionscope.explain.attribution.records import Attribution

_GREY = (128.0, 128.0, 128.0)


def networks() -> dict[str, Card]:
    """List the networks that ``load_network`` can load, the best first: name -> card.

    They are included in the project, in the folder that ``FUSIONSCOPE_MODELS`` names, or in
    installed packages. ``fusionscope models`` also lists broken ones.
    """
    return cards()


def read_clip(
    path: str | Path,
    start: float | None = None,
    name: str | None = None,
    progress: Progress = no_progress,
    seconds: float | None = None,
) -> Clip:
    """Read a video file -> a clip: frames (N, H, W, 3) uint8 RGB at a constant rate.

    The short side becomes 256 pixels, the rate at most 30 frames a second. ``"toybox:8"``
    returns a generated clip instead: any number below 10^9, or two as in ``"toybox:8~21"`` (the
    scene of 8 with the moves of 21). ``"data:walk/a.mp4"`` is a video below the folder that
    ``FUSIONSCOPE_DATA`` names.

    Args:
        start: start of the clip in seconds; None: 0. At most 20 s are read; the clip's ``notes``
            say so.
        name: a title for the clip; None: the file's name.
        progress: called as ``progress(stage, done)``, ``done`` in 0..1.
        seconds: length of the clip; None: the file's, but at most 20.

    Raises:
        InputError: the file does not exist or is not a video.
    """
    if isinstance(path, str) and path.startswith("toybox:"):
        from fusionscope.data.toybox.clip_names import toy_plan_named
        from fusionscope.data.toybox.world import render

        return render(toy_plan_named(path.removeprefix("toybox:"))).clip
    if isinstance(path, str) and path.startswith("data:"):
        path = data_folder() / path.removeprefix("data:")
    return video.read_clip(path, start, name, progress, seconds=seconds)


def ledger(
    network: Network, run: Trace | Analysis, label: str | None = None, head: str | None = None
) -> Ledger:
    """Split one class's score: logit = baseline + appearance + motion + synergy, exactly.

    Four passes give the terms: both streams, either, neither. Absent appearance is the training
    mean, absent motion is zero flow. An ``Analysis`` already contains these passes.

    Args:
        run: the result of ``run`` or ``analyse`` for this network.
        label: a class of the network; None: the predicted class.
        head: ``spatial``, ``temporal``, ``spatiotemporal`` or ``average``; None: the
            deciding head, which is the average if there are several.

    Raises:
        InputError: the network has no such class or head, or has no trained classifier.
    """
    passes = run.passes if isinstance(run, Analysis) else passes_of_run(network, run)
    head, label = _asked(passes, network, label, head)
    return passes.ledger(head, label)


def attribute(
    network: Network,
    run: Trace | Analysis,
    method: str = "grad-cam",
    label: str | None = None,
    against: str | None = None,
    head: str | None = None,
    stage: str = "",
    progress: Progress = no_progress,
) -> Attribution:
    """Map the parts of a clip that determine the score of a class.

    The result's ``maps`` hold a ``StreamMap`` each for ``spatial`` and ``temporal`` (or ``fused``):
    ``cells`` (T, h, w) float, signed unless the method is ``grad-cam``; in units of the score,
    except for both Grad-CAMs.

    Args:
        run: the result of ``run`` or ``analyse`` for this network.
        method: grad-cam, grad-cam-signed, integrated-gradients, smoothgrad, occlusion or shapley.
        label: a class of the network; None: the predicted class.
        against: another class; explains the lead of ``label`` over it instead of its score.
        head: as in ``ledger``.
        stage: for both Grad-CAMs, STREAM.STAGE as in ``fused.relu5``; empty: the last one before
            the fusion.
        progress: called as ``progress("attribution", done)``; an exception raised there
            ends the work.

    Raises:
        InputError: there is no such method, class, head or stage.
    """
    from fusionscope.explain.attribution.attribute import attribute as explain
    from fusionscope.explain.target import Target

    if isinstance(run, Analysis):
        passes, trace = run.passes, run.trace
    else:
        passes, trace = passes_of_run(network, run), run
    head, label = _asked(passes, network, label, head)
    return explain(network, trace, method, Target(head, label, against or ""), stage, progress)


def edit(
    clip: Clip,
    edits: str | Sequence[Edit],
    *,
    network: Network | None = None,
    way: str = AGAIN,
    motion: Clip | None = None,
) -> tuple[Clip, np.ndarray]:
    """Edit a clip -> the edited clip and its flow, (N'-1, 2, H, W) pixels.

    Pass both to ``run`` or ``analyse``: some edits change the flow alone.

    Args:
        edits: joined by ``~``, settings by ``_``: ``"mirror~freeze_12_rest"``. The names are
            freeze, reverse, shuffle, speed, mirror, grey, blur, erase, zero, scale, method. An
            empty string changes nothing.
        network: its flow method and training mean are used; None: DIS and mid-grey.
        way: where the flow comes from: ``again``, computed on the edited frames; ``along``, the
            clip's own, transformed as the edits imply; ``keep``, the clip's own.
        motion: a clip whose motion replaces this clip's.

    Raises:
        InputError: an edit cannot be read, or the edited clip has too few or too many frames.
    """
    edits = read_edits(edits) if isinstance(edits, str) else tuple(edits)
    mean, method = (network.card.rgb_mean, network.card.flow) if network else (_GREY, "dis")
    edited = edited_clip(clip, edits, mean)
    return edited, edited_flow(clip, edited, edits, way, method=method, motion=motion)


def evaluate(
    network: Network,
    data: str,
    root: str | Path,
    *,
    folds: Collection[str] = (),
    split: int = 1,
    protocol: str = "fast",
    explain: bool = False,
    progress: Progress = no_progress,
) -> Evaluation:
    """Run a network on every clip of a data set.

    The result's ``accuracy`` is head -> share of correct clips in 0..1. Its ``heads`` contain each
    head's scores (n, K) and truth (n,). Its ``problems`` name the clips that could not be read.

    Args:
        data: jhmdb, ucf101, hmdb51, or folder (``label/clip.mp4``).
        root: the data set's folder.
        folds: the folds to measure on, ``("3",)`` or ``("test",)``; empty: all clips.
        split: of ucf101 and hmdb51, 1 to 3.
        protocol: ``fast``, one run a clip, or ``dense``, the paper's: 20 runs, each mirrored too.
        explain: also split the score of each label, with four times the passes.
        progress: called as ``progress("evaluate", done)``, ``done`` in 0..1.

    Raises:
        InputError: the data set, folder, fold or protocol does not exist, the network has other
            classes, or no clip could be read.
    """
    from fusionscope.data.datasets import open_data
    from fusionscope.evaluation.evaluate import evaluate as measure

    clips = open_data(data, Path(root), split)
    if folds:
        clips = clips.of([folds] if isinstance(folds, str) else folds)
    return measure(network, clips, protocol=protocol, explain=explain, progress=progress)


def show(analysis: Analysis) -> NotebookPlayer:
    """Play an analysis in a notebook, as the last expression of a cell.

    The player is that of the app, in a sandboxed iframe without server or network access, so it
    also plays in a saved notebook. An ``Analysis`` as the last expression does the same.

    Raises:
        InputError: the app's package, which contains the player, is not installed.
    """
    return analysis.player


def _asked(
    passes: Passes, network: Network, label: str | None, head: str | None
) -> tuple[str, str]:
    """The head and the class to explain; by default the deciding head and the predicted class."""
    card = network.card
    if not passes.taught:
        raise InputError(f"{card.name} has no trained classifier; needed: a network that has one")
    if head is not None and head not in passes.logits:
        raise InputError(
            f"{card.name} has no head {printable(head)!r}; it has {', '.join(passes.logits)}"
        )
    if label is not None and label not in passes.labels:
        raise InputError(
            f"{card.name} has no class {printable(label)!r}; it has {', '.join(passes.labels)}"
        )
    return head or passes.deciding, label or passes.said
