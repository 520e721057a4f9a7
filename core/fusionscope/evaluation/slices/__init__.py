"""Slices: parts of a data set by what its file says of the clips."""
