"""Predictions: commands on predictions files."""
