"""Edits: what if the clip were another? Changes to pictures and flow, as data, one after another.

    text ─read_edits─▶ edits ─edited_clip──▶ Clip ─measure─┐ again
                         └─────moved_along───────────────┐ │
    flow (N-1, 2, H, W), own or another clip's ──────────┴─┴─▶ flow (N'-1, 2, H, W)

A new edit is one class, and one entry in ``core/explain/edits/stack.py``.
"""
