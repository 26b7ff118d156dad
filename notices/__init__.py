"""Who is told, on which channel, until somebody answers."""
