"""The drawing of how an incident moves, out of the code: `manage.py draw_lifecycle > docs/lifecycle.md`."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation
from django_fsm import State

from incidents.levels import Level, Stage
from incidents.models import Incident

HEAD = """# How an incident moves

Drawn from `incidents/lifecycle.py` by `manage.py draw_lifecycle > docs/lifecycle.md`; a test fails when the two differ.
Who may take a step stands in `incidents/permissions.py: STEPS`, one line for each. `services/move.py` is the only door.
"""


class Command(BaseCommand):
    help = "Prints the drawing of stages and levels as Markdown with Mermaid, from the transitions in the code."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("zh-hans"):
            self.stdout.write(drawing(), ending="")


def drawing() -> str:
    incident = Incident()
    stages = sorted(incident.get_all_stage_transitions(), key=order)
    levels = sorted(incident.get_all_level_transitions(), key=order)
    return "\n".join([HEAD, *section("Stage", Stage, stages), *section("Level", Level, levels)])


def section(heading: str, codes: Any, steps: Iterable[Any]) -> list[str]:
    """A diagram and a table of one field. Steps from every state are drawn from the states the code names."""
    steps = list(steps)
    names = {code.value: f"{'L' if isinstance(code.value, int) else ''}{code.value}" for code in codes}
    lines = [f"## {heading}", "", "```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{code.label} {code.value}" as {names[code.value]}' for code in codes]
    lines += [f"    {names[step.source]} --> {names[to]}: {step.name}" for step in steps for to in targets(step)]
    lines += ["```", "", "| step | from | to | what it means |", "|---|---|---|---|"]
    for name in dict.fromkeys(step.name for step in steps):
        alike = [step for step in steps if step.name == name]
        sources = " · ".join(str(codes(step.source).label) for step in alike)
        words = " ".join((alike[0].method.__doc__ or "").split())
        ends = "as it was"
        if alike[0].target is not None:
            ends = " · ".join(str(codes(to).label) for to in targets(alike[0]))
        lines.append(f"| `{name}` | {sources} | {ends} | {words} |")
    return [*lines, ""]


def targets(step: Any) -> list[Any]:
    """Where a step may end: one state, those that a computed target allows, or where it was."""
    if isinstance(step.target, State):
        return list(step.target.allowed_states)
    return [step.source if step.target is None else step.target]


def order(step: Any) -> tuple[str, str]:
    return step.name, str(step.source)
