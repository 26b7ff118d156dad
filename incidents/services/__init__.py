"""Acts on incidents, as a duty officer would say them."""
