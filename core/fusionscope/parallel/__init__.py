"""Parallel: the same work in this process, in several processes, or on a cluster of machines."""
