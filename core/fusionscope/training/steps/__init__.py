"""Steps: what a training step changes, at which rate, and the state after it."""
