"""Training: recipes, clip sampling, the training loop, and its saved state."""
