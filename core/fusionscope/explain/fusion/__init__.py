"""Fusion: contributions of both streams to a fused unit, and the effect of misregistration."""
