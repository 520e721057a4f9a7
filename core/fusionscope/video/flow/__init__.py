"""Flow: optical flow by several methods, its quality and its computing time."""
