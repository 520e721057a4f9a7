"""What if: the sections of the What if page."""
