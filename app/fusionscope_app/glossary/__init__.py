"""Glossary: what the terms on the pages mean, and the steps of the tour, as data."""
