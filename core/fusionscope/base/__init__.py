"""Base: records, files, folders and memory errors, used everywhere and independent of video."""
