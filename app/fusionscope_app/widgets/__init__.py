"""Widgets: controls that several pages share."""
