"""The acts of listening, source by source and signal by signal, one file a noun."""
