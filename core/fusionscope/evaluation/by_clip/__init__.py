"""By clip: a network's inputs and outputs for single clips, in blocks that any process can do."""
