"""The acts of listening: posts taken in, sorted, and the watches that want them."""
