"""Flow: the sections of the Flow page."""
