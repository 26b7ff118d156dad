"""The forms of listening, one file a page."""
