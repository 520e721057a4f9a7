"""Kinds of data sets: their names, for the command line and for errors; imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

KINDS = ("jhmdb", "ucf101", "hmdb51", "kinetics", "something", "list", "folder")

SPLITS: Mapping[str, int] = MappingProxyType({"ucf101": 3, "hmdb51": 3})
"""Data set -> number of its official splits into train and test, where there are several."""
