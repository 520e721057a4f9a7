"""Operators: the ways to fuse two feature maps, each of which describes itself to every page."""
