"""Video: a file becomes frames, frames become flow, both become what a network is fed."""
