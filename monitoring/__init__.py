"""Listening: polling sources, and the signals that rise from what is heard."""
