"""Nets: towers, the ways to fuse them, the network they make, and the zoo of trained ones."""
