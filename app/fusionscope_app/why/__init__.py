"""Why: the sections of the Why page."""
