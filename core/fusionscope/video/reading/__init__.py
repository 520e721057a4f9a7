"""Reading: decode an untrusted video file to RGB frames in a separate process."""
