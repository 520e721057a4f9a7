"""Evaluation: run a network on a data set; predictions files, statistics, and their summary."""
