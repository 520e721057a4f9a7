"""Hostile: a corpus of files that mean harm, or suffered it, made by code from a few good ones."""
