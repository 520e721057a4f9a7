"""Toybox: generated clips with known classes, flow, masks and best possible accuracy."""
