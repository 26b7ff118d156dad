"""Reads for the pages of this app, the rail and the API, one file per thing that is read."""
