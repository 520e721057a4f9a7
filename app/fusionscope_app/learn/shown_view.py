"""Shown view: what an address shows on a page, opened from the results that pages share.

A page that shows the view has computed all of it, so that nothing is computed twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from fusionscope.base.records import InputError, printable
from fusionscope.card import Card
from fusionscope_app.state import clip_sources, clips, results
from fusionscope_app.state.opened import Opened

if TYPE_CHECKING:  # the parts of one page are imported when a lesson needs them
    import numpy as np

    from fusionscope.evaluation.head_trial import HeadTrial
    from fusionscope.explain.fusion.lens import Lens
    from fusionscope.explain.ledger.ledger import Passes
    from fusionscope_app.what_if.edits_in_address import Stack


class ShownView:
    """The runs behind a page; each is opened when it is first asked for.

    Args:
        page: the page's name.
        address: its parameters, as the address writes them.
    """

    def __init__(self, page: str, address: Mapping[str, str]) -> None:
        self.page = page
        self._address = address

    def _card(self, parameter: str, usual: str = "") -> Card:
        known = results.models()
        name = self._address.get(parameter) or usual
        if name not in known:
            raise InputError(f"there is no model {printable(name)!r} in {parameter}")
        return known[name]

    @cached_property
    def card(self) -> Card:
        """The card of the network."""
        return self._card("model", next(iter(results.models())))

    @cached_property
    def run(self) -> Opened:
        """The network's run on the clip."""
        return self._run_of(self.card)

    @cached_property
    def other(self) -> Opened:
        """The run of the network that it is compared with."""
        return self._run_of(self._card("other"))

    def _run_of(self, card: Card) -> Opened:
        known = clips.known_of(self._address.get("clip") or clip_sources.bundled()[0])
        clip = clips.clip_of(known.id)
        if self.page == "explore" and known.id in clip_sources.bundled():
            kept = results.kept_analysis_of(known.id, clip, card)
            if kept is not None:
                return Opened(known, kept)
        return Opened(known, results.analysis_of(clip, card))

    @property
    def _place(self) -> str:
        """The fusion of the address, else the last one that has a grid of cells."""
        from fusionscope_app.fusion import selection

        places = [at for at in self.card.places if selection.can_move(self.run, at)]
        if not places:
            raise InputError(f"{self.card.name} fuses no maps with a grid of cells")
        named = self._address.get("place", "")
        return named if named in places else places[-1]

    @cached_property
    def lens(self) -> Lens:
        """The fused unit at the cell of the address, else the most influential one."""
        from fusionscope.explain.fusion.unit_evidence import strongest, telling_cell
        from fusionscope_app.fusion import results as fusion_results

        place = self._place
        evidence = fusion_results.evidence_of(self.run, place)
        unit = int(self._address.get("unit") or strongest(evidence, 1)[0])
        found = [int(part) for part in self._address.get("cell", "").split(".") if part.isdecimal()]
        cell = (found[0], found[1], found[2]) if len(found) == 3 else telling_cell(evidence, unit)
        return fusion_results.lens_of(self.run, place, unit, cell)

    @cached_property
    def moved(self) -> np.ndarray:
        """(K,) scores of the deciding head with motion moved against appearance."""
        from fusionscope.explain.fusion.misregistration import Displacement
        from fusionscope_app.fusion import results as fusion_results

        move = Displacement(
            *(self._whole(f"fusion_move_{way}") for way in ("right", "down", "later")),
            mirror=self._address.get("fusion_move_mirror") == "true",
            shuffle=0 if self._address.get("fusion_move_shuffle") == "true" else None,
        )
        return fusion_results.displaced_of(self.run, self._place, [move])[0]

    def _whole(self, parameter: str) -> int:
        text = self._address.get(parameter, "")
        return int(text) if text.removeprefix("-").isdecimal() and text.isascii() else 0

    @cached_property
    def after(self) -> Passes:
        """The four passes on the edited clip."""
        from fusionscope_app.what_if import results as edits

        return edits.edited_of(self.run, self._stack).passes

    @cached_property
    def truth_after(self) -> str:
        """The true class of the edited clip."""
        from fusionscope_app.what_if import results as edits

        if not (truth := edits.truth_of(self.run.known, self._stack)):
            raise InputError("the true class of the edited clip is not known")
        return truth

    @cached_property
    def _stack(self) -> Stack:
        from fusionscope.explain.edits.edit_list import AGAIN, KEEP, read_edits
        from fusionscope_app.what_if.edits_in_address import Stack

        edits, motion = read_edits(self._address.get("edits", "")), self._address.get("motion", "")
        stack = Stack(edits, self._address.get("way") or (KEEP if motion else AGAIN), motion)
        if stack.empty:
            raise InputError("the clip is not edited")
        return stack

    @cached_property
    def trial(self) -> HeadTrial:
        """The heads that page Errors compares, on all their clips."""
        from fusionscope.evaluation.head_trial import align_heads, heads_by_role
        from fusionscope_app.errors.predictions_folder import read_folder
        from fusionscope_app.errors.trial_choice import by_classes

        together = by_classes(read_folder()[0])
        if not together:
            raise InputError("there are no predictions")
        heads = together[0].heads
        named = {": ".join(pair): pair for pair in heads}
        cast = heads_by_role(together[0])
        asked = {role: named.get(self._address.get(f"errors_{role}", "")) for role in cast}
        played = {role: asked[role] or usual for role, usual in cast.items()}
        return align_heads(**{role: heads[pair] for role, pair in played.items() if pair})
