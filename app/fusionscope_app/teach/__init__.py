"""Teach: the parts of page Teach."""
