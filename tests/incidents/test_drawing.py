"""The drawing in docs/, the table of who may, and the code say the same."""

import io
import re

from django.conf import settings
from django.core.management import call_command

from incidents.models import Incident
from incidents.permissions import STEPS
from incidents.services.move import EVENTS

DRAWN = settings.BASE_DIR / "docs" / "lifecycle.md"


def test_the_drawing_is_what_the_code_draws():
    out = io.StringIO()
    call_command("draw_lifecycle", stdout=out)
    assert DRAWN.read_text("utf-8") == out.getvalue()  # else: manage.py draw_lifecycle > docs/lifecycle.md


def test_every_arrow_is_a_step_with_a_rule_and_a_name_on_the_timeline():
    arrows = set(re.findall(r"^    \w+ --> \w+: (\w+)$", DRAWN.read_text("utf-8"), re.M))
    incident = Incident()
    steps = {step.name for step in (*incident.get_all_stage_transitions(), *incident.get_all_level_transitions())}
    assert arrows == steps == set(STEPS) == set(EVENTS)
