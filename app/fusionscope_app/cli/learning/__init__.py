"""Commands that make networks: train and teach."""
