"""The tamper-evident trail: what people and vendors did, in a hash chain nobody can edit."""
