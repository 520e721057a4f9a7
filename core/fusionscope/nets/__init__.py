"""Nets: towers, fusion operators, the two-stream network, and the catalogue of trained ones."""
