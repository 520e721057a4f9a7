"""Markup: HTML that several pages share."""
