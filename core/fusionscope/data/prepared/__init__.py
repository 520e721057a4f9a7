"""Prepared: a compact store of a data set's frames and flow, made once and read many times."""
