"""Explain: what a run says, in numbers, maps and words."""
