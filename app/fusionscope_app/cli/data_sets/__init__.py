"""Data sets: commands that work through all clips of a data set, and what they share."""
