"""The parts of page Explore that show a film of minutes."""
