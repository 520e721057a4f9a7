"""Edits: changes to a clip's frames and flow, as data, applied in order.

    text ─read_edits─▶ edits ─edited_clip──▶ Clip ─measure─┐ again
                         └─────moved_along───────────────┐ │
    flow (N-1, 2, H, W), own or another clip's ──────────┴─┴─▶ flow (N'-1, 2, H, W)

A new edit is one class, and one entry in ``fusionscope.explain.edits.edit_list``.
"""
