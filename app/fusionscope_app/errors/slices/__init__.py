"""Slices: the view of page Errors that compares parts of a data set."""
