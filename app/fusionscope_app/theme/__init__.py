"""Theme: colours and styles."""
