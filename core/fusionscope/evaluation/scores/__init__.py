"""Scores: what other programs write of their networks' scores, read as predictions."""
