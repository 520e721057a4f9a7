"""Hostile: a corpus of malicious and damaged files, generated from a few valid ones."""
