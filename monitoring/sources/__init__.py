"""Making sources: from a form of RSSHub, from a list."""
