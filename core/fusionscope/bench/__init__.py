"""Bench: time relative to the bare library calls, and how it scales.

Seconds vary between machines and over time. The ratio of two implementations that are timed
alternately is stable. Both must compute the same values; otherwise there is no ratio.
"""
