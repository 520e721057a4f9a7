"""Learn: lessons as data files, each step a live view of the app with a question."""
