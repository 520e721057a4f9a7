"""Kept: analyses of bundled clips in files, so that a first page waits for no network."""
