"""The people pages: directory, roles, authority, one's own settings."""
