"""App: the browser's face and the command line. It knows no torch: core does the work."""
