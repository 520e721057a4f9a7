"""Diagnostics: check which features work with a network, and check this machine."""
