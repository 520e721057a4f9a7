"""Compare: the sections of the Compare page."""
