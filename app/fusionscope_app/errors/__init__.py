"""Errors: the parts of page Errors."""
