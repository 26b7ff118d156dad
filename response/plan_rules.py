"""What must hold between the lines of a plan, and what differs between two of its versions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar


class Line(Protocol):
    """A line of the plan, as far as these rules look at it."""

    level: int
    key: str
    waits_for: list[str]


L = TypeVar("L", bound=Line)


def missing_keys(lines: Iterable[L]) -> list[tuple[L, str]]:
    """Lines with a key they wait for that no line of their level has, or that is their own."""
    lines = list(lines)
    there = {(line.level, line.key) for line in lines}
    return [
        (line, key) for line in lines for key in line.waits_for if (line.level, key) not in there or key == line.key
    ]


def circle(lines: Iterable[L]) -> list[L]:
    """Lines that wait for one another so that none can ever begin; empty where there is no such circle."""
    left = list(lines)
    while True:
        waiting = {(line.level, line.key) for line in left}
        stuck = [line for line in left if any((line.level, key) in waiting for key in line.waits_for)]
        if len(stuck) == len(left):
            return stuck
        left = stuck


def repeated_keys(lines: Iterable[L]) -> list[L]:
    """Lines whose key a line of the same level had before."""
    seen: set[tuple[int, str]] = set()
    again = []
    for line in lines:
        if (line.level, line.key) in seen:
            again.append(line)
        seen.add((line.level, line.key))
    return again


@dataclass(frozen=True, slots=True)
class Change:
    """One line of one level in two versions. `fields` are (name, before, after) of a changed one."""

    kind: Literal["added", "removed", "changed"]
    level: int
    key: str
    title: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


def changes(before: Sequence[Any], after: Sequence[Any], fields: Sequence[str]) -> list[Change]:
    """What was added, removed and changed, by level and in the order of the later version; removed ones come last.

    A line is the same one when level and key are. Places are compared among the lines both have, so that one that
    was put in above does not make all others move.
    """
    old, new = by_place(before), by_place(after)
    moved = moved_lines([place for place in old if place in new], [place for place in new if place in old])
    found = []
    for place, line in new.items():
        if place not in old:
            found.append(Change("added", *place, line.title))
            continue
        was = old[place]
        differ = [(name, getattr(was, name), getattr(line, name)) for name in fields]
        differ = [(name, one, other) for name, one, other in differ if one != other]
        if place in moved:
            differ.append(("order", was.order, line.order))
        if differ:
            found.append(Change("changed", *place, line.title, tuple(differ)))
    found += [Change("removed", *place, line.title) for place, line in old.items() if place not in new]
    return sorted(found, key=lambda change: change.level)


Place = tuple[int, str]


def by_place(lines: Iterable[Any]) -> dict[Place, Any]:
    return {(line.level, line.key): line for line in lines}


def moved_lines(before: Sequence[Place], after: Sequence[Place]) -> set[Place]:
    """Those that must be taken out and put elsewhere to make one order of the other: as few as possible.

    All that are not in a longest common run of both orders.
    """
    rank: Mapping[Place, int] = {place: number for number, place in enumerate(before)}
    best: list[list[Place]] = []  # best[n]: the longest run that ends with the nth of `after`
    for number, place in enumerate(after):
        before_it = [best[m] for m in range(number) if rank[after[m]] < rank[place] and after[m][0] == place[0]]
        best.append([*max(before_it, key=lambda run: len(run), default=[]), place])
    stay: set[Place] = set()
    for level in {place[0] for place in after}:
        runs = [run for run in best if run[-1][0] == level]
        longest = max(runs, key=lambda run: len(run))
        stay.update(longest)
    return set(after) - stay
