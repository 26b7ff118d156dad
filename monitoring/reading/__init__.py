"""From bytes to posts. `apart.read_feed` is the door; what lies behind it knows no Django, no clock and no network."""
