"""Toybox training: a series of networks with different fusions, on shared towers."""
