"""Towers: the layers of one stream, built here or by timm."""
