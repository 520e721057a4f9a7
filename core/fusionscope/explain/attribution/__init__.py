"""Attribution: which part of either input a score comes from, by several methods."""
