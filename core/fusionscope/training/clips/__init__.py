"""Clips of a training: which are usable, and the chunks and crops that are drawn from them."""
