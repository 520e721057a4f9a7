"""Inspect: parameter counts, map sizes and structure of a network, without running a clip."""
