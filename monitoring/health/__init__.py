"""How well a source is heard, in words: its states, and what a person can do about each."""
