"""Reads that feed pages: curves from counts, and what a page about one thing needs."""
