"""Ledger: a score split into baseline, appearance, motion and interaction, and put in words."""
