"""The calendar of duty: days, stretches of time, files for phones."""
