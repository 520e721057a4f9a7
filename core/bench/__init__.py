"""Bench: what this costs beside the bare library calls it stands on, and how that grows.

Seconds differ from machine to machine and from hour to hour; a ratio of two ways that are timed one
after the other, again and again, does not. Both must find the same numbers, or there is no ratio.
"""
