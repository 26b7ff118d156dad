"""The benchmarks: `make bench`. One file a subject; machines differ, so what counts are the ratios within one run.

A module's first docstring line is its title. Its `run() -> dict[str, float]` says how many a second of each thing; the
first is the yardstick. It may write to the database: every run has a scratch one.
"""
