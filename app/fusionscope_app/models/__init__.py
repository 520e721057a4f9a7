"""Models: the parts of page Models."""
