"""Video: read a file into frames, estimate optical flow, prepare both as network inputs."""
