"""Commands along a film of minutes."""
