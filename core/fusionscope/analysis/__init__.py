"""Analysis: a run made showable: maps, pictures, films and arrays."""
