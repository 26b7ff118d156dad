"""Reads that feed the incident pages."""
