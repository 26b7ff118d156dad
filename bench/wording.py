"""The wording checks: statements a second; what they miss and where they cry wolf on a hundred statements of ours."""

import time
from pathlib import Path
from typing import Any

import yaml

from response.wording import findings

STATEMENTS = Path(__file__).parents[1] / "tests/response/data/statements.yaml"
FACTS = {1: "verified", 2: "verified", 3: "verified", 4: "checking", 5: "untrue", 6: "unverifiable"}
ROUNDS = 20


def read() -> dict[str, list[dict[str, Any]]]:
    """The statements by half: good, faulty, and of each those held back from tuning."""
    halves: dict[str, list[dict[str, Any]]] = {}
    for half, rows in yaml.safe_load(STATEMENTS.read_text(encoding="utf-8")).items():
        for row in rows:
            halves.setdefault(f"{half} held back" if row.get("held") else half, []).append({**row, "half": half})
    return halves


def codes(row: dict[str, Any]) -> set[str]:
    """What the checks say about a row. `element` counts for whole statements: most faulty ones are excerpts."""
    said = {one.rule for one in findings("说明", row["text"], kind=row["kind"], facts=FACTS)}
    return said if row["half"] == "good" or row.get("whole") else said - {"element"}


def measure() -> dict[str, dict[str, int]]:
    """For each half how many statements, missed codes and false alarms."""
    figures = {}
    for half, rows in read().items():
        pairs = [(codes(row), set(row.get("expect", ()))) for row in rows]
        figures[half] = {
            "statements": len(rows),
            "misses": sum(len(expected - said) for said, expected in pairs),
            "false_alarms": sum(len(said - expected) for said, expected in pairs),
        }
    return figures


def run() -> dict[str, float]:
    for half, figures in measure().items():
        print(f"  {half:<18} {figures['statements']:>3} statements, {figures['misses']} codes missed, "
              f"{figures['false_alarms']} false alarms")  # fmt: skip
    rows = [row for half in read().values() for row in half]
    began = time.perf_counter()
    for _round in range(ROUNDS):
        for row in rows:
            findings("说明", row["text"], kind=row["kind"], facts=FACTS)
    return {"statements checked": ROUNDS * len(rows) / (time.perf_counter() - began)}
